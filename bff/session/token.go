package session

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
)

// Bounds of access tokens.
const (
	MaxTokens       = 50  // per credential
	MaxTokenLabel   = 100 // bytes
	MaxTokenDays    = 366
	DefaultTokenTTL = 30 * day

	day = 24 * time.Hour
)

// Token is an access token as it is listed: everything but its text, which only
// [Manager.Mint] gives, once. A token is a copy of connections with a lifetime of
// its own: it outlives the session that made it.
type Token struct {
	ID          string // names it, opens nothing, and may stand in a log
	Label       string
	Last        string // the last four characters of its text
	Created     time.Time
	Expires     time.Time
	Used        time.Time // noted at most once a minute; zero if never
	Connections []TokenConnection
}

// TokenConnection is one connection of a token, as a session may see it.
type TokenConnection struct {
	Vendor                 string
	Region, Account, Label string // empty unless Held
	Held                   bool   // the session holds the same credential
}

// Mint makes an access token of connections of the request's session, with their
// credentials as they are now, and returns its text, which is not kept. life is
// 0 for DefaultTokenTTL. Forgetting a connection or logging out does not end it.
//
// Errors: Invalid if the label, the choice of connections or life is beyond its
// bound, or a credential has MaxTokens already; NotFound for a connection that
// the session does not have; Unavailable.
func (m *Manager) Mint(ctx context.Context, label string, connections []string, life time.Duration) (Token, secret.Value, error) {
	const op = "make an access token"
	bad := func(msg string) (Token, secret.Value, error) {
		return Token{}, secret.Value{}, fault.New(fault.Invalid, op).Saying(msg)
	}
	if life == 0 {
		life = DefaultTokenTTL
	}
	label = strings.TrimSpace(label)
	switch {
	case label == "":
		return bad("say what the token is for, so that you know it again in the list")
	case len(label) > MaxTokenLabel:
		return bad("what the token is for is longer than " + strconv.Itoa(MaxTokenLabel) + " bytes; shorten it")
	case !utf8.ValidString(label) || strings.ContainsFunc(label, unicode.IsControl):
		return bad("what the token is for holds a line break or another control character")
	case len(connections) == 0:
		return bad("choose at least one connection for the token")
	case life < day || life > MaxTokenDays*day:
		return bad("a token lives from 1 to " + strconv.Itoa(MaxTokenDays) + " days")
	}
	view := m.View(ctx)
	t := storedToken{label: label, created: m.now().UTC().Round(0)}
	t.expires = t.created.Add(life)
	for _, id := range connections {
		i := slices.IndexFunc(view.conns, func(c connection) bool { return c.ID == id })
		if i < 0 {
			return Token{}, secret.Value{}, noConnection(op)
		}
		if !slices.ContainsFunc(t.conns, func(c connection) bool { return c.ID == id }) {
			t.conns = append(t.conns, view.conns[i])
		}
	}
	text := newTokenText()
	t.key, _ = tokenKey(text.Reveal())
	t.last = text.Reveal()[tokenLen-4:]
	if err := m.store.addToken(ctx, &t); err != nil {
		return Token{}, secret.Value{}, err
	}
	return t.seenBy(m.held(view), m.keys), text, nil
}

