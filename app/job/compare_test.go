package job

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/logpane/logpane/app/diff"
	"github.com/logpane/logpane/app/logs"
)

// answered is an attempt that was answered with body, as the driver gives it: the
// field holds the beginning of what Raw has.
func answered(status int, failure, body string) *logs.Entry {
	e := try("a", 1, 0, status)
	raw, _ := json.Marshal(map[string]any{"id": "a", "body": body})
	e.Raw = raw
	e.Fields.Add("error", failure)
	if len(body) > 16<<10 {
		body = body[:16<<10-len("…")] + "…"
	}
	e.Fields.Add("body", body)
	return &e
}

func names(changes []diff.Change) string {
	var out []string
	for _, c := range changes {
		out = append(out, c.Path)
	}
	return strings.Join(out, " ")
}

func TestCompare_OnlyWhatChanged(t *testing.T) {
	bad := answered(404, "outside of 2xx", "Not found")
	for _, c := range []struct {
		name           string
		before, e      *logs.Entry
		changed, equal string
		form           Form
	}{
		{"the first one", nil, bad, "outcome status error", "", First},
		{"the first one without an answer", nil, answered(0, "", ""), "outcome", "", NoBody},
		{"nothing", bad, answered(404, "outside of 2xx", "Not found"), "", "outcome status error", Equal},
		{"the status", bad, answered(500, "outside of 2xx", "Not found"), "status", "outcome error", Equal},
		{"the answer", bad, answered(404, "outside of 2xx", "Not here"), "", "outcome status error", ByLine},
		{"the end", bad, answered(200, "", `{"ok":true}`), "outcome status error", "", ByLine},
		{"both are empty", answered(200, "", ""), answered(500, "x", ""), "outcome status error", "", NoBody},
		{"one member", answered(500, "x", `{"error":"db","order":"1"}`), answered(500, "x", `{"order":"2", "error":"db"}`), "", "outcome status error", ByKey},
		{"only how it is written", answered(500, "x", `{"a":1,"b":2}`), answered(500, "x", `{ "b": 2, "a": 1 }`), "", "outcome status error", ByLine},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Compare(c.before, c.e)
			if names(d.Changed) != c.changed || names(d.Equal) != c.equal || d.Body.Form != c.form {
				t.Errorf("changed %q, equal %q, form %d", names(d.Changed), names(d.Equal), d.Body.Form)
			}
		})
	}
}

func TestCompare_JSONByKey(t *testing.T) {
	d := Compare(answered(500, "", `{"error":"db","order":"1","trace":["a","b"]}`), answered(500, "", `{"error":"db","order":"2","trace":["a","b"]}`))
	var changed []string
	for _, k := range d.Body.Keys {
		if k.Op != diff.Same {
			changed = append(changed, fmt.Sprint(k.Path, " ", k.Old, " ", k.New))
		}
	}
	if strings.Join(changed, ", ") != "order 1 2" {
		t.Errorf("%q of %+v", changed, d.Body.Keys)
	}
}

func TestAnswer_WholeAlsoWhereTheFieldIsCut(t *testing.T) {
	long := strings.Repeat("line of an answer\n", 60_000)
	e := answered(500, "", long)
	if got := Answer(e); got != long {
		t.Errorf("%d bytes of %d", len(got), len(long))
	}
	e.Raw = []byte(`{"body":["no text"]}`)
	if got := Answer(e); got != e.Fields.Text("body") {
		t.Errorf("%d bytes where only the field can be read", len(got))
	}
	if got := Answer(answered(500, "", strings.Repeat("x", 16<<10-20)+"…")); !strings.HasSuffix(got, "…") {
		t.Error("an ellipsis that was sent is gone")
	}
}

func TestCompare_SecretsAreMasked(t *testing.T) {
	d := Compare(answered(500, "", "no"), answered(500, "refused: Authorization: Bearer abcdef0123456789abcdef", "token: Bearer abcdef0123456789abcdef"))
	if text := fmt.Sprint(d); strings.Contains(text, "abcdef0123456789") {
		t.Error(text)
	}
}

