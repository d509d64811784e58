package page

import (
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/export"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/web/dom"
)

// fileOf writes a file as the server does and cuts it as the browser does: before its
// last whole line, and after.
func fileOf(t *testing.T, o export.Options, s *export.Summary, entries int, cut string) (head, line, rest string, lines int) {
	t.Helper()
	var b strings.Builder
	w := export.NewWriter(&b, o)
	err := w.Begin()
	for range entries {
		e := alogs.Entry{ID: "e", Src: "algolia/eu/APP", Summary: "a \"quoted\"\nline", TimeText: "2026-11-21T10:00:00Z", Time: noon.Add(-2 * time.Hour)}
		if err == nil {
			err = w.Entry(&e)
		}
	}
	if err == nil {
		if s != nil {
			err = w.End(*s)
		} else {
			err = w.Flush()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	text, last, end, inside := b.String(), 0, 0, false
	for i := range len(text) {
		switch {
		case text[i] == '"' && o.Format == export.CSV:
			inside = !inside
		case text[i] == '\n' && !inside:
			lines, last, end = lines+1, end, i+1
		}
	}
	return text[:last], text[last:end], text[end:] + cut, lines
}

func TestEndFile_AsTheServerEndedIt(t *testing.T) {
	for _, f := range export.Formats() {
		for _, n := range []int{0, 1, 3} {
			o := export.Options{Format: f}
			_, line, rest, lines := fileOf(t, o, &export.Summary{Complete: true}, n, "")
			if f == export.NDJSON || f == export.JSON {
				line = "  " + line // it took long
			}
			tail, end := endFile(o, dom.ExportDone, line, rest, lines)
			if tail != line || (end != fileEnd{Complete: true, Entries: n}) {
				t.Errorf("%s with %d entries ends with %q as %+v", f, n, tail, end)
			}
			const why = `Coveo answered 503: "try *later*", after <3> pages`
			_, line, rest, lines = fileOf(t, o, &export.Summary{Reason: why}, n, "")
			tail, end = endFile(o, dom.ExportDone, line, rest, lines)
			want := why
			if f == export.Markdown {
				want += "."
			}
			if tail != line || (end != fileEnd{Reason: want, Entries: n}) {
				t.Errorf("incomplete %s with %d entries ends with %q as %+v", f, n, tail, end)
			}
		}
	}
}

func TestEndFile_CanceledOrCutSaysSoAndStaysReadable(t *testing.T) {
	for _, f := range export.Formats() {
		for _, n := range []int{0, 1, 3} {
			for how, why := range map[dom.ExportEnd]string{
				dom.ExportCanceled: "canceled by the reader", dom.ExportCut: "the connection to logpane broke", dom.ExportDone: "the connection to logpane broke",
			} {
				cut := `{"id":"half of`
				if f == export.CSV {
					cut = `2026,"half` + "\n of"
				}
				o := export.Options{Format: f}
				head, line, rest, lines := fileOf(t, o, nil, n, cut)
				tail, end := endFile(o, how, line, rest, lines)
				if end.Complete || end.Entries != n || end.Reason != why {
					t.Errorf("%s %s after %d entries: %+v", f, how, n, end)
				}
				var want strings.Builder
				if err := export.NewWriter(&want, o).End(export.Summary{Reason: why, Entries: n}); err != nil {
					t.Fatal(err)
				}
				if tail != line+want.String() {
					t.Errorf("%s %s after %d entries is\n%s%s", f, how, n, head, tail)
				}
			}
		}
	}
}

func TestEndFile_NothingCameIsAFileNonetheless(t *testing.T) {
	for _, f := range export.Formats() {
		o := export.Options{Format: f}
		var want strings.Builder
		w := export.NewWriter(&want, o)
		if err := w.Begin(); err != nil {
			t.Fatal(err)
		}
		if err := w.End(export.Summary{Reason: "the connection to logpane broke"}); err != nil {
			t.Fatal(err)
		}
		if tail, end := endFile(o, dom.ExportCut, "", "half a he", 0); tail != want.String() || end.Complete || end.Entries != 0 {
			t.Errorf("%s: %q %+v, want %q", f, tail, end, want.String())
		}
	}
}

func TestTimeIn_OfTheEntryInEachFormat(t *testing.T) {
	want := noon.Add(-2 * time.Hour)
	for _, f := range export.Formats() {
		o := export.Options{Format: f, Zone: time.FixedZone("", -3*3600)}
		if _, line, _, _ := fileOf(t, o, nil, 2, ""); !timeIn(line).Equal(want) {
			t.Errorf("%s: %s in %q", f, timeIn(line), line)
		}
	}
	for _, line := range []string{"", "2026-11-21T10:00", `{"id":"x","summary":"no time"}`, "| level | 2026-13-21T10:00:00Z |"} {
		if got := timeIn(line); !got.IsZero() {
			t.Errorf("%q shows %s", line, got)
		}
	}
}
