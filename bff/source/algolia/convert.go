package algolia

// Their word            Our word                 Where documented
//
// timestamp             Time, TimeText           getLogs: "Timestamp in ISO-8601 format", whole seconds
// sha1                  ID                       getLogs: "SHA1 ID of entry"; not promised to be unique
// answer_code           Status, Level, Outcome   getLogs: "HTTP response code"; 5xx error, 4xx warning, else info
// processing_time_ms    Took                     getLogs: "does not include network time"
// index, inner_queries  Item, field index        getLogs: "Index name of the log"
// method, url, ip       fields of these names    url without its query string, which carries keys
// query_body            field query              the text searched for, as far as the vendor's cut leaves it
// query_params          field query              the same, where the body has none
// query_nb_hits         field hits
// nb_api_calls          field api_calls
// inner_queries         fields user_token, query_id
// answer                field error              its message, for answers of 400 and above
// query_headers         in Raw only
// exhaustive            in Raw only              gone from the specification
//
// Outcome: 2xx and 3xx succeeded, 4xx and 5xx failed. Which calls are "build"
// is not documented, so no type is guessed.

import (
	"math"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/source/rest"
)

// convert makes an entry of a row. row is masked already.
func convert(row rest.Value, mask *rest.Mask) logs.Entry {
	e := logs.Entry{Raw: []byte(row)}
	if !row.IsObject() {
		e.ID = rest.ID("", string(row))
		e.Summary = rest.Line("Algolia sent a row that is no object: "+string(row), logs.MaxSummary)
		return e
	}
	c := parseCall(row)
	e.ID = c.id(row)
	e.TimeText = rest.Line(c.timestamp, maxTimeText)
	e.Time = rest.Time(c.timestamp)
	e.Took, e.HasTook = c.tookMS.Millis()
	e.Status, e.Level, e.Outcome = outcome(c.answerCode)
	path := maskPath(mask.Text(c.url))
	verb := verbOf(path)
	e.Item = hideKeys(c.item())

	query := mask.Text(c.query(path, verb))
	problem := ""
	if e.Status >= 400 {
		problem = mask.Text(messageIn(c.answer.Text()))
	}
	hits, counted := c.hits.Number()
	e.Fields = make(logs.Fields, 0, 10)
	e.Fields.Add("method", c.method)
	e.Fields.Add("url", path)
	e.Fields.Add("ip", c.ip)
	e.Fields.Add("index", e.Item)
	if counted {
		e.Fields.Add("hits", hits)
	}
	e.Fields.Add("query", query)
	e.Fields.Add("user_token", c.each(func(q innerQuery) string { return q.userToken }))
	e.Fields.Add("query_id", c.each(func(q innerQuery) string { return q.queryID }))
	if n, ok := c.apiCalls.Number(); ok {
		e.Fields.Add("api_calls", n)
	}
	e.Fields.Add("error", problem)
	for i, f := range e.Fields {
		if text, ok := f.Value.(string); ok {
			e.Fields[i].Value = hideKeys(text)
		}
	}
	e.Summary = hideKeys(c.summary(&e, verb, path, query, problem))
	return e
}

// maxTimeText bounds a time string, in bytes: a vendor's has 20.
const maxTimeText = 64

// id is the vendor's, else a hash of what tells calls of one second apart.
func (c *call) id(row rest.Value) string {
	if c.sha1 != "" {
		return rest.ID(c.sha1)
	}
	if c.timestamp+c.method+c.url+c.ip+c.queryBody == "" {
		return rest.ID("", string(row))
	}
	return rest.ID("", c.timestamp, c.method, c.url, c.ip, c.answerCode.Text(), c.queryBody)
}

func outcome(code rest.Value) (int, logs.Level, logs.Outcome) {
	status, _ := code.Whole()
	switch {
	case status < 100 || status > 599:
		return 0, logs.LevelUnknown, logs.OutcomeUnknown
	case status >= 500:
		return status, logs.LevelError, logs.OutcomeFailed
	case status >= 400:
		return status, logs.LevelWarning, logs.OutcomeFailed
	case status >= 200:
		return status, logs.LevelInfo, logs.OutcomeSucceeded
	}
	return status, logs.LevelInfo, logs.OutcomeUnknown
}

// item is the call's index, or those of its inner queries.
func (c *call) item() string {
	if c.index != "" {
		return c.index
	}
	return c.each(func(q innerQuery) string { return q.index })
}

// each joins what the inner queries say about something, each word once.
func (c *call) each(of func(innerQuery) string) string {
	var words []string
	for _, q := range c.inner {
		words = addWord(words, of(q))
	}
	return strings.Join(words, ", ")
}

func addWord(words []string, w string) []string {
	if w == "" {
		return words
	}
	for _, have := range words {
		if have == w {
			return words
		}
	}
	return append(words, w)
}

// summary reads like `POST queries products "fire tv" 10,500 hits`.
func (c *call) summary(e *logs.Entry, verb, path, query, problem string) string {
	var b strings.Builder
	word := func(s string) {
		if s == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s)
	}
	word(c.method)
	if verb == "" {
		word(rest.Cut(path, 200))
	} else {
		word(verb)
		word(rest.Cut(e.Item, 200))
	}
	if query != "" {
		word(`"` + rest.Cut(query, 200) + `"`)
	}
	if hits, ok := c.hits.Number(); ok {
		word(thousands(hits) + plural(hits, " hit"))
	}
	if e.Status >= 400 {
		word(strconv.Itoa(e.Status))
		word(problem)
	}
	if s := rest.Line(lineBreaks.Replace(b.String()), logs.MaxSummary); s != "" {
		return s
	}
	return "Algolia sent a call without method and URL"
}

// lineBreaks keeps rest.Line from ending at a break inside a name.
var lineBreaks = strings.NewReplacer("\n", " ", "\r", " ")

// thousands writes a count with commas.
func thousands(f float64) string {
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if f != math.Trunc(f) || math.Abs(f) >= 1e15 {
		return s
	}
	from := 0
	if f < 0 {
		from = 1
	}
	for i := len(s) - 3; i > from; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n float64, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
