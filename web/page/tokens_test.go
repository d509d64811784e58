package page

import (
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

func openTokens(t *testing.T, prepare func(*client.Fake)) (*stage, *tokens) {
	s := open(t, "/tokens", prepare, func(d Deps) app.Composer { return &tokens{deps: d} })
	return s, s.mount.(*tokens)
}

// shows reports what of the texts is missing in, and what of those after "not" is in,
// the page.
func (s *stage) shows(t *testing.T, texts ...string) {
	t.Helper()
	html, want := s.html(), true
	for _, text := range texts {
		if text == "not" {
			want = false
			continue
		}
		if strings.Contains(html, text) != want {
			t.Errorf("%q is there: %v, want %v, in %s", text, !want, want, html)
		}
	}
}

func deepsetConn(f *client.Fake) {
	f.Conns = append(f.Conns, wire.Connection{ID: "d1", Vendor: "deepset", Region: "eu", Account: "team", Address: "deepset/eu/team"})
}

func TestTokens_NothingYet(t *testing.T) {
	s, p := openTokens(t, nil)
	s.shows(t, "No tokens yet", `href="/connect"`, "this session has none", "not", "Make token")
	p.make("x", 7)
	if s.disp.Consume(); s.asked("POST", wire.PathTokens) != 0 {
		t.Error("a token of nothing was asked for")
	}
}

func TestTokens_MadeShownOnceAndRevoked(t *testing.T) {
	s, p := openTokens(t, func(f *client.Fake) { deepsetConn(f); algoliaConn(f) })
	s.shows(t, "No tokens yet", "keeps working after you log out", "not", "Your new token")
	if html := s.html(); !strings.Contains(html, `<option value="30" selected>`) && !strings.Contains(html, `<option selected value="30">`) {
		t.Errorf("30 days are not what is chosen at first: %s", html)
	}

	p.make("", 7)
	s.shows(t, "Say what it is for")
	p.on(nil, part.TokenScoped{ID: "a1"})
	p.on(nil, part.TokenScoped{ID: "d1"})
	p.make("weekly", 7)
	s.shows(t, "Choose at least one", "not", "Say what it is for")
	p.on(nil, part.TokenScoped{ID: "a1"})
	if s.asked("POST", wire.PathTokens) != 0 {
		t.Fatal("asked before the form was right")
	}

	s.Fail("POST", wire.PathTokens, fault.New(fault.Invalid, "").Saying("there are 50 access tokens already; revoke one first"))
	p.make("weekly", 7)
	s.shows(t, "There are 50 access tokens already", "not", "Choose at least one", client.FakeToken)

	p.make("weekly", 7)
	s.disp.Consume()
	calls := s.Calls()
	if got := calls[len(calls)-1].Body; got != `{"label":"weekly","connections":["a1"],"days":7}` {
		t.Errorf("asked for %s", got)
	}
	s.shows(t, client.FakeToken+"1", "You will not see it again", "reads the last hour of Algolia APP", "…last", "never used", "Reads Algolia APP",
		`&#39;https://logpane.example/logs.ndjson?src=algolia/eu/APP&amp;from=now-1h&#39;`, "not", "50 access tokens", "Reads Algolia APP, deepset team")
	if strings.Count(s.html(), client.FakeToken+"1") != 1 {
		t.Error("the token stands in more than one place")
	}
	if s.focus[len(s.focus)-1] != part.IDTokenMade {
		t.Errorf("the keyboard is at %v", s.focus)
	}
	p.on(nil, part.TokenSeen{})
	s.shows(t, "weekly", "not", client.FakeToken)

	p.on(nil, part.RevokeAsked{ID: "t1"})
	s.shows(t, "There is no way back")
	p.on(nil, part.RevokeLeft{ID: "t1"})
	s.shows(t, "weekly", "not", "There is no way back")
	s.Fail("DELETE", wire.PathTokens+"/t1", fault.New(fault.Unavailable, "").Saying("not now"))
	p.on(nil, part.RevokeGiven{ID: "t1"})
	s.shows(t, "Not now.", "weekly")
	p.on(nil, part.RevokeGiven{ID: "t1"})
	s.shows(t, "No tokens yet", "not", "weekly")
}

func TestTokens_RevokingTheNewOneHidesIt(t *testing.T) {
	s, p := openTokens(t, algoliaConn)
	p.make("x", 1)
	s.shows(t, client.FakeToken)
	s.Tokens = nil // another one revoked it meanwhile
	p.on(nil, part.RevokeGiven{ID: "t1"})
	s.shows(t, "No tokens yet", "not", client.FakeToken)
}

func TestTokens_CommandWhereNothingIsReadWhole(t *testing.T) {
	s, p := openTokens(t, deepsetConn)
	p.make("x", 1)
	s.shows(t, "lists what the token reads", "https://logpane.example/api/connections&#39;")
}

func TestTokens_ListSaysWhatMatters(t *testing.T) {
	s, _ := openTokens(t, func(f *client.Fake) {
		algoliaConn(f)
		f.Tokens = []wire.Token{
			{ID: "t1", Label: "fresh", Last: "abcd", Created: noon.Add(-time.Minute), Expires: noon.Add(30 * 24 * time.Hour), Used: noon.Add(-10 * time.Second),
				Connections: []wire.TokenConnection{{Vendor: "algolia", Region: "eu", Account: "APP", Held: true}, {Vendor: "deepset"}}},
			{ID: "t2", Label: "ending", Last: "efgh", Created: noon.Add(-29 * 24 * time.Hour), Expires: noon.Add(7 * time.Hour)},
			{ID: "t3", Label: "over", Last: "ijkl", Created: noon.Add(-29 * 24 * time.Hour), Expires: noon.Add(-time.Second)},
		}
	})
	s.shows(t, "fresh", "…abcd", "made 1 min ago", "expires in 30 days", "used 10 s ago", "Reads Algolia APP, deepset (an account that you are not connected to)",
		`class="warn"`, "expires in 7 h", "never used", `class="err"`, ">expired<", "not", "No tokens yet")
}

func TestTokens_ErrorsStandInTheirPlace(t *testing.T) {
	s, p := openTokens(t, func(f *client.Fake) {
		algoliaConn(f)
		f.Fail("GET", wire.PathTokens, fault.New(fault.Unavailable, "").Saying("the list is away"))
	})
	s.shows(t, "The list is away.", "Make token")
	p.on(nil, part.Retried{What: "tokens"})
	s.shows(t, "No tokens yet", "not", "The list is away.")
	s, _ = openTokens(t, func(f *client.Fake) {
		f.Fail("GET", wire.PathConnections, fault.New(fault.Unavailable, "").Saying("the connections are away"))
	})
	s.shows(t, "The connections are away.", "No tokens yet", "not", "Make token")
}

func TestHome_LeadsToTheTokens(t *testing.T) {
	s, _ := openHome(t, algoliaConn)
	s.shows(t, `href="/tokens"`)
}
