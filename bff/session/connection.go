package session

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
)

// Bounds of what a session holds. Twenty connections at their bounds fit into the
// store's largest value, unless their text is mostly control characters, which
// JSON writes in six bytes: then the save is refused.
const (
	MaxConnections     = 20   // per session
	MaxCredentials     = 8    // values per connection
	MaxCredentialBytes = 2048 // per value; vendors' longest, signed keys and JWTs, stay below
	MaxNameBytes       = 512  // of vendor, region, account, label and a credential's name
)

// Connection is a session's proven access to one account of a vendor in one
// region: the part that the browser may see.
type Connection struct {
	ID       string    `json:"id"` // random and unguessable; [Manager.Add] sets it
	Vendor   string    `json:"vendor"`
	Region   string    `json:"region,omitempty"`
	Account  string    `json:"account,omitempty"`
	Label    string    `json:"label,omitempty"` // what the person calls it
	Demo     bool      `json:"demo,omitempty"`  // the vendor is our own simulator
	Created  time.Time `json:"created"`         // UTC
	Verified time.Time `json:"verified"`        // UTC; when the vendor last accepted the credentials
}

// connection is a Connection with its credentials.
type connection struct {
	Connection
	creds map[string]secret.Value // never changed in place
}

// body is the one value in the session.
type body struct {
	conns []connection // replaced, never changed in place: Views share it
}

// bodyJSON is how a body is stored, inside the sealed value. It may gain fields;
// a change that older code would misread takes a new version.
type bodyJSON struct {
	Version     int              `json:"v"`
	Connections []connectionJSON `json:"connections,omitempty"`
}

type connectionJSON struct {
	Connection
	Credentials map[string]string `json:"credentials"` // in clear
}

const bodyVersion = 1

func decodeBody(b []byte) (body, error) {
	const op = "read the session"
	var in bodyJSON
	if err := json.Unmarshal(b, &in); err != nil {
		// Without err: it may quote what it could not read.
		return body{}, fault.New(fault.Internal, op).Saying("the stored session is damaged; reload the page")
	}
	if in.Version != bodyVersion {
		return body{}, fault.New(fault.Internal, op).
			Saying("the session was stored by another release of logpane; reload the page")
	}
	return body{connectionsOf(in.Connections)}, nil
}

func (b body) encode() []byte {
	raw, err := json.Marshal(bodyJSON{Version: bodyVersion, Connections: connectionsJSON(b.conns)})
	if err != nil {
		panic(err) // strings, booleans, and times that Add keeps within JSON's years
	}
	return raw
}

func connectionsOf(in []connectionJSON) []connection {
	var out []connection
	for _, c := range in {
		creds := make(map[string]secret.Value, len(c.Credentials))
		for name, text := range c.Credentials {
			creds[name] = secret.New(text)
		}
		out = append(out, connection{c.Connection, creds})
	}
	return out
}

func connectionsJSON(in []connection) []connectionJSON {
	var out []connectionJSON
	for _, c := range in {
		clear := make(map[string]string, len(c.creds))
		for name, v := range c.creds {
			clear[name] = v.Reveal()
		}
		out = append(out, connectionJSON{c.Connection, clear})
	}
	return out
}

// Connections returns the public part of the session's connections, oldest first.
func (v View) Connections() []Connection {
	out := make([]Connection, len(v.conns))
	for i, c := range v.conns {
		out[i] = c.Connection
	}
	return out
}

// Credentials returns one connection and its secrets, in a map of the caller's
// own. Errors: NotFound if the session has no such connection.
func (v View) Credentials(id string) (Connection, map[string]secret.Value, error) {
	i := slices.IndexFunc(v.conns, func(c connection) bool { return c.ID == id })
	if i < 0 {
		return Connection{}, nil, noConnection("read the connection")
	}
	return v.conns[i].Connection, maps.Clone(v.conns[i].creds), nil
}

// Connections returns the public part of the connections of the request's
// session, oldest first.
func (m *Manager) Connections(ctx context.Context) []Connection { return m.View(ctx).Connections() }

// Credentials returns one connection of the request's session and its secrets.
// Errors: NotFound if the session has no such connection.
func (m *Manager) Credentials(ctx context.Context, id string) (Connection, map[string]secret.Value, error) {
	return m.View(ctx).Credentials(id)
}

