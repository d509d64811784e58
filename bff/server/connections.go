package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source/driver"
)

// vendors answers GET /api/vendors.
func (s *Server) vendors(w http.ResponseWriter, _ *http.Request) error {
	out := wire.Vendors{Vendors: []wire.Vendor{}, Demo: len(s.o.Demo) > 0, Version: s.o.Version, MaskKey: fmt.Sprintf("%016x", s.o.MaskKey)}
	for _, v := range s.o.Vendors {
		c := v.Capabilities
		wv := wire.Vendor{
			Name: v.Name, Title: v.Title, Account: wireField(v.Account), Credentials: []wire.Field{}, Regions: []wire.Region{}, Needs: v.Needs,
			Capabilities: wire.Capabilities{
				PageSize: c.MaxLimit, MaxRows: c.MaxRows, MaxSpanS: int64(c.MaxSpan.Seconds()), RetentionS: int64(c.Retention.Seconds()),
				TimeoutS: int64(c.Timeout.Seconds()), PollS: int64(c.Poll.Seconds()), Whole: c.Whole, Jobs: c.Jobs, Items: c.Items,
				CapReason: c.CapReason, ExpiredReason: c.ExpiredReason, Cost: c.Cost,
			},
		}
		for _, f := range v.Credentials {
			wv.Credentials = append(wv.Credentials, wireField(f))
		}
		for _, r := range v.Regions {
			host := strings.ReplaceAll(r.URL, "{account}", "…")
			if u, err := url.Parse(host); err == nil {
				host = u.Host + u.Path
			}
			demo, ok := s.o.Demo[v.Name]
			wv.Regions = append(wv.Regions, wire.Region{
				Name: r.Name, Label: r.Label, Host: host, Operator: r.Operator, Demo: ok && demo.Region == r.Name,
			})
		}
		out.Vendors = append(out.Vendors, wv)
	}
	return writeJSON(w, http.StatusOK, out)
}

func wireField(f driver.Field) wire.Field {
	return wire.Field{Name: f.Name, Label: f.Label, Help: f.Help, Secret: f.Secret, Optional: f.Optional}
}

// connections answers GET /api/connections: those of the asker, session or token.
func (s *Server) connections(w http.ResponseWriter, r *http.Request) error {
	out := wire.Connections{Connections: []wire.Connection{}}
	for _, c := range s.who(r).Connections() {
		out.Connections = append(out.Connections, wireConnection(c))
	}
	return writeJSON(w, http.StatusOK, out)
}

func wireConnection(c session.Connection) wire.Connection {
	return wire.Connection{
		ID: c.ID, Vendor: c.Vendor, Region: c.Region, Account: c.Account, Label: c.Label, Demo: c.Demo,
		Address: logs.Target{Vendor: c.Vendor, Region: c.Region, Account: c.Account}.String(),
		Created: c.Created, Verified: c.Verified,
	}
}

// connect answers POST /api/connections: it proves the credentials with a real
// call before it keeps them.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) error {
	var in wire.Connect
	if err := readJSON(r, &in); err != nil {
		return err
	}
	creds := map[string]secret.Value{}
	if in.Demo {
		d, ok := s.o.Demo[in.Vendor]
		if !ok {
			return fault.New(fault.Invalid, "connect").Saying("there is no demo of \"" + cut(in.Vendor) + "\" here; start logpane with --demo")
		}
		in.Region, in.Account, creds = d.Region, d.Account, d.Credentials
	}
	v, _, err := s.accounts.vendor(in.Vendor, in.Region)
	if err != nil {
		return err
	}
	if !in.Demo {
		if creds, err = credentials(v, in.Credentials); err != nil {
			return err
		}
	}
	if in.Account == "" && v.ImpliedAccount != nil {
		in.Account = v.ImpliedAccount(creds)
	}
	if in.Account == "" {
		return fault.New(fault.Invalid, "connect").Saying(v.Account.Label + " is missing")
	}
	if len(in.Account) > 200 {
		return fault.New(fault.Invalid, "connect").Saying(v.Account.Label + " is longer than 200 characters")
	}
	if !in.Demo {
		if err := s.limits.take("session "+s.o.Sessions.View(r.Context()).Handle(), connecting); err != nil {
			return err
		}
		if from := client(r); from != "" {
			if err := s.limits.take("connect "+from, connecting); err != nil {
				return err
			}
		}
	}
	src, err := s.accounts.source(in.Vendor, in.Region, in.Account, creds)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), verifyLimit)
	defer cancel()
	if err := src.Verify(ctx); err != nil {
		return err
	}
	now := s.o.Now().UTC()
	c, err := s.o.Sessions.Add(r.Context(), session.Connection{
		Vendor: in.Vendor, Region: in.Region, Account: in.Account, Label: v.Title + " " + in.Account,
		Demo: in.Demo, Created: now, Verified: now,
	}, creds)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, wireConnection(c))
}