// What Compare tells must be enough to have the second answer from the first.
func TestCompare_LinesGiveBothAnswers(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	text := func() string {
		var b strings.Builder
		for range rng.IntN(30) {
			fmt.Fprintf(&b, "line %d\n", rng.IntN(6))
		}
		return b.String()
	}
	for range 500 {
		old, now := text(), text()
		d := Compare(answered(500, "", old), answered(500, "", now)).Body
		switch {
		case old == now:
			if d.Form != Equal && old != "" {
				t.Fatalf("%q is told to differ from itself", old)
			}
			continue
		case d.Form != ByLine:
			t.Fatalf("form %d for %q and %q", d.Form, old, now)
		}
		var a, b string
		for _, r := range d.Lines {
			if r.Op != diff.New {
				a += r.Text
			}
			if r.Op != diff.Gone {
				b += r.Text
			}
		}
		if a != old || b != now {
			t.Fatalf("%q and %q became %q and %q", old, now, a, b)
		}
	}
}

// Long texts are compared in part, and still told whole.
func TestAnswers_LongTextsGiveBoth(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	unit := []string{"a line of it\n", "é", "x", " ", strings.Repeat("z", 3000), "other\n"}
	text := func(n int) string {
		var b strings.Builder
		for b.Len() < n {
			b.WriteString(unit[rng.IntN(len(unit))])
		}
		return b.String()
	}
	for range 20 {
		head, tail := text(rng.IntN(300_000)), text(rng.IntN(300_000))
		old, now := head+text(rng.IntN(200_000))+tail, head+text(rng.IntN(200_000))+tail
		if rng.IntN(4) == 0 {
			now = head + tail
		}
		body := Answers(old, now)
		var a, b strings.Builder
		for i, r := range body.Lines {
			if r.Text == "" || i > 0 && body.Lines[i-1].Op == r.Op || !utf8.ValidString(r.Text) {
				t.Fatalf("run %d: %d %q", i, r.Op, r.Text[:min(len(r.Text), 40)])
			}
			if r.Op != diff.New {
				a.WriteString(r.Text)
			}
			if r.Op != diff.Gone {
				b.WriteString(r.Text)
			}
		}
		if old != now && (a.String() != old || b.String() != now) {
			t.Fatalf("%d and %d bytes became %d and %d", len(old), len(now), a.Len(), b.Len())
		}
	}
}

func TestAnswers_OneChangedWordInALongLine(t *testing.T) {
	long := strings.Repeat("a b c ", 100_000)
	body := Answers(long+"old "+long, long+"new "+long)
	if len(body.Lines) != 4 || body.Lines[1].Text != "old" || body.Lines[2].Text != "new" {
		t.Errorf("%d runs: %.60q", len(body.Lines), body.Lines)
	}
}

// A megabyte on both sides, in the shapes that cost most.
func BenchmarkCompare(b *testing.B) {
	lines := func(from int, every int) string {
		var s strings.Builder
		for i := 0; s.Len() < 1<<20; i++ {
			if every > 0 && i%every == 0 {
				fmt.Fprintf(&s, "changed in %d\n", from+i)
				continue
			}
			fmt.Fprintf(&s, "row %d of what the shop answered, with an order and its lines\n", i)
		}
		return s.String()
	}
	object := func(from int) string {
		var s strings.Builder
		s.WriteString(`{"rows":[`)
		for i := 0; s.Len() < 1<<20; i++ {
			if i > 0 {
				s.WriteByte(',')
			}
			n := i
			if i%50 == 0 {
				n += from
			}
			fmt.Fprintf(&s, `{"order":%d,"state":"paid","lines":[{"sku":"S-%d","count":2}]}`, n, i)
		}
		return s.String() + "]}"
	}
	for name, c := range map[string][2]string{
		"lines":     {lines(0, 20), lines(1, 20)},
		"different": {lines(0, 1), lines(7_000_000, 1)},
		"one line":  {strings.Repeat("a b c ", 170_000), strings.Repeat("b c d ", 170_000)},
		"json":      {object(0), object(1)},
	} {
		b.Run(name, func(b *testing.B) {
			x, y := answered(500, "", c[0]), answered(500, "", c[1])
			old, now := Answer(x), Answer(y)
			b.SetBytes(int64(len(c[0]) + len(c[1])))
			for b.Loop() {
				Answers(old, now)
			}
		})
	}
	b.Run("answer", func(b *testing.B) {
		x := answered(500, "", lines(0, 20))
		b.SetBytes(1 << 20)
		for b.Loop() {
			Answer(x)
		}
	})
	b.Run("500 attempts", func(b *testing.B) {
		var all []logs.Entry
		for i := range 500 {
			all = append(all, try(fmt.Sprint(i), i+1, 60*i, 500))
		}
		for b.Loop() {
			Build(all)
		}
	})
}
