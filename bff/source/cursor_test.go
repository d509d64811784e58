package source

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/driver"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

func fullCursor() cursor {
	return cursor{
		Binding: "question", Walk: "walk", Step: 3, From: 1, To: math.MaxInt64, Start: base.UnixNano(),
		Places: []place{{
			Mode: modeTime, Off: 7, Anchor: math.MaxUint64, Trail: hashes{1, 2}, Time: math.MinInt64, Seen: hashes{math.MaxUint64, 5},
			Text: "2026-03-01T12:00:00.000001Z", Hi: 8, Wide: 9, Pin: "2", Read: 10, Past: 11,
			Done: &ending{State: logs.Capped, Reason: "why", Edge: 12}, Gaps: []gap{{1, 2, "lost"}},
		}, {}},
	}
}

func TestCursor_SurvivesSealing(t *testing.T) {
	want := fullCursor()
	text, err := want.seal(testKey)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
		t.Errorf("cursor %q needs escaping in a URL", text)
	}
	got, err := openCursor(testKey, text, "question")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
}

func TestCursor_ChangedOrForeignIsInvalid(t *testing.T) {
	c := fullCursor()
	text, err := c.seal(testKey)
	if err != nil {
		t.Fatal(err)
	}
	body, sum, _ := strings.Cut(text, ".")
	plain, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil {
		t.Fatal(err)
	}
	plain[len(plain)/2] ^= 1
	foreign, err := c.seal([]byte("another key of thirty-two bytes."))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		"x", ".", text[:len(text)-1], text + "A", sum + "." + body, body + ".", "." + sum, foreign,
		base64.RawURLEncoding.EncodeToString(plain) + "." + sum, strings.Repeat("A", MaxCursor+1),
	} {
		if _, err := openCursor(testKey, bad, "question"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
	if _, err := openCursor(testKey, text, "another question"); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "another query") {
		t.Errorf("of another question: %v", err)
	}
}

func TestCursor_StaysSmallWhateverIsRemembered(t *testing.T) {
	c := cursor{Binding: "q"}
	for range 20 {
		p := place{Mode: modeDown, Pin: "1", Anchor: 1}
		for i := range 1000 {
			p.Seen = append(p.Seen, uint64(i)*0x9e3779b97f4a7c15)
		}
		c.Places = append(c.Places, p)
	}
	text, err := c.seal(testKey)
	if err != nil || len(text) > MaxCursor {
		t.Fatalf("%d bytes, %v", len(text), err)
	}
	got, err := openCursor(testKey, text, "q")
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range got.Places {
		if len(p.Seen) == 0 || p.Seen[len(p.Seen)-1] != c.Places[i].Seen[999] || len(c.Places[i].Seen) != 1000 {
			t.Errorf("place %d kept %d rows, the newest among them: %v", i, len(p.Seen), p.Seen)
		}
	}
}

// TestCursor_OfAnotherQuestion asks on with a cursor and one part of the question
// changed.
func TestCursor_OfAnotherQuestion(t *testing.T) {
	m := newModel(driver.ByOffset, "newest")
	for i := range 50 {
		m.add(base.Add(-time.Duration(i)*time.Minute), base.Add(-time.Duration(i)*time.Minute))
	}
	s, ask := m.searcher(), m.open(t, "model")
	req := Request{Asks: []Ask{ask}, Query: mustQuery(t, "n1"), Text: "now-1h", Limit: 3}
	page, err := s.Search(context.Background(), req)
	if err != nil || page.Cursor == "" {
		t.Fatalf("%+v, %v", page, err)
	}
	req.Cursor = page.Cursor
	below := ask
	below.Target = ask.Target.Below("x")
	for name, change := range map[string]func(*Request){
		"query":   func(r *Request) { r.Query = mustQuery(t, "n2") },
		"span":    func(r *Request) { r.Text = "now-2h" },
		"item":    func(r *Request) { r.Item = "x" },
		"target":  func(r *Request) { r.Asks = []Ask{below} },
		"targets": func(r *Request) { r.Asks = []Ask{ask, below} },
		"cursor":  func(r *Request) { r.Cursor = "A" + r.Cursor },
	} {
		other := req
		change(&other)
		if _, err := s.Search(context.Background(), other); fault.KindOf(err) != fault.Invalid {
			t.Errorf("other %s: %v", name, err)
		}
	}
	if _, err := s.Search(context.Background(), req); err != nil {
		t.Errorf("the question itself: %v", err)
	}
}

func FuzzOpenCursor(f *testing.F) {
	text, err := fullCursor().seal(testKey)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, []byte(`{"b":"question","p":[{"m":1}]}`))
	f.Add("", []byte(`{"p":[{"h":"AAA"}]}`))
	f.Add("..", []byte(`null`))
	f.Fuzz(func(t *testing.T, text string, body []byte) {
		if _, err := openCursor(testKey, text, "question"); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", text, err)
		}
		// Even what bears our seal must not crash.
		enc := base64.RawURLEncoding
		c, err := openCursor(testKey, enc.EncodeToString(body)+"."+enc.EncodeToString(mac(testKey, body)), "question")
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%q: %v", body, err)
			}
			return
		}
		if _, err := json.Marshal(c); err != nil {
			t.Errorf("%q opens and does not seal: %v", body, err)
		}
	})
}