// Tokens returns the live access tokens that hold a credential which the request's
// session holds too, newest first: possession is the proof. Errors: Unavailable.
func (m *Manager) Tokens(ctx context.Context) ([]Token, error) {
	held := m.held(m.View(ctx))
	keys := map[string]bool{}
	for cred := range held {
		of, err := m.store.tokensOf(ctx, cred)
		if err != nil {
			return nil, err
		}
		for _, key := range of {
			keys[key] = true
		}
	}
	out := []Token{}
	for key := range keys {
		t, err := m.store.token(ctx, key)
		if err != nil {
			return nil, err
		}
		if t == nil {
			m.store.unlist(ctx, key)
			continue
		}
		listed := t.seenBy(held, m.keys)
		if !slices.ContainsFunc(listed.Connections, func(c TokenConnection) bool { return c.Held }) {
			continue // the index is not sealed: it finds tokens, and proves nothing
		}
		if listed.Used, _, err = m.store.tokenUsed(ctx, key); err != nil {
			return nil, err
		}
		out = append(out, listed)
	}
	slices.SortFunc(out, func(a, b Token) int {
		if c := b.Created.Compare(a.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

// Revoke ends a token that [Manager.Tokens] lists, for the next request on every
// replica, and takes it off the disk. What runs with it hears of it through
// [Manager.OnChange]. Errors: NotFound if the session lists no such token;
// Unavailable.
func (m *Manager) Revoke(ctx context.Context, id string) error {
	const op = "revoke the access token"
	held := m.held(m.View(ctx))
	for range 8 {
		t, err := m.store.token(ctx, id)
		if err != nil {
			return err
		}
		if t == nil || !slices.ContainsFunc(t.conns, func(c connection) bool { return held[c.credential(m.keys)] }) {
			return fault.New(fault.NotFound, op).Saying("there is no such access token any more; reload the list")
		}
		err = m.store.dropToken(ctx, id, t.revision)
		if stale(err) {
			continue // it was sealed anew a moment ago
		}
		if err != nil {
			return tokensUnavailable(op, err)
		}
		return nil
	}
	return tokensUnavailable(op, nil)
}

// LoadToken returns what a token may look at. The handle of the view begins with
// "token:". Its use is noted.
//
// Errors: Unauthenticated, in the same words for a token that never was, has
// expired or was revoked, and in others for a text that is no token at all, which
// anybody can tell; Unavailable.
func (m *Manager) LoadToken(ctx context.Context, text string) (View, error) {
	const op = "read the access token"
	key, ok := tokenKey(text)
	if !ok {
		return View{}, fault.New(fault.Unauthenticated, op).
			Saying("this is no access token: they begin with " + TokenPrefix + ", and a character of this one is wrong or missing; copy it again, or make a new one at /tokens")
	}
	// The store is asked for a hash, so that how long it takes tells nothing of the
	// text of any token.
	t, err := m.store.token(ctx, key)
	if err != nil {
		return View{}, err
	}
	if t == nil {
		return View{}, fault.New(fault.Unauthenticated, op).
			Saying("this access token is not valid any more or never was; make a new one at /tokens")
	}
	m.noteUse(ctx, t)
	return View{tokenHandle + key, t.expires, t.conns}, nil
}

// IsToken reports whether the view is that of an access token, and of no session.
func (v View) IsToken() bool { return strings.HasPrefix(v.handle, tokenHandle) }

// TokenID returns the id that a token with this text has or would have, "" if it
// cannot be a token.
func TokenID(text string) string {
	key, _ := tokenKey(text)
	return key
}

// Still reports whether what a view was read from goes on: the session has not
// ended, the token was not revoked and has not expired. That a session lost a
// connection is told by [Manager.OnChange] alone. It writes nothing of a session,
// and notes the use of a token. A view without connections goes on for ever.
//
// Errors: Unauthenticated, if it has ended; Unavailable.
func (m *Manager) Still(ctx context.Context, v View) error {
	const op = "look whether the asker may still read"
	key, isToken := strings.CutPrefix(v.handle, tokenHandle)
	if !isToken {
		if v.handle == "" {
			return nil
		}
		_, alive, err := m.store.lastSeen(ctx, v.handle)
		if err == nil && !(alive && m.now().Before(v.expires)) {
			err = ended(op)
		}
		return err
	}
	t, err := m.store.token(ctx, key)
	if err != nil {
		return err
	}
	if t == nil {
		return fault.New(fault.Unauthenticated, op).Saying("this access token was revoked or has expired; make a new one at /tokens")
	}
	m.noteUse(ctx, t)
	return nil
}

func (m *Manager) noteUse(ctx context.Context, t *storedToken) {
	if err := m.store.noteUse(ctx, t); err != nil && ctx.Err() == nil {
		m.log.Warn("the use of an access token was not noted", "err", err)
	}
}

// held returns the names of the credentials that a view holds.
func (m *Manager) held(v View) map[string]bool {
	held := map[string]bool{}
	for _, c := range v.conns {
		held[c.credential(m.keys)] = true
	}
	return held
}

// credential names the credential of a connection, whatever accounts it reads.
func (c connection) credential(keys *Keyring) string {
	return keys.CredentialID(c.Vendor, c.Region, "", c.creds)
}

// seenBy returns what who holds these credentials may see of the token.
func (t *storedToken) seenBy(held map[string]bool, keys *Keyring) Token {
	out := Token{ID: t.key, Label: t.label, Last: t.last, Created: t.created, Expires: t.expires}
	for _, c := range t.conns {
		seen := TokenConnection{Vendor: c.Vendor}
		if held[c.credential(keys)] {
			seen = TokenConnection{c.Vendor, c.Region, c.Account, c.Label, true}
		}
		out.Connections = append(out.Connections, seen)
	}
	return out
}
