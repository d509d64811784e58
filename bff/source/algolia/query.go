package algolia

import (
	"net/url"
	"strings"

	"github.com/logpane/logpane/bff/source/rest"
)

// A call's URL and bodies say what was searched for, but none of them can be
// trusted to be whole: the vendor cuts bodies at 1,000 characters. What follows
// reads as far as the text goes and gives up quietly.

// verbs are the last segments of the search API's paths that say what a call
// does; per the API reference's list of endpoints.
var verbs = map[string]bool{
	"query": true, "queries": true, "browse": true, "objects": true, "batch": true, "settings": true,
	"partial": true, "deleteByQuery": true, "clear": true, "operation": true, "search": true, "recommendations": true,
}

// searching are the verbs whose bodies hold a text to search for. Others may hold
// records, in which "query" is somebody's data.
var searching = map[string]bool{"query": true, "queries": true, "browse": true, "recommendations": true}

// verbOf returns the last segment of a path if it is a known verb.
func verbOf(path string) string {
	if last := path[strings.LastIndexByte(path, '/')+1:]; verbs[last] {
		return last
	}
	return ""
}

// maskPath returns the path of a call's URL: without its query string, which may
// carry an API key and what people typed, and without the key in /1/keys/KEY.
func maskPath(u string) string {
	if scheme := strings.Index(u, "://"); scheme >= 0 && !strings.ContainsAny(u[:scheme], "/?#") {
		u = u[scheme+3:]
		if slash := strings.IndexByte(u, '/'); slash >= 0 {
			u = u[slash:]
		}
	}
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		u = u[:i]
	}
	const keys = "/keys/"
	if i := strings.Index(u, keys); i >= 0 {
		key, after, more := strings.Cut(u[i+len(keys):], "/")
		u = u[:i+len(keys)] + stars(key)
		if more {
			u += "/" + after
		}
	}
	return u
}

// keyParams name what carries an API key in URLs and headers.
var keyParams = []string{"x-algolia-api-key=", "x-algolia-api-key:", "securedapikey="}

// hideKeys covers the values of key parameters and headers anywhere in a text.
// Like the vendor it leaves four characters in front.
func hideKeys(s string) string {
	var b strings.Builder
	done := 0
	for i := 0; i < len(s); i++ {
		from := keyAt(s, i)
		if from < 0 {
			continue
		}
		for from < len(s) && s[from] == ' ' {
			from++
		}
		to := from
		for to < len(s) && strings.IndexByte("&\n\r \"'\\<>,;", s[to]) < 0 {
			to++
		}
		b.WriteString(s[done:from])
		b.WriteString(stars(s[from:to]))
		done, i = to, to-1
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// keyAt returns where the value of a key parameter that starts at s[i] begins, -1
// where none starts.
func keyAt(s string, i int) int {
	if c := s[i] | 0x20; c != 'x' && c != 's' {
		return -1
	}
	for _, p := range keyParams {
		if end := i + len(p); end <= len(s) && strings.EqualFold(s[i:end], p) {
			return end
		}
	}
	return -1
}

// stars covers a key but for its first four characters.
func stars(key string) string {
	const shown = 4
	if len(key) <= shown {
		return strings.Repeat("*", len(key))
	}
	return key[:shown] + strings.Repeat("*", len(key)-shown)
}

// maxQuery bounds the searched text of an entry, in bytes, and maxQueries the
// number of queries of one call that are quoted.
const (
	maxQuery   = 300
	maxQueries = 3
)

// query returns what the call searched for, "" where it searched for everything,
// nothing, or does not say.
func (c *call) query(path, verb string) string {
	var found []string
	add := func(s string) {
		if s = oneLine(s); len(found) < maxQueries {
			found = addWord(found, s)
		}
	}
	if searching[verb] || strings.HasSuffix(path, "/facets/query") {
		scanQueries(c.queryBody, add)
	}
	if len(found) == 0 {
		add(queryParam(c.queryParams))
	}
	if len(found) == 0 && strings.HasPrefix(path, "/1/indexes/") {
		if _, q, ok := strings.Cut(c.url, "?"); ok {
			add(queryParam(q))
		}
	}
	return strings.Join(found, `", "`)
}

// scanQueries reports the texts searched for in a body: JSON with members "query"
// or "facetQuery", or with "params" in URL form; or a form by itself.
func scanQueries(body string, found func(string)) {
	if i := blank(body, 0); i >= len(body) || body[i] != '{' && body[i] != '[' {
		found(queryParam(body))
		return
	}
	for i := 0; i < len(body); {
		if body[i] != '"' {
			i++
			continue
		}
		name, end, _ := cutString(body, i)
		// A string before a colon is a name; others are values of no interest.
		i = blank(body, end)
		if i >= len(body) || body[i] != ':' {
			continue
		}
		i = blank(body, i+1)
		if i >= len(body) || body[i] != '"' {
			continue
		}
		text, end, whole := cutString(body, i)
		i = end
		switch name {
		case "query", "facetQuery":
			text = decodeText(text)
			if !whole {
				text += "…"
			}
			found(text)
		case "params":
			found(queryParam(decodeText(text)))
		}
	}
}

// blank returns the index of the first byte from i on that is not JSON space.
func blank(s string, i int) int {
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	return i
}

// cutString returns what stands between the quotes of the JSON string at s[i], as
// far as it goes, and where it ends.
func cutString(s string, i int) (text string, end int, whole bool) {
	for end = i + 1; end < len(s) && s[end] != '"'; end++ {
		if s[end] == '\\' {
			end++
		}
	}
	if end < len(s) {
		return s[i+1 : end], end + 1, true
	}
	text = s[i+1:]
	// An escape that the cut went through is dropped.
	if esc := strings.LastIndexByte(text, '\\'); esc >= 0 && !escaped(text, esc) {
		if tail := text[esc:]; len(tail) == 1 || tail[1] == 'u' && len(tail) < len(`\u0000`) {
			text = text[:esc]
		}
	}
	return text, len(s), false
}

// queryParam returns the parameter query, or facetQuery, of a string in URL form.
// A broken escape is left as it stands.
func queryParam(s string) string {
	for part := range strings.SplitSeq(s, "&") {
		name, v, ok := strings.Cut(part, "=")
		if !ok || name != "query" && name != "facetQuery" {
			continue
		}
		if text, err := url.QueryUnescape(v); err == nil {
			return text
		}
		return v
	}
	return ""
}

// messageIn returns the "message" of an answer that may be cut.
func messageIn(answer string) string {
	const name = `"message"`
	i := strings.Index(answer, name)
	if i < 0 {
		return ""
	}
	at := strings.TrimLeft(answer[i+len(name):], " \t\r\n")
	at, ok := strings.CutPrefix(at, ":")
	at = strings.TrimLeft(at, " \t\r\n")
	if !ok || !strings.HasPrefix(at, `"`) {
		return ""
	}
	text, _, _ := cutString(at, 0)
	return oneLine(decodeText(text))
}

// escaped reports whether the character at s[i] has an odd number of backslashes
// in front of it.
func escaped(s string, i int) bool {
	n := 0
	for i-1-n >= 0 && s[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

func decodeText(s string) string { return rest.Value(`"` + s + `"`).Text() }

func oneLine(s string) string { return rest.Line(s, maxQuery) }
