package simulate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault makes the next calls of a vendor misbehave. Status 0 with a delay or a cut disturbs the real answer, any other
// status replaces it. Faults of one vendor are used up in the order they were set.
type Fault struct {
	Status      int               `json:"status"`       // 0 = the real answer
	Count       int               `json:"count"`        // calls it applies to; 0 = until cleared
	DelayMS     int               `json:"delay_ms"`     // milliseconds before the answer; given up when the client goes away
	RetryAfter  int               `json:"retry_after"`  // seconds in a Retry-After header; 0 = no header
	Body        string            `json:"body"`         // with a status; empty = the vendor's own error for it
	Cut         int               `json:"cut"`          // bytes of the body that are sent before the connection breaks; 0 = all
	ContentType string            `json:"content_type"` // with a status and body; empty = application/json
	Header      map[string]string `json:"header"`       // with a status: further headers, names sent as spelled here
	Token       bool              `json:"token"`        // also applies to the token endpoint of Elastic Path and Moltin
}

// Call is one request a vendor received, faults included. Status is 0 when the client went away before the answer.
type Call struct {
	Method string    `json:"method"`
	Path   string    `json:"path"`  // as the real host would see it: without the vendor's prefix
	Query  string    `json:"query"` // raw
	At     time.Time `json:"at"`
	Status int       `json:"status"`
}

const (
	maxCalls       = 10_000   // calls remembered per vendor; the count goes on
	maxControlBody = 64 << 20 // bytes
	maxDelayMS     = 600_000
)

func (f Fault) answer(m *mount) answer {
	a := m.refuse(f.Status, http.StatusText(f.Status))
	if f.Body != "" || f.ContentType != "" {
		contentType := f.ContentType
		if contentType == "" {
			contentType = "application/json"
		}
		a = a.with("Content-Type", contentType)
		a.body = []byte(f.Body)
	}
	if f.RetryAfter > 0 {
		a = a.with("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	for k, v := range f.Header {
		a = a.with(k, v)
	}
	return a
}

func (f Fault) check() error {
	switch {
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return errors.New("status must be 0 or 200 to 599")
	case f.Count < 0 || f.DelayMS < 0 || f.RetryAfter < 0 || f.Cut < 0:
		return errors.New("numbers must not be negative")
	case f.DelayMS > maxDelayMS:
		return fmt.Errorf("delay_ms must be at most %d", maxDelayMS)
	}
	return nil
}

// takeFault returns the fault that applies to a call of this path and uses it up.
func (m *mount) takeFault(path string) (Fault, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i, f := range m.faults {
		if m.token != "" && path == m.token && !f.Token {
			continue
		}
		taken := *f
		if f.Count > 0 {
			if f.Count--; f.Count == 0 {
				m.faults = slices.Delete(m.faults, i, i+1)
			}
		}
		return taken, true
	}
	return Fault{}, false
}

func (m *mount) record(c Call) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	if len(m.calls) >= maxCalls {
		m.calls = append(m.calls[:0], m.calls[maxCalls/10:]...)
	}
	m.calls = append(m.calls, c)
}

// Fault adds a fault to a vendor: algolia, coveo, coveo-platform, elasticpath, moltin or deepset.
func (s *Server) Fault(vendor string, f Fault) {
	if m := s.mounts[vendor]; m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.faults = append(m.faults, &f)
	}
}

// ClearFaults removes all faults of a vendor.
func (s *Server) ClearFaults(vendor string) {
	if m := s.mounts[vendor]; m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.faults = nil
	}
}

// Calls returns the calls a vendor received since the last ClearCalls, oldest first, at most about the last 10,000.
func (s *Server) Calls(vendor string) []Call {
	m := s.mounts[vendor]
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

// ClearCalls forgets the calls of a vendor.
func (s *Server) ClearCalls(vendor string) {
	if m := s.mounts[vendor]; m != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.calls, m.count = nil, 0
	}
}

