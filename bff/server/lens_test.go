package server

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

// What the entries of the account "people" hold.
var (
	ofPeople      = []string{"anna.berg@example.com", "anna-58213", "203.0.113.7"}
	ofCredentials = []string{"4a8f09c3e5d24cdc9f3de5a8f0f3a1b2"}
)

// shows reports whether all of words stand in text, and whether none does.
func shows(text string, words []string) (all, none bool) {
	n := 0
	for _, w := range words {
		if strings.Contains(text, w) {
			n++
		}
	}
	return n == len(words), n == 0
}

// checkSeen holds what of the entries of people stands in an answer.
func checkSeen(t *testing.T, name, body string, personal, credentials bool) {
	t.Helper()
	if !strings.Contains(body, `"id":"e0"`) {
		t.Errorf("%s: the entry is not there: %.300s", name, body)
	}
	if all, none := shows(body, ofPeople); personal && !all || !personal && !none {
		t.Errorf("%s: personal data shown, want %v: %.600s", name, personal, body)
	}
	if all, none := shows(body, ofCredentials); credentials && !all || !credentials && !none {
		t.Errorf("%s: credentials shown, want %v: %.600s", name, credentials, body)
	}
}

func TestLens_AnswersByTokenAreMaskedUnlessRevealed(t *testing.T) {
	st := newStand(t)
	st.connect("people")
	token := st.mint("masked").Token
	for _, path := range []string{"/api/logs?limit=2&src=shelf/here/people", "/api/jobs?job=job0&src=shelf/here/people"} {
		for reveal, personal := range map[string]bool{"": false, "&reveal=0": false, "&reveal=1": true} {
			if resp, body := st.ask("GET", path+reveal, token, nil); resp.StatusCode != 200 {
				t.Errorf("%s%s: %d %s", path, reveal, resp.StatusCode, body)
			} else {
				checkSeen(t, "by token "+path+reveal, body, personal, false)
			}
			// The page masks by itself, and filters by the real values.
			if resp, body := st.do("GET", path+reveal, "", nil); resp.StatusCode != 200 {
				t.Errorf("%s%s: %d %s", path, reveal, resp.StatusCode, body)
			} else {
				checkSeen(t, "by session "+path+reveal, body, true, true)
			}
		}
		if _, body := st.ask("GET", path+"&reveal=perhaps", token, nil); kind(body) != fault.Invalid || !strings.Contains(body, "reveal") {
			t.Errorf("%s&reveal=perhaps: %s", path, body)
		}
	}
	// What is filtered by is the real value.
	if _, body := st.ask("GET", "/api/logs?limit=1&src=shelf/here/people&q="+url.QueryEscape(`summary:anna.berg*`), token, nil); !strings.Contains(body, `"id":"e0"`) {
		t.Errorf("a filter by a masked value finds nothing: %s", body)
	}
}

func TestLens_SocketByTokenIsMaskedUnlessRevealed(t *testing.T) {
	st := newStand(t)
	st.connect("people")
	token := st.mint("tail").Token
	follow := func(name, query string, header http.Header, as *http.Client) string {
		t.Helper()
		d := websocket.Dialer{Jar: as.Jar, TLSClientConfig: st.http.Transport.(*http.Transport).TLSClientConfig.Clone()}
		d.TLSClientConfig.NextProtos = nil // HTTP/1.1: sockets have no other
		conn, _, err := d.Dial("ws"+strings.TrimPrefix(st.web.URL, "http")+wire.PathTail+"?since=2026-11-22T11:00:00Z&src=shelf/here/people"+query, header)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer conn.Close()
		for {
			_, data, err := conn.ReadMessage()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if strings.Contains(string(data), `"type":"entries"`) {
				return string(data)
			}
		}
	}
	script := http.Header{"Authorization": {"Bearer " + token}}
	checkSeen(t, "by token", follow("by token", "", script, &http.Client{}), false, false)
	checkSeen(t, "by token, revealed", follow("revealed", "&reveal=1", script, &http.Client{}), true, false)
	checkSeen(t, "by session", follow("by session", "&reveal=0", http.Header{"Origin": {st.web.URL}}, st.http), true, true)
}
