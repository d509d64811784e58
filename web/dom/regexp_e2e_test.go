//go:build e2e

package dom

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/query"
)

// TestE2ERegexp_FindsWhatGoFinds asks a browser's engine about random patterns
// and texts, and Go's own about the same.
func TestE2ERegexp_FindsWhatGoFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	atoms := []string{"a", "b", "K", "ſ", ".", `\d`, `\w`, `\S`, `\b`, `\B`, "^", "$", `\n`, "[a-c]", "[^a]", `\.`, "é", "İ", "😀", `\x00`, "/", "-", `(?i:ok)`, `(?s:.)`, `(?m:^)`, `(?m:$)`, `\pL`, `[[:punct:]]`}
	ends := []string{"", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"}
	var pattern func(depth int) string
	pattern = func(depth int) string {
		var b strings.Builder
		for range 1 + r.IntN(3) {
			if depth > 0 && r.IntN(3) == 0 {
				b.WriteString("(" + pattern(depth-1) + ")" + ends[r.IntN(len(ends))])
			} else if depth > 0 && r.IntN(5) == 0 {
				b.WriteString("(?:" + pattern(depth-1) + "|" + pattern(depth-1) + ")")
			} else {
				b.WriteString(atoms[r.IntN(len(atoms))] + ends[r.IntN(len(ends))])
			}
		}
		return b.String()
	}
	letters := []rune("abcKkſéİiı😀 .\n\r\u2028\x00-/0_OoKk")
	type question struct{ Pattern, Script, Text string }
	var ask []question
	var want []bool
	for len(ask) < 3000 {
		p := pattern(2)
		re, err := regexp.Compile(p)
		if err != nil {
			continue // {2}* and the like
		}
		s, ok := query.Script(p)
		if !ok {
			continue // left to Go's engine
		}
		text := make([]rune, r.IntN(8))
		for i := range text {
			text[i] = letters[r.IntN(len(letters))]
		}
		ask = append(ask, question{p, s, string(text)})
		want = append(want, re.MatchString(string(text)))
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	defer cancel()
	in, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	code := fmt.Sprintf(`(%s).map((q) => { try { return new RegExp(q.Script, "u").test(q.Text); } catch (e) { return String(e); } })`, in)
	if err := chromedp.Run(ctx, chromedp.Navigate("about:blank"), chromedp.Evaluate(code, &got)); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, q := range ask {
		if got[i] != want[i] && wrong < 10 {
			wrong++
			t.Errorf("%q, written %q, in %q: the browser says %v, Go says %v", q.Pattern, q.Script, q.Text, got[i], want[i])
		}
	}
}
