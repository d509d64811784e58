package tail

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/logpane/logpane/bff/feed"
)

// dial connects to a handler that may take the connection over.
func dial(t *testing.T, h http.HandlerFunc) *websocket.Conn {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	return conn
}

// TestMessage_OfEveryLength reads messages with the library that the browsers' end is
// tested with, at the borders between the three ways to write a length.
func TestMessage_OfEveryLength(t *testing.T) {
	sizes := []int{0, 1, 125, 126, 127, 65535, 65536, 300_000}
	conn := dial(t, func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{}
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		s := &socket{seat: seat{hub: &Hub{}}, conn: c}
		for _, n := range sizes {
			if err := s.say(message([]byte(strings.Repeat("a", n/2)), []byte(strings.Repeat("b", n-n/2)))); err != nil {
				t.Error(err)
			}
		}
		if err := s.flush(); err != nil || len(s.out) > 0 {
			t.Errorf("%v, %d messages are left", err, len(s.out))
		}
		_ = c.Close()
	})
	for _, n := range sizes {
		kind, got, err := conn.ReadMessage()
		if want := strings.Repeat("a", n/2) + strings.Repeat("b", n-n/2); err != nil || kind != websocket.TextMessage || string(got) != want {
			t.Fatalf("a message of %d bytes came as %d bytes of kind %d, %v", n, len(got), kind, err)
		}
	}
}

// TestSocket_AnswersPingsBetweenFrames also holds that what was there when the socket
// began comes whole and in order.
func TestSocket_AnswersPingsBetweenFrames(t *testing.T) {
	frames, w := openFeed(t)
	put := func(i int) {
		e := feed.Entry{ID: fmt.Sprint(i), JSON: fmt.Appendf(nil, `{"id":"%d","src":"v/r/a"}`, i)}
		if _, err := w.Append(t.Context(), feed.Poll{At: time.Now(), Entries: []feed.Entry{e}}); err != nil {
			t.Error(err)
		}
	}
	put(0)
	hub := New(Config{Feed: frames})
	conn := dial(t, func(w http.ResponseWriter, r *http.Request) {
		err := hub.Accept(w, r, Request{Session: "a", Active: func() {}, Targets: []Target{
			{Src: "v/r/a", Stream: "s", Poll: func(ctx context.Context, _ Demand) { <-ctx.Done() }},
		}})
		if err != nil {
			t.Error(err)
		}
	})
	defer hub.Drain(t.Context())
	ponged := ""
	conn.SetPongHandler(func(data string) error { ponged += data; return nil })
	if _, _, err := conn.ReadMessage(); err != nil { // the status
		t.Fatal(err)
	}
	const n = 300
	go func() {
		for i := 1; i <= n; i++ {
			put(i)
		}
	}()
	want := ""
	for i := 1; i <= n; {
		if i%100 == 0 {
			data := fmt.Sprintf("ping %d ", i)
			if err := conn.WriteControl(websocket.PingMessage, []byte(data), time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
			want = data
		}
		_, got, err := conn.ReadMessage()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(got), `"type":"entries"`) {
			continue
		}
		if !strings.Contains(string(got), fmt.Sprintf(`"id":"%d"`, i)) {
			t.Fatalf("in place of entry %d came %s", i, got)
		}
		i++
	}
	for !strings.HasSuffix(ponged, want) { // of several pings, the last must be answered
		if _, _, err := conn.ReadMessage(); err != nil {
			t.Fatalf("%v; answered were %q, asked %q", err, ponged, want)
		}
	}
}
