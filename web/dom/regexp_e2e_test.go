//go:build e2e

package dom

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/chromedp/chromedp"

	"github.com/logpane/logpane/app/query"
)

// TestE2ERegexp_FindsWhatGoFinds asks a browser's engine about random patterns
// and texts, several at once, and Go's own about the same.
func TestE2ERegexp_FindsWhatGoFinds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	atoms := []string{"a", "b", "K", "ſ", ".", `\d`, `\w`, `\S`, `\b`, `\B`, "^", "$", `\n`, "[a-c]", "[^a]", `\.`, "é", "İ", "😀", `\x00`, "/", "-", `(?i:ok)`, `(?s:.)`, `(?m:^)`, `(?m:$)`, `\pL`, `[[:punct:]]`}
	ends := []string{"", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "{3,5}", "{13}", "*?", "+?"}
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
	letters := []rune("abcKkſéİiı😀 .\n\r\u2028\x00\x02-/0_OoKk")
	type question struct {
		Pattern, Script string
		Texts           []string
		Bytes           []byte // as web/dom copies them
		Size            int
	}
	var ask []question
	var want [][]bool
	for len(ask) < 1500 {
		p := pattern(2)
		re, err := regexp.Compile(p)
		if err != nil {
			continue // {2}* and the like
		}
		s, ok := query.Script(p)
		if !ok {
			continue // left to Go's engine
		}
		q := question{Pattern: p, Script: s}
		var is []bool
		joined := "\x01"
		var ends []byte
		for range 1 + r.IntN(6) {
			text := make([]rune, r.IntN(8))
			for i := range text {
				text[i] = letters[r.IntN(len(letters))]
			}
			q.Texts = append(q.Texts, string(text))
			is = append(is, re.MatchString(string(text)))
			joined += string(text)
			ends = binary.LittleEndian.AppendUint32(ends, uint32(len(utf16.Encode([]rune(joined)))))
			joined += "\x01"
		}
		q.Size = len(joined)
		for len(joined)%4 != 0 {
			joined += "\x00"
		}
		q.Bytes = append([]byte(joined), ends...)
		ask, want = append(ask, q), append(want, is)
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
	grid, err := os.ReadFile("../../static/grid.js")
	if err != nil {
		t.Fatal(err)
	}
	var got []any
	code := fmt.Sprintf(`%s
		(%s).map((q) => {
			try {
				const bytes = Uint8Array.from(atob(q.Bytes), (c) => c.charCodeAt(0)), n = q.Texts.length;
				const hits = logpaneSift(new RegExp(q.Script, "gu"), bytes, q.Size, n), found = [...bytes.subarray(0, n)].map(Boolean);
				return String(found) + " " + hits;
			} catch (e) {
				return String(e);
			}
		})`, grid, in)
	if err := chromedp.Run(ctx, chromedp.Navigate("about:blank"), chromedp.Evaluate(code, &got)); err != nil {
		t.Fatal(err)
	}
	wrong := 0
	for i, q := range ask {
		text, hits := "", 0
		for n, is := range want[i] {
			if is {
				hits++
			}
			if n > 0 {
				text += ","
			}
			text += fmt.Sprint(is)
		}
		if text += fmt.Sprint(" ", hits); got[i] != text && wrong < 10 {
			wrong++
			t.Errorf("%q, written %q, in %q: the browser says %v, Go says %v", q.Pattern, q.Script, q.Texts, got[i], text)
		}
	}
}
