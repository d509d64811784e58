package exception

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/decode"
)

// Sources says where one's own files can be read, as the reader set it: files that
// begin with Under lead to Link, in which {path} stands for the rest of the file's
// path and {line} for the line.
//
//	Sources{Under: "/app/", Link: "https://github.com/acme/rag/blob/main/{path}#L{line}"}
//
// The zero value knows no file.
type Sources struct {
	Under string
	Link  string
}

// Wrong returns why a pattern cannot be used, as a sentence; "" where it can, also
// for an empty one.
func (s Sources) Wrong() string {
	switch {
	case s.Link == "":
		return ""
	case !strings.HasPrefix(s.Link, "https://") && !strings.HasPrefix(s.Link, "http://"):
		return "Begin the address with https:// or http://."
	case !strings.Contains(s.Link, "{path}"):
		return "Write {path} where the file's path belongs, as in https://github.com/acme/rag/blob/main/{path}#L{line}."
	case strings.ContainsAny(s.Link, " \t\n<>\"'`\\"):
		return "An address has no spaces, quotes or angle brackets."
	}
	host, _, _ := strings.Cut(s.Link[strings.Index(s.Link, "//")+2:], "/")
	if host == "" || strings.ContainsAny(host, "{}") {
		return "Write the server's name before the path."
	}
	return ""
}

// Of returns where the source of a frame can be read, "" where it is not known: of
// one's own files by the pattern, of Haystack's in its repository.
func (s Sources) Of(f decode.Frame) string {
	if !f.Own {
		return decode.SourceLink(f)
	}
	path, ok := strings.CutPrefix(strings.ReplaceAll(f.File, `\`, "/"), s.Under)
	path = strings.TrimLeft(path, "/")
	if !ok || s.Link == "" || s.Wrong() != "" || path == "" || strings.Contains("/"+path+"/", "/../") {
		return ""
	}
	return strings.NewReplacer("{path}", escape(path), "{line}", strconv.Itoa(max(f.Line, 1))).Replace(s.Link)
}

// escape writes a path so that it stays one within an address.
func escape(path string) string {
	var b strings.Builder
	for i := range len(path) {
		switch c := path[i]; {
		case isWord(c) || strings.IndexByte("/-.~", c) >= 0:
			b.WriteByte(c)
		default:
			const digits = "0123456789ABCDEF"
			b.WriteByte('%')
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		}
	}
	return b.String()
}
