package part

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/shape"
)

// told is what an entry says, decoded and without secrets. It is made once for an
// entry: everything on the panel and everything that is copied comes from here.
type told struct {
	entry  logs.Entry // as it came
	lens   redact.Lens
	open   *told // the same with what the lens covers; nil until it is asked for
	vendor string
	raw    string // the vendor's JSON
	doc    decode.Doc
	isJSON bool
	blocks []block
	chain  []decode.Exception // outermost first
	call   shape.Call         // of Algolia
	isCall bool
	target string // of fields
	fields []Field
}

// rows returns the entry's fields. They hold the same as long as the target has the
// same name.
func (t *told) rows(target string) []Field {
	if t.fields == nil || t.target != target {
		t.fields, t.target = Fields(t.entry, target, t.lens), strings.Clone(target)
	}
	return t.fields
}

// form is how a block is read.
type form uint8

const (
	asText form = iota
	asHTML
	asJSON
	asQuery
	asHeaders
	asTrace
)

// block is a value that needs room of its own.
type block struct {
	id     string // in paths of the panel: "body"
	title  string
	field  string // what the query language calls it; "" where it cannot reach it
	text   string
	form   form
	doc    decode.Doc
	params decode.Params
	pairs  []decode.Pair
	before string // of a trace
	chain  []decode.Exception
	cut    string // what is known of the cut; "" for a whole text
}

// blockTitles are better names for what vendors call their members.
var blockTitles = glossary{
	"query_body", "Request body", "answer", "Answer", "query_headers", "Request headers", "url", "Address",
	"body", "Response body", "message", "Message", "error_detail", "Error detail",
}

// prefixes are how paths into a vendor's JSON begin in the query language.
var prefixes = map[string]string{"elasticpath": "ep", "moltin": "moltin", "coveo": "coveo", "algolia": "algolia", "deepset": "deepset"}

func tell(e logs.Entry, lens redact.Lens) *told {
	t := &told{entry: e, lens: lens, raw: lens.Text(string(e.Raw))}
	summary := lens.Text(e.Summary)
	t.vendor, _, _ = strings.Cut(e.Src, "/")
	prefix := prefixes[t.vendor]
	if prefix == "" {
		prefix = "raw"
	}
	t.doc, t.isJSON = decode.JSON(t.raw)
	root := &t.doc.Root
	if t.isJSON && root.Kind == decode.Object {
		if x, ok := root.Kid("exceptions"); ok {
			t.chain = decode.Libraries.Exceptions(x)
		}
		for i := range root.Kids {
			k := &root.Kids[i]
			if k.Kind != decode.String || k.Text == summary {
				continue
			}
			if b, ok := newBlock(k.Key, k.Text); ok {
				b.field = prefix + "." + k.Key
				if title := blockTitles.of(k.Key); title != "" {
					b.title = title
				}
				if t.vendor == "algolia" && (k.Key == "query_body" || k.Key == "answer") && utf8.RuneCountInString(k.Text) >= shape.CutAt && (b.form != asJSON || b.doc.Cut) {
					b.cut = "cut by Algolia at " + Count(shape.CutAt) + " characters"
				}
				t.blocks = append(t.blocks, b)
			}
		}
		if t.vendor == "algolia" {
			t.call, t.isCall = shape.Read(t.raw)
			t.lengths(root.Member("query_headers"))
		}
	}
	for _, f := range e.Fields {
		text := lens.Field(f.Name, logs.TextOf(f.Value))
		if t.shows(text) {
			continue
		}
		if b, ok := newBlock(f.Name, text); ok && text != summary {
			if t.find(f.Name) != nil {
				b.id = "field:" + f.Name
			}
			t.blocks = append(t.blocks, b)
		}
	}
	return t
}

// lengths adds how long a cut body was, which the call's headers say.
func (t *told) lengths(headers string) {
	pairs, _ := decode.Headers(headers)
	b := t.find("query_body")
	if b == nil || b.cut == "" {
		return
	}
	for _, p := range pairs {
		if n, err := strconv.Atoi(p.Value); err == nil && strings.EqualFold(p.Name, "content-length") && n > len(b.text) {
			b.cut += " (sent: " + Some(n, "byte") + ")"
		}
	}
}

// real returns the value at a path as a filter compares it, "" where a credential is
// in it.
func (t *told) real(path string) string {
	if t.open == nil {
		t.open = tell(t.entry, redact.Lens{Reveal: true})
	}
	text, _ := t.open.at(path)
	if strings.Contains(text, "[masked") {
		return ""
	}
	return text
}