// Add puts a connection into the request's session and returns it as stored, with
// a new id. It takes the place of one with the same vendor, region and account.
// The session gets a new id and a new lifetime when the answer is written, and
// only then is anything stored: if that fails, the answer is that error instead.
//
// Created and Verified default to now. Errors: Invalid if a value is missing or
// beyond its bound, or the session is full.
func (m *Manager) Add(ctx context.Context, c Connection, creds map[string]secret.Value) (Connection, error) {
	const op = "add a connection"
	if err := checkConnection(op, c, creds); err != nil {
		return Connection{}, err
	}
	now := m.now().UTC().Round(0)
	if c.Created.IsZero() {
		c.Created = now
	}
	if c.Verified.IsZero() {
		c.Verified = now
	}
	c.Created, c.Verified = c.Created.UTC(), c.Verified.UTC()
	c.ID = rand.Text()
	stored := connection{c, maps.Clone(creds)}

	st := m.mustState(ctx)
	st.mu.Lock()
	defer st.mu.Unlock()
	conns := slices.Clone(st.body.conns)
	i := slices.IndexFunc(conns, func(o connection) bool {
		return o.Vendor == c.Vendor && o.Region == c.Region && o.Account == c.Account
	})
	switch {
	case i >= 0:
		conns[i] = stored
	case len(conns) >= MaxConnections:
		return Connection{}, fault.New(fault.Invalid, op).
			Saying("a session holds at most " + strconv.Itoa(MaxConnections) + " connections; forget one first")
	default:
		conns = append(conns, stored)
	}
	if err := m.renew(ctx, st); err != nil {
		return Connection{}, err
	}
	st.cut = st.cut || i >= 0
	m.put(ctx, st, conns)
	return c, nil
}

// Forget takes a connection and its credentials out of the request's session, and
// off the disk, when the answer is written. The session gets a new id; its end
// stays where it was. Sockets hear of it through [Manager.OnChange]. Errors:
// NotFound if the session has no such connection.
func (m *Manager) Forget(ctx context.Context, id string) error {
	st := m.mustState(ctx)
	st.mu.Lock()
	defer st.mu.Unlock()
	i := slices.IndexFunc(st.body.conns, func(c connection) bool { return c.ID == id })
	if i < 0 {
		return noConnection("forget the connection")
	}
	deadline := m.scs.Deadline(ctx)
	if err := m.renew(ctx, st); err != nil {
		return err
	}
	m.scs.SetDeadline(ctx, deadline)
	st.cut = true
	m.put(ctx, st, slices.Delete(slices.Clone(st.body.conns), i, i+1))
	return nil
}

// Verified notes that the vendor has just accepted the credentials of a
// connection. It changes no rights, so the session keeps its id. Errors: NotFound
// if the session has no such connection.
func (m *Manager) Verified(ctx context.Context, id string) error {
	st := m.mustState(ctx)
	st.mu.Lock()
	defer st.mu.Unlock()
	i := slices.IndexFunc(st.body.conns, func(c connection) bool { return c.ID == id })
	if i < 0 {
		return noConnection("note the check of the connection")
	}
	conns := slices.Clone(st.body.conns)
	conns[i].Verified = m.now().UTC().Round(0)
	m.put(ctx, st, conns)
	return nil
}

// CredentialID is [Keyring.CredentialID] of the manager's keys.
func (m *Manager) CredentialID(vendor, baseURL, account string, creds map[string]secret.Value) string {
	return m.keys.CredentialID(vendor, baseURL, account, creds)
}

// renew gives the session a new token at its next commit. The caller holds st.mu.
func (m *Manager) renew(ctx context.Context, st *state) error {
	st.renewing = true
	defer func() { st.renewing = false }()
	return m.scs.RenewToken(ctx)
}

// put replaces the connections. The caller holds st.mu.
func (m *Manager) put(ctx context.Context, st *state, conns []connection) {
	st.body.conns = conns
	m.scs.Put(ctx, bodyName, st.body.encode())
}

func checkConnection(op string, c Connection, creds map[string]secret.Value) error {
	bad := func(msg string) error { return fault.New(fault.Invalid, op).Saying(msg) }
	switch {
	case c.Vendor == "":
		return bad("name the vendor of the connection")
	case len(creds) > MaxCredentials:
		return bad("a connection takes at most " + strconv.Itoa(MaxCredentials) + " credential values")
	case c.Created.Year() > 9999 || c.Verified.Year() > 9999:
		return bad("the time of the connection is beyond the year 9999")
	}
	names := []string{c.Vendor, c.Region, c.Account, c.Label}
	for name, v := range creds {
		names = append(names, name)
		if len(v.Reveal()) > MaxCredentialBytes {
			return bad("a credential is longer than " + strconv.Itoa(MaxCredentialBytes) + " bytes; check what was pasted")
		}
	}
	for _, n := range names {
		if len(n) > MaxNameBytes {
			return bad("a name is longer than " + strconv.Itoa(MaxNameBytes) + " bytes; shorten it")
		}
	}
	return nil
}

func noConnection(op string) error {
	return fault.New(fault.NotFound, op).Saying("this session has no such connection; add it again")
}