// control answers /control/{vendor}/entries, faults and calls.
func (s *Server) control(w http.ResponseWriter, r *http.Request, path string) {
	if !s.opts.Public {
		if reason := foreign(r); reason != "" {
			controlError(w, http.StatusForbidden, reason)
			return
		}
	}
	vendor, topic, _ := strings.Cut(path, "/")
	m := s.mounts[vendor]
	if m == nil {
		controlError(w, http.StatusNotFound, fmt.Sprintf("unknown vendor %q", vendor))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxControlBody)
	switch r.Method + " " + topic {
	case "POST entries":
		s.controlEntries(w, r, vendor)
	case "POST faults":
		dec := json.NewDecoder(r.Body)
		dec.DisallowUnknownFields()
		var f Fault
		err := dec.Decode(&f)
		if err == nil {
			err = f.check()
		}
		if err != nil {
			controlError(w, http.StatusBadRequest, "not a fault: "+err.Error())
			return
		}
		s.Fault(vendor, f)
		w.WriteHeader(http.StatusNoContent)
	case "DELETE faults":
		s.ClearFaults(vendor)
		w.WriteHeader(http.StatusNoContent)
	case "GET calls":
		m.mu.Lock()
		count, calls := m.count, append([]Call{}, m.calls...)
		m.mu.Unlock()
		controlJSON(w, http.StatusOK, map[string]any{"count": count, "calls": calls})
	case "DELETE calls":
		s.ClearCalls(vendor)
		w.WriteHeader(http.StatusNoContent)
	default:
		allow := map[string]string{"entries": "POST", "faults": "POST, DELETE", "calls": "GET, DELETE"}[topic]
		if allow == "" {
			controlError(w, http.StatusNotFound, "control has entries, faults and calls")
			return
		}
		w.Header().Set("Allow", allow)
		controlError(w, http.StatusMethodNotAllowed, "use "+allow)
	}
}

// controlEntries appends the NDJSON lines of the body, all or none. The parameter target names one as in Server.Entries.
func (s *Server) controlEntries(w http.ResponseWriter, r *http.Request, vendor string) {
	if s.stores[vendor] == nil {
		controlError(w, http.StatusNotFound, vendor+" holds no entries")
		return
	}
	var raw []json.RawMessage
	var lines []int
	scan := bufio.NewScanner(r.Body)
	scan.Buffer(nil, maxControlBody)
	for n := 1; scan.Scan(); n++ {
		line := bytes.TrimSpace(scan.Bytes())
		if len(line) > 0 {
			raw, lines = append(raw, bytes.Clone(line)), append(lines, n)
		}
	}
	if err := scan.Err(); err != nil {
		controlError(w, http.StatusBadRequest, "the body cannot be read: "+err.Error())
		return
	}
	err := s.Append(vendor+"/"+r.URL.Query().Get("target"), raw...)
	if bad := (*entryError)(nil); errors.As(err, &bad) {
		controlError(w, http.StatusBadRequest, fmt.Sprintf("line %d: %v", lines[bad.index], bad.err))
		return
	}
	if err != nil {
		controlError(w, http.StatusBadRequest, err.Error())
		return
	}
	controlJSON(w, http.StatusOK, map[string]any{"appended": len(raw)})
}

// entryError says which appended entry is bad.
type entryError struct {
	index int // from 0
	err   error
}

func (e *entryError) Error() string { return fmt.Sprintf("entry %d: %v", e.index+1, e.err) }

func (e *entryError) Unwrap() error { return e.err }

// parseAll turns raw entries into records, all or none.
func parseAll(raw []json.RawMessage, parse func(string) (*record, error)) ([]*record, error) {
	out := make([]*record, 0, len(raw))
	for i, one := range raw {
		text, err := object(one)
		if err == nil {
			var r *record
			if r, err = parse(text); err == nil {
				out = append(out, r)
				continue
			}
		}
		return nil, &entryError{index: i, err: err}
	}
	return out, nil
}

// foreign returns why a control request is refused, empty if it is not: the peer must be this machine, and so must the
// name it asked for and the page it comes from, lest a web page reach the simulator by DNS rebinding.
func foreign(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return "control answers this machine only"
	}
	if !local(r.Host) {
		return "control answers localhost only"
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		if u, err := url.Parse(origin); err != nil || u.Host != r.Host {
			return "control answers no other site"
		}
	}
	return ""
}

// local reports whether a Host header names this machine, with or without a port.
func local(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}

func controlJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func controlError(w http.ResponseWriter, status int, message string) {
	controlJSON(w, status, map[string]any{"error": message})
}