// tags counts the values that the lens covers and could show.
func (t *told) tags() int {
	n := redact.Tags(t.raw)
	if n == 0 {
		for _, f := range t.rows(t.target) {
			n += redact.Tags(f.Value)
		}
	}
	return n
}

func (t *told) find(id string) *block {
	for i := range t.blocks {
		if t.blocks[i].id == id {
			return &t.blocks[i]
		}
	}
	return nil
}

// shows reports whether a block has this text already: a field may hold the
// beginning of what the raw JSON holds.
func (t *told) shows(text string) bool {
	if text == "" {
		return false
	}
	for i := range t.blocks {
		whole := t.blocks[i].text
		if whole == text || len(text) > 1000 && strings.HasPrefix(whole, strings.TrimRight(text, "…")) {
			return true
		}
	}
	return false
}

// inline bounds the values that stand in the list of fields, in bytes.
const inline = 400

// newBlock reads a text, and reports whether it needs room of its own.
func newBlock(id, text string) (block, bool) {
	b := block{id: id, title: id, text: text}
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return b, false
	}
	var ok bool
	if b.doc, ok = decode.JSON(text); ok && (len(b.doc.Root.Kids) > 0 || b.doc.Cut) {
		b.form = asJSON
		if b.doc.Cut {
			b.cut = "cut off here"
		}
		return b, true
	}
	if b.before, b.chain, ok = decode.Libraries.Trace(text); ok {
		b.form = asTrace
		return b, true
	}
	if b.params, ok = decode.QueryString(text); ok {
		b.form = asQuery
		return b, true
	}
	if b.pairs, ok = decode.Headers(text); ok {
		b.form = asHeaders
		return b, true
	}
	if trimmed[0] == '<' && strings.Contains(trimmed, ">") {
		b.form = asHTML
		return b, true
	}
	return b, strings.Contains(trimmed, "\n") || len(trimmed) > inline
}

// trace returns the exceptions of a block, or those that stand in the entry.
func (t *told) trace(id string) []decode.Exception {
	if id == idChain {
		return t.chain
	}
	if b := t.find(id); b != nil {
		return b.chain
	}
	return nil
}

// idChain is the trace that is a member of its own.
const idChain = "exceptions"

// at returns the text of the value at a path, as it is copied.
func (t *told) at(path string) (string, bool) {
	id, rest, _ := strings.Cut(path, "/")
	if id == "raw" && t.isJSON {
		return textAt(&t.doc.Root, rest)
	}
	b := t.find(id)
	if b == nil {
		return "", false
	}
	switch {
	case rest == "":
		return b.text, true
	case b.form == asJSON:
		return textAt(&b.doc.Root, rest)
	case b.form == asQuery:
		return pairAt(b.params.Pairs, rest)
	case b.form == asHeaders:
		return pairAt(b.pairs, rest)
	}
	return "", false
}

// textAt follows the steps of a path: places of values, and "in" for what stands
// inside of a string.
func textAt(n *decode.Node, path string) (string, bool) {
	for path != "" {
		step, rest, _ := strings.Cut(path, "/")
		path = rest
		if step == "in" {
			in, ok := inside(n)
			if !ok {
				return "", false
			}
			if in.isJSON {
				n = &in.doc.Root
				continue
			}
			return pairAt(in.params.Pairs, path)
		}
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(n.Kids) {
			return "", false
		}
		n = &n.Kids[i]
	}
	if n.Kind == decode.Array || n.Kind == decode.Object {
		return n.Src, true
	}
	return n.Text, true
}

func pairAt(pairs []decode.Pair, path string) (string, bool) {
	step, rest, _ := strings.Cut(path, "/")
	i, err := strconv.Atoi(step)
	if err != nil || i < 0 || i >= len(pairs) {
		return "", false
	}
	if rest == "" {
		return pairs[i].Value, true
	}
	n := decode.Node{Kind: decode.String, Text: pairs[i].Value}
	return textAt(&n, rest)
}

// insides is what stands in a string.
type insides struct {
	isJSON bool
	doc    decode.Doc
	params decode.Params
}

// inside reads a string that holds JSON or a query string.
func inside(n *decode.Node) (insides, bool) {
	if n.Kind != decode.String || len(n.Text) < 3 {
		return insides{}, false
	}
	if doc, ok := decode.JSON(n.Text); ok && len(doc.Root.Kids) > 0 {
		return insides{isJSON: true, doc: doc}, true
	}
	if n.Key == "params" { // Algolia's: known to be one, however short
		if pairs, more := decode.Query(n.Text); len(pairs) > 0 && strings.Contains(n.Text, "=") {
			return insides{params: decode.Params{Pairs: pairs, More: more}}, true
		}
	}
	params, ok := decode.QueryString(n.Text)
	return insides{params: params}, ok
}
