package part

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

func pause() {}

func drawCompare(c *Compared, s CompareState) string {
	return app.HTMLString(Compare{Compared: c, Zone: time.UTC, State: s}.UI(nil))
}

func TestCompareEntries_EarlierFirstAndSecretsMasked(t *testing.T) {
	a := logs.Entry{ID: "1", Src: "algolia/eu/APP", Time: noon.Add(4 * time.Second), Raw: json.RawMessage(`{"url":"/1/x?x-algolia-api-key=0123456789abcdef0123456789abcdef&y=1","n":"1"}`)}
	b := logs.Entry{ID: "2", Src: "algolia/eu/APP", Time: noon, Raw: json.RawMessage(`{"url":"/1/x?x-algolia-api-key=fedcba9876543210fedcba9876543210&y=1","n":"2"}`)}
	c := CompareEntries(redact.Lens{}, a, b, pause)
	if c.Entries[0].ID != "2" || !strings.HasPrefix(c.Apart, "4 s apart") {
		t.Errorf("%s is first, %s", c.Entries[0].ID, c.Apart)
	}
	s := CompareState{}
	s, _ = s.Next(SameShown{"raw"})
	s, _ = s.Next(SameShown{"fields"})
	for _, secret := range []string{"0123456789abcdef", "fedcba9876543210"} {
		if html := drawCompare(c, s); strings.Contains(html, secret) {
			t.Errorf("a key is shown: %s", html)
		}
	}
}

func TestCompareEntries_SaysWhatTheyBelongTo(t *testing.T) {
	at := func(src, job string, attempt int, after time.Duration) logs.Entry {
		return logs.Entry{Src: src, Job: job, Attempt: attempt, Time: noon.Add(after)}
	}
	const store = "elasticpath/useast/shop"
	for _, c := range []struct {
		a, b logs.Entry
		want string
	}{
		{at(store, "j1", 1, 0), at(store, "j1", 3, 90*time.Second), "1 min 30 s apart · same job j1, attempts 1 and 3"},
		{at(store, "j1", 1, 0), at(store, "j2", 1, 252*time.Millisecond), "252 ms apart · not the same job"},
		{at(store, "", 0, 0), at("coveo/us/org", "", 0, 3*time.Hour), "3 h apart · by the clocks of two vendors"},
		{at(store, "", 0, 0), at(store, "", 0, 0), "At the same moment"},
		{at(store, "", 0, 0), logs.Entry{Src: store}, "The vendor gave no time for one of them"},
	} {
		if got := CompareEntries(redact.Lens{}, c.a, c.b, pause).Apart; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestCompare_DrawnAgainIsTheSame(t *testing.T) {
	text := func(changed string) json.RawMessage {
		lines := make([]string, 2000)
		for i := range lines {
			lines[i] = fmt.Sprintf("line %d", i+1)
		}
		lines[999] = changed
		b, _ := json.Marshal(map[string]string{"message": strings.Join(lines, "\n")})
		return b
	}
	c := CompareEntries(redact.Lens{}, logs.Entry{Src: "deepset/eu/w", Time: noon, Raw: text("it took 9.8 s")}, logs.Entry{Src: "deepset/eu/w", Time: noon, Raw: text("it took 12 s")}, pause)
	first := drawCompare(c, CompareState{})
	for _, want := range []string{"⋯ 997 equal lines", "⋯ 998 equal lines", "line 999", "line 1001"} {
		if !strings.Contains(first, want) {
			t.Errorf("%q is missing in %s", want, first)
		}
	}
	if strings.Contains(first, "line 500") {
		t.Error("equal lines are drawn")
	}
	if again := drawCompare(c, CompareState{}); len(again) != len(first) { // attributes come in any order
		t.Errorf("drawn again it is\n%s\nand was\n%s", again, first)
	}
}

// bulk is an entry with a body of about a megabyte.
func bulk(seed int) logs.Entry {
	var b strings.Builder
	for i := range 16_000 {
		fmt.Fprintf(&b, `,"k%d":{"name":"value %d","list":[%d,%d]}`, (i*7+seed)%16_000, i*seed, i, i%seed)
	}
	body, _ := json.Marshal("{" + b.String()[1:] + "}")
	return logs.Entry{Src: "elasticpath/useast/shop", Time: noon, Raw: json.RawMessage(`{"body":` + string(body) + `}`)}
}

func TestCompare_OfAMegabyteIsBounded(t *testing.T) {
	a, b := bulk(3), bulk(5)
	start := time.Now()
	c := CompareEntries(redact.Lens{}, a, b, pause)
	html := drawCompare(c, CompareState{})
	if d := time.Since(start); d > 10*time.Second || c.Differs() < 10_000 {
		t.Errorf("%v for %d differences", d, c.Differs())
	}
	if rows := strings.Count(html, `data-path=`); rows > 2*rowsAtOnce || !strings.Contains(html, "more values") {
		t.Errorf("%d rows are drawn at once", rows)
	}
}

func BenchmarkCompareEntries_Megabyte(b *testing.B) {
	x, y := bulk(3), bulk(5)
	b.SetBytes(int64(len(x.Raw) + len(y.Raw)))
	for b.Loop() {
		CompareEntries(redact.Lens{}, x, y, pause)
	}
}
