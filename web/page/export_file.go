package page

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
)

// fileEnd is how an exported file ends.
type fileEnd struct {
	Complete bool   `json:"complete"`
	Reason   string `json:"reason"` // why not, a plain sentence
	Entries  int    `json:"entries"`
	Canceled bool   `json:"-"` // by the reader, before the server had ended it
}

// headLines returns how many lines of a file come before its first entry.
func headLines(f export.Format) int {
	switch f {
	case export.CSV, export.JSON:
		return 1
	case export.Markdown:
		return 2
	}
	return 0
}

// readEnd reads the end that the server wrote from the last line of a file. ok says
// that the line is one; a complete CSV has none.
func readEnd(f export.Format, line string, lines int) (end fileEnd, ok bool) {
	line = strings.TrimLeft(strings.TrimRight(line, "\r\n"), " ") // spaces are signs of life of a long search
	switch f {
	case export.CSV:
		_, why, found := strings.Cut(line, "# incomplete: ")
		if !found || len(line)-len(why) > len(`"# incomplete: `) {
			return end, false
		}
		why = strings.TrimRight(why, ",")
		if line[0] == '"' {
			why = strings.ReplaceAll(strings.TrimSuffix(why, `"`), `""`, `"`)
		}
		return fileEnd{Reason: why, Entries: lines - headLines(f) - 1}, true
	case export.Markdown:
		if line == "" || line[0] == '|' {
			return end, false
		}
		_, why, cut := strings.Cut(line, "**Incomplete:** ")
		return fileEnd{Complete: !cut, Reason: unmarked.Replace(why), Entries: lines - headLines(f) - 2}, true
	case export.JSON:
		const head = `],"end":`
		if !strings.HasPrefix(line, head) {
			return end, false
		}
		line = strings.TrimSuffix(line[len(head):], "}")
	default:
		if !strings.HasPrefix(line, `{"end":true`) {
			return end, false
		}
	}
	return end, json.Unmarshal([]byte(line), &end) == nil
}

// unmarked undoes what keeps a text from being markup.
var unmarked = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&", `\\`, `\`, `\`, "")

// endFile returns what a file gets in the place of its last whole line and of what
// came after it, once nothing more comes, and how it ends. A file that the server did
// not end is told to be incomplete, in the words that the server has for that.
func endFile(o export.Options, how dom.ExportEnd, line, rest string, lines int) (tail string, end fileEnd) {
	if end, ok := readEnd(o.Format, line, lines); ok {
		return line + rest, end
	}
	head := headLines(o.Format)
	end = fileEnd{Entries: max(lines-head, 0)}
	var b strings.Builder
	w := export.NewWriter(&b, o)
	switch {
	case how == dom.ExportDone && o.Format == export.CSV && rest == "" && lines > 0:
		end.Complete = true
		return line, end
	case how == dom.ExportCanceled:
		end.Reason, end.Canceled = "canceled by the reader", true
	default:
		end.Reason = "the connection to logpane broke"
	}
	if lines < head {
		line = ""
		_ = w.Begin() // a Builder takes all
	}
	_ = w.End(export.Summary{Reason: end.Reason, Entries: end.Entries})
	return line + b.String(), end
}

// told says why a file is incomplete, with targets called as the page calls them and
// not by their addresses. passes says that the cause may be gone when the same is
// asked for again: what a vendor does not give stays away.
func (r *exporting) told(end fileEnd) (reason string, passes bool) {
	capped := false
	pieces := strings.Split(viewer.Capital(end.Reason), "; ")
	for i, piece := range strings.Split(end.Reason, "; ") {
		for j, src := range r.src {
			rest, ok := strings.CutPrefix(piece, src)
			failed := strings.HasPrefix(rest, " failed: ")
			if ok && (failed || strings.HasPrefix(rest, ": ")) {
				pieces[i] = r.named[j] + rest
				capped, passes = true, passes || failed
			}
		}
	}
	return strings.Join(pieces, "; "), passes || !capped
}

// timeIn returns the time of the entry in a line, zero where it shows none. The first
// thing that looks like one is taken, in lines of JSON the one of the entry.
func timeIn(line string) time.Time {
	if _, after, ok := strings.Cut(line, `"time":"`); ok {
		line = after
	}
	for i := 0; i+len("2006-01-02T15:04:05Z") <= len(line); i++ {
		if line[i+10] != 'T' || line[i+4] != '-' || line[i+7] != '-' {
			continue
		}
		text := line[i:]
		if end := strings.IndexAny(text, "\",| \r\n"); end >= 0 {
			text = text[:end]
		}
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
