package page

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/part"
)

// twoLarge is a fake with two entries whose bodies take long to compare.
func twoLarge(f *client.Fake) {
	algoliaConn(f)
	var list []alogs.Entry
	for n := range 2 {
		var lines []string
		for i := range 12_000 {
			lines = append(lines, fmt.Sprintf("line %d of %d", i, i%7*n))
		}
		body, err := json.Marshal(map[string]any{"answer": strings.Join(lines, "\n"), "n": n})
		if err != nil {
			panic(err)
		}
		list = append(list, alogs.Entry{ID: fmt.Sprintf("e%d", n), Src: "algolia/eu/APP", Time: noon, Summary: "call", Raw: body})
	}
	f.Pages[""] = wire.Page{Entries: list, Coverage: []alogs.Coverage{{Src: "algolia/eu/APP", State: alogs.Complete}}}
}

func TestCompare_LargeBodiesCanBeCanceledAndComparedAgain(t *testing.T) {
	s, p := openLogs(t, "/compare?src=algolia/eu/APP&pick=e0&pick=e1", twoLarge)
	html := s.settle()
	if !strings.Contains(html, "What the vendor sent") || strings.Contains(html, "Cancel") {
		t.Fatalf("not compared: %s", html)
	}
	c := p.place.is.(*compare)
	run := &comparing{began: time.Now().Add(-3 * time.Second)}
	c.is, c.run = nil, run
	if html = s.html(); !strings.Contains(html, "Comparing 385 kB that the vendor sent · 3 s") || !strings.Contains(html, "Cancel") {
		t.Errorf("under way: %s", html)
	}
	p.on(nil, part.CompareLeft{})
	if html = s.html(); !run.ended.Load() || !strings.Contains(html, "Comparing was canceled.") || !strings.Contains(html, "Compare them") || strings.Contains(html, "What the vendor sent") {
		t.Errorf("ended: %t, %s", run.ended.Load(), html)
	}
	p.on(nil, part.CompareLeft{Again: true})
	s.settle()
	if html = s.html(); !strings.Contains(html, "What the vendor sent") {
		t.Errorf("again: %s", html)
	}
}

func TestCompare_EndsSoonOnceNobodyWaits(t *testing.T) {
	f := client.NewFake()
	twoLarge(f)
	pair := f.Pages[""].Entries
	run := &comparing{}
	if is := compareLong(redact.Lens{}, pair[0], pair[1], run, func() {}); is == nil || is.Differs() == 0 {
		t.Fatalf("compared: %v", is)
	}
	run.ended.Store(true)
	if is := compareLong(redact.Lens{}, pair[0], pair[1], run, func() {}); is != nil {
		t.Error("went on to the end")
	}
	_, p := openLogs(t, "/compare?src=algolia/eu/APP&pick=e0&pick=e1", twoLarge)
	left := &comparing{}
	p.place.is.(*compare).run = left
	p.leave()
	if !left.ended.Load() {
		t.Error("leaving the page does not end it")
	}
}
