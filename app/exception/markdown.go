package exception

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/decode"
)

// Markdown writes a chain of exceptions, outermost first, as people paste it into an
// issue: own frames whole, runs of library frames as their number. Nothing that the
// vendor wrote can become markup.
func Markdown(chain []decode.Exception) string {
	var b strings.Builder
	for i := range chain {
		x := &chain[i]
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString("**")
		if i > 0 {
			b.WriteString("caused by ")
		}
		kind := x.Type
		if kind == "" {
			kind = "Exception"
		}
		b.WriteString(code(kind) + "**\n\n")
		var in strings.Builder
		if value := strings.TrimRight(x.Value, "\n"); value != "" {
			in.WriteString(value + "\n")
		}
		for _, run := range x.Runs() {
			if n := len(run.Frames); !run.Own && n > 1 {
				in.WriteString("    … " + strconv.Itoa(n) + " library frames\n")
				continue
			}
			for _, f := range run.Frames {
				in.WriteString("    " + FrameText(f) + "\n")
			}
		}
		if in.Len() == 0 {
			b.WriteString("No trace was given.\n")
			continue
		}
		text := decode.Visible(in.String())
		fence := strings.Repeat("`", max(3, ticks(text)+1))
		b.WriteString(fence + "\n" + text + fence + "\n")
	}
	return b.String()
}

// Markdown writes the card with the trace of one of its occurrences. link leads to
// the card, "" for none; atLeast says that more occurrences may exist than were read.
func (c *Card) Markdown(chain []decode.Exception, link string, zone *time.Location, atLeast bool) string {
	s := "### " + code(c.Title())
	if len(c.Components) > 0 {
		s += " in component " + code(c.Components[0].Name)
	}
	s += "\n\n"
	if c.Value != "" {
		s += "> " + code(c.Value) + "\n\n"
	}
	n := strconv.Itoa(c.Count)
	if atLeast {
		n = "at least " + n
	}
	if !c.First.IsZero() {
		const layout = "2006-01-02 15:04:05 MST"
		n += ", from " + c.First.In(zone).Format(layout) + " to " + c.Last.In(zone).Format(layout)
	}
	id := code(c.Fingerprint)
	if link != "" {
		id = "[" + id + "](" + strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E").Replace(link) + ")"
	}
	for i, text := range [...]string{n, code(c.Frame), listed(c.Pipelines), listed(c.Origins), id} {
		if text != "" {
			s += "- " + [...]string{"seen", "in", "pipelines", "origins", "fingerprint"}[i] + ": " + text + "\n"
		}
	}
	return s + "\n" + Markdown(chain)
}

func listed(counts []Count) string {
	var out []string
	for _, c := range counts {
		out = append(out, code(c.Name)+" "+strconv.Itoa(c.N)+"×")
	}
	return strings.Join(out, ", ")
}

// code writes one line of vendor text as code, whatever is in it.
func code(s string) string {
	s = decode.Visible(strings.Join(strings.Fields(s), " "))
	if s == "" {
		return ""
	}
	tick := strings.Repeat("`", ticks(s)+1)
	if s[0] == '`' || s[len(s)-1] == '`' {
		s = " " + s + " "
	}
	return tick + s + tick
}

// ticks returns the length of the longest run of backticks.
func ticks(s string) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] == '`' {
			run++
			longest = max(longest, run)
			continue
		}
		run = 0
	}
	return longest
}
