package shape

import (
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/redact"
)

// Curl returns the command that sends a call again, as far as the log holds it, for
// a POSIX shell. No key is in it, wherever the call had one: $ALGOLIA_API_KEY stands
// for the call's own. account is the application id of the target, for calls that do
// not tell theirs.
func (c *Call) Curl(account string) string {
	var b strings.Builder
	if c.Cut {
		b.WriteString("# Algolia cut the body: complete it before you send this.\n")
	}
	if !searches[c.Op] && c.Method != "GET" {
		b.WriteString("# This may change the index.\n")
	}
	app := c.app
	if !isName(app) {
		app = account
	}
	id, host := "'"+app+"'", "'https://"+app
	if !isName(app) {
		id, host = `"$ALGOLIA_APPLICATION_ID"`, `"https://$ALGOLIA_APPLICATION_ID"'`
	}
	if searches[c.Op] {
		host += "-dsn"
	}
	b.WriteString("curl --globoff -X " + method(c.Method) + " " + host + ".algolia.net" + quoted(c.target()) + "'")
	b.WriteString(" \\\n  -H 'x-algolia-application-id: '" + id)
	b.WriteString(" \\\n  -H 'x-algolia-api-key: '\"$ALGOLIA_API_KEY\"")
	if c.Body != "" {
		b.WriteString(" \\\n  -H 'content-type: application/json' \\\n  --data-raw '" + quoted(redact.Secrets(c.Body)) + "'")
	}
	return b.String()
}

// target returns the path and the query string without what names the application
// and its key.
func (c *Call) target() string {
	path := c.Path
	if before, key, ok := strings.Cut(path, "/keys/"); ok {
		_, rest, more := strings.Cut(key, "/")
		path = before + "/keys/[masked]"
		if more {
			path += "/" + rest
		}
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	_, own, _ := strings.Cut(c.Address, "?")
	sep := "?"
	for part := range strings.SplitSeq(own, "&") {
		pairs, _ := decode.Query(part)
		if len(pairs) == 0 || redact.IsSecret(pairs[0].Name) || strings.EqualFold(pairs[0].Name, "x-algolia-application-id") {
			continue
		}
		path += sep + part
		sep = "&"
	}
	return redact.Secrets(path)
}

// quoted writes a text for the inside of single quotes. Control characters are left
// out: JSON has none, and a terminal may obey one that is pasted.
func quoted(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || 0x7f <= r && r < 0xa0 {
			return -1
		}
		return r
	}, s)
	return strings.ReplaceAll(s, "'", `'\''`)
}

func method(m string) string {
	if !isName(m) {
		return "POST"
	}
	return m
}

// isName reports whether a word has letters and digits only.
func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9') {
			return false
		}
	}
	return s != ""
}
