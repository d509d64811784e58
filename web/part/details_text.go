package part

import (
	"strings"
	"unicode/utf8"

	"github.com/logpane/logpane/app/decode"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Long text begins with a few lines, and grows in steps: a panel is drawn once a
// second, and a message may have a megabyte.
const (
	fewLines  = 10
	fewBytes  = 4 << 10
	stepLines = 2_000
	stepBytes = 200 << 10
)

// long draws a text, its first lines if it is long.
func (d *Details) long(path, s string, send Send) app.UI {
	shown := some(s, d.State.steps[path])
	pre := elem("pre", "text", attrs{"tabindex", "0"}, app.Text(decode.Visible(shown)))
	if len(shown) == len(s) {
		if strings.TrimSpace(s) == "" {
			return txt("p", "mut", "Empty")
		}
		return pre
	}
	rest := s[len(shown):]
	label := Count((len(rest)+1023)>>10) + " KB more"
	if n := lines(rest); n > 1 || len(rest) < 1024 {
		label = Some(n, "more line")
	}
	return el("div", "", pre, moreButton(path, "Show "+label, send))
}

// some returns the beginning of a text after so many steps, at a line's end where
// there is one.
func some(s string, steps int) string {
	most, limit := fewLines, fewBytes
	if steps > 0 {
		most, limit = steps*stepLines, steps*stepBytes
	}
	at := 0
	for range most {
		n := strings.IndexByte(s[at:], '\n')
		if n < 0 {
			at = len(s)
			break
		}
		at += n + 1
	}
	if at > limit {
		at = limit
		if n := strings.LastIndexByte(s[:at], '\n'); n > limit/2 {
			at = n + 1
		}
		for at > 0 && at < len(s) && !utf8.RuneStart(s[at]) {
			at--
		}
	}
	if rest := s[at:]; len(rest) < 80 && lines(rest) <= 2 { // not worth a button
		return s
	}
	return s[:at]
}

func lines(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && s[len(s)-1] != '\n' {
		n++
	}
	return n
}

// first returns how many of n things to show: step of them, then ten times as many
// at each step.
func (d *Details) first(path string, n, step int) int {
	shown := step
	for range d.State.steps[path] {
		shown += 10 * step
	}
	if n <= shown+step/5 {
		return n
	}
	return shown
}

func moreButton(path, text string, send Send) app.UI {
	return button("btn small quiet show-more", send, MoreShown{path}, nil, icon("down"), app.Text(text))
}
