package tail

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/bff/feed"
)

// TestView_OneFrameForEveryLens prepares one frame for readers who see it through
// different lenses, in both orders: none gets what another may see.
func TestView_OneFrameForEveryLens(t *testing.T) {
	frames, w := openFeed(t)
	plain := `{"id":"1","src":"v/r/a","summary":"by anna.berg@example.com","raw":{"api_key":"4a8f09c3e5d24cdc9f3de5a8f0f3a1b2"}}`
	if _, err := w.Append(t.Context(), feed.Poll{At: time.Now(), Entries: []feed.Entry{{ID: "1", JSON: []byte(plain)}}}); err != nil {
		t.Fatal(err)
	}
	var frame *feed.Frame
	for f, err := range frames.Scan(t.Context(), "s", time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if f.Kind == feed.Entries {
			frame = f
		}
	}
	if frame == nil {
		t.Fatal("there is no frame of entries")
	}
	q, err := query.Parse("summary:anna*")
	if err != nil {
		t.Fatal(err)
	}
	const mail, key = "anna.berg@example.com", "4a8f09c3e5d24cdc9f3de5a8f0f3a1b2"
	readers := []struct {
		lens      *redact.Lens
		mail, key bool
	}{{nil, true, true}, {&redact.Lens{Key: 7}, false, false}, {&redact.Lens{Key: 7, Reveal: true}, true, false}}
	for _, filter := range []*query.Query{nil, q} {
		for turn := range 2 * len(readers) {
			r := readers[turn%len(readers)]
			if turn >= len(readers) {
				r = readers[2*len(readers)-1-turn]
			}
			v := (&lane{key: keyOf("s"), src: "v/r/a"}).view(frame, formOf(filter, r.lens), filter)
			var e logs.Entry
			if err := json.Unmarshal(v.body, &e); err != nil || v.count != 1 || e.ID != "1" {
				t.Fatalf("%d entries, %v: %s", v.count, err, v.body)
			}
			for _, text := range []string{string(v.body), string(v.message)} {
				if strings.Contains(text, mail) != r.mail || strings.Contains(text, key) != r.key {
					t.Errorf("filter %q, lens %+v: %s", filter.String(), r.lens, text)
				}
			}
		}
	}
}
