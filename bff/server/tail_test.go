package server

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/app/wire"
)

// TestTail_LogoutEndsItAndStaysSo logs out while a socket is open that is used until
// the last moment: the socket ends within a second, and the session stays ended.
func TestTail_LogoutEndsItAndStaysSo(t *testing.T) {
	st := newStand(t)
	st.connect("demo")
	dial := func() (*websocket.Conn, *http.Response, error) {
		d := websocket.Dialer{Jar: st.http.Jar, TLSClientConfig: st.http.Transport.(*http.Transport).TLSClientConfig.Clone()}
		d.TLSClientConfig.NextProtos = nil // HTTP/1.1: sockets have no other
		return d.Dial("ws"+strings.TrimPrefix(st.web.URL, "http")+wire.PathTail+"?src="+url.QueryEscape("shelf/here/demo"), http.Header{"Origin": {st.web.URL}})
	}
	conn, _, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	live := false
	for !live {
		var f wire.TailFrame
		if err := conn.ReadJSON(&f); err != nil {
			t.Fatal(err)
		}
		live = f.State == wire.TailLive
	}
	old := st.http.Jar.Cookies(must(url.Parse(st.web.URL)))
	if err := conn.WriteJSON(wire.TailWish{Active: true}); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	req := must(http.NewRequest("DELETE", st.web.URL+wire.PathSession, nil))
	req.Header.Set(wire.Header, "1")
	resp, err := st.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || len(st.http.Jar.Cookies(must(url.Parse(st.web.URL)))) != 0 {
		t.Errorf("logged out with status %d and the cookies %v", resp.StatusCode, st.http.Jar.Cookies(must(url.Parse(st.web.URL))))
	}
	if st.accounts.open.Len() != 0 {
		t.Error("what was opened with the credential is kept")
	}
	_ = conn.WriteJSON(wire.TailWish{Active: true})
	end := ""
	for {
		_, data, err := conn.ReadMessage()
		if err != nil {
			var c *websocket.CloseError
			if !errors.As(err, &c) || c.Code != wire.CloseSession {
				t.Errorf("closed with %v", err)
			}
			break
		}
		var f wire.TailFrame
		if err := json.Unmarshal(data, &f); err != nil {
			t.Fatal(err)
		}
		if f.Type == wire.TailEnd {
			end = f.Reason
		}
	}
	if d := time.Since(began); d > time.Second || end == "" {
		t.Errorf("ended after %s with %q", d, end)
	}
	st.http.Jar.SetCookies(must(url.Parse(st.web.URL)), old)
	if conn, resp, err := dial(); err == nil {
		conn.Close()
		t.Error("the session came back")
	} else if resp == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("refused with %v", err)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