// credentials checks the fields of a connect form against what the vendor wants.
func credentials(v driver.Vendor, given map[string]string) (map[string]secret.Value, error) {
	out := map[string]secret.Value{}
	for _, f := range v.Credentials {
		text := given[f.Name]
		switch {
		case text == "" && !f.Optional:
			return nil, fault.New(fault.Invalid, "connect").Saying(f.Label + " is missing (credentials." + f.Name + ")")
		case len(text) > 8192:
			return nil, fault.New(fault.Invalid, "connect").Saying(f.Label + " is longer than 8,192 bytes")
		case text == "":
			continue
		}
		for _, c := range text {
			if c < 0x20 || c == 0x7f {
				return nil, fault.New(fault.Invalid, "connect").Saying(f.Label + " holds a line break or another control character; paste it again")
			}
		}
		out[f.Name] = secret.New(text)
	}
	for name := range given {
		if _, ok := out[name]; !ok && given[name] != "" {
			return nil, fault.New(fault.Invalid, "connect").Saying(v.Title + " takes no credential \"" + cut(name) + "\"")
		}
	}
	return out, nil
}

// forget answers DELETE /api/connections/{id}.
func (s *Server) forget(w http.ResponseWriter, r *http.Request) error {
	view := s.o.Sessions.View(r.Context())
	if err := s.o.Sessions.Forget(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	s.accounts.forgotten(view, r.PathValue("id"))
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// logout answers DELETE /api/session. Sockets hear of it as of every change of a
// session, on whichever replica they are.
func (s *Server) logout(w http.ResponseWriter, r *http.Request) error {
	view := s.o.Sessions.View(r.Context())
	if err := s.o.Sessions.Destroy(r.Context()); err != nil {
		return err
	}
	for _, c := range view.Connections() {
		s.accounts.forgotten(view, c.ID)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// targets answers GET /api/connections/{id}/targets.
func (s *Server) targets(w http.ResponseWriter, r *http.Request) error {
	c, creds, err := s.o.Sessions.Credentials(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	src, err := s.accounts.source(c.Vendor, c.Region, c.Account, creds)
	if err != nil {
		return err
	}
	list, err := src.Targets(r.Context())
	if err != nil {
		return err
	}
	out := wire.Targets{Targets: []wire.Target{}}
	base := logs.Target{Vendor: c.Vendor, Region: c.Region, Account: c.Account}
	for _, t := range list {
		out.Targets = append(out.Targets, wire.Target{
			Address: base.Below(t.Path...).String(), Label: t.Label, Kind: t.Kind, Status: t.Status, Detail: t.Detail, Unread: t.Unread,
		})
	}
	return writeJSON(w, http.StatusOK, out)
}

// readJSON decodes one JSON object and nothing after it.
func readJSON(r *http.Request, v any) error {
	if mt, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mt != "application/json" {
		return fault.New(fault.Invalid, "read body").Saying("send the body as Content-Type: application/json")
	}
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		var tooBig *http.MaxBytesError
		if errors.As(err, &tooBig) {
			return err
		}
		// The decoder's words may quote the body, which holds credentials.
		return fault.New(fault.Invalid, "read body").Saying("the body is not the JSON object that this route takes")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "read body").Saying("the body holds more than one JSON value")
	}
	return nil
}
