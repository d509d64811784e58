// Package exception groups the exceptions of deepset's logs to cards: what was
// raised in the same place is one card, however its messages differ in ids and
// numbers.
//
//	cards := exception.New()
//	cards.Begin()
//	for i, e := range entries {
//		cards.Add(i, &e)
//	}
//	for _, c := range cards.List(from, to, 24) {
//		// c.Title() is "TypeError", c.Frame "/app/custom_nodes/prompt_tools.py:42 join_context", c.Count 18
//	}
//
// An exception is told by what was raised first, of a chain the innermost one, and
// by the frame of one's own code in which that happened, line included. Where only
// libraries are in the trace, the frame closest to what was raised stands for it,
// and where there is no trace at all, the text without its ids and numbers. From
// this follows the fingerprint, which is the same in every browser and on every
// day, so that it can stand in a link.
//
// The package asks for no time and holds no lock: what it counts is what it was
// given. It must not invent anything: a card of entries without a trace says so,
// and is never mixed with the one that it probably belongs to.
package exception

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

// Bounds of what is looked at.
const (
	maxText  = 4 << 10 // bytes of a value that stand for an exception without a trace
	maxFirst = 300     // bytes of the first line of a message
)

// Raised is what one entry says was raised. Secrets are masked in it.
type Raised struct {
	Chain       []decode.Exception // outermost first, at least one
	Message     string             // of the log, whole; "" where it has none
	Type        string             // of what was raised first; "" where it is not told
	Frame       decode.Frame       // where that was; zero without a trace
	Traced      bool               // there is a frame
	Component   string             // "prompt_builder", as newer messages say; "" where they do not
	Kind        string             // of that component: "PromptBuilder"
	Fingerprint string
}

// Maybe reports whether the JSON of an entry, or the vendor's within it, may hold an
// exception. It reads no more than it must: false is certain where members are named
// without escapes, as every JSON writer names them.
func Maybe(json []byte) bool {
	const name = `"exceptions"`
	for rest := json; ; {
		at := bytes.Index(rest, []byte(name))
		if at < 0 {
			break
		}
		rest = bytes.TrimLeft(rest[at+len(name):], " \t\r\n")
		if len(rest) == 0 || rest[0] != ':' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) > 0 && rest[0] != 'n' {
			return true
		}
	}
	return bytes.Contains(json, []byte(traceback))
}

// traceback is how Python begins to print a trace, in a message.
const traceback = "Traceback (most recent call last):"

// Read reads what a deepset entry says was raised: its member exceptions, per "Get
// Pipeline Logs", or a trace that Python printed into the message. It returns false
// for an entry without one, and for other vendors' entries.
func Read(e *logs.Entry) (Raised, bool) {
	if !isOurs(e.Src) || !Maybe(e.Raw) {
		return Raised{}, false
	}
	doc, ok := decode.JSON(redact.Secrets(string(e.Raw)))
	if !ok {
		return Raised{}, false
	}
	root := &doc.Root
	r := Raised{Message: root.Member("message")}
	if n, ok := root.Kid("exceptions"); ok {
		r.Chain = chain(n)
	}
	if len(r.Chain) == 0 && strings.Contains(r.Message, traceback) {
		_, r.Chain, _ = decode.Libraries.Trace(r.Message)
	}
	if len(r.Chain) == 0 {
		return Raised{}, false
	}
	r.Type = r.Chain[len(r.Chain)-1].Type
	r.Frame, r.Traced = where(r.Chain)
	for i := range r.Chain {
		r.component(r.Chain[i].Value)
	}
	r.component(r.Message)
	r.Fingerprint = fingerprint(&r)
	return r, true
}

// isOurs reports whether a target is one whose exceptions are read.
func isOurs(src string) bool { return strings.HasPrefix(src, "deepset/") }

func (r *Raised) component(text string) {
	name, kind := decode.Component(text)
	if r.Component == "" {
		r.Component = name
	}
	if r.Kind == "" {
		r.Kind = kind
	}
}

// chain reads the member exceptions. Documented are null and an array of objects; a
// single object or a text says as much.
func chain(n *decode.Node) []decode.Exception {
	switch n.Kind {
	case decode.Object:
		n = &decode.Node{Kind: decode.Array, Kids: []decode.Node{*n}}
	case decode.String:
		return text(n.Text)
	case decode.Array:
	default:
		return nil
	}
	var out []decode.Exception
	for _, x := range decode.Libraries.Exceptions(n) {
		if x.Type != "" || x.Value != "" || len(x.Frames) > 0 {
			out = append(out, x)
		}
	}
	for i := range n.Kids {
		if kid := &n.Kids[i]; out == nil && kid.Kind == decode.String {
			return text(kid.Text)
		}
	}
	return out
}

// text reads an exception that was sent as a text.
func text(s string) []decode.Exception {
	if _, chain, ok := decode.Libraries.Trace(s); ok {
		return chain
	}
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return []decode.Exception{{Value: s}}
}

// where returns the frame that stands for a chain: the most recent one of one's own
// code, looked for from what was raised first outwards; else the most recent one.
func where(chain []decode.Exception) (decode.Frame, bool) {
	for i := len(chain) - 1; i >= 0; i-- {
		if f, ok := chain[i].Cause(); ok {
			return f, true
		}
	}
	for i := len(chain) - 1; i >= 0; i-- {
		x := &chain[i]
		switch n := len(x.Frames); {
		case n == 0:
		case x.First:
			return x.Frames[0], true
		default:
			return x.Frames[n-1], true
		}
	}
	return decode.Frame{}, false
}

// FrameText writes a frame as "file:line name".
func FrameText(f decode.Frame) string {
	s := f.File
	if f.Line > 0 {
		s += ":" + strconv.Itoa(f.Line)
	}
	if f.Name != "" && s != "" {
		s += " "
	}
	return s + f.Name
}

// Short returns a file of a library from the name of its package on: where it is
// installed differs between machines and versions of Python.
func Short(file string) string {
	for _, dir := range [...]string{"/site-packages/", "/dist-packages/", "/node_modules/"} {
		if at := strings.LastIndex(file, dir); at >= 0 {
			return file[at+len(dir):]
		}
	}
	return file
}

// fingerprint is ten hexadecimal digits of FNV-1a over type and place. It needs to
// tell a few hundred cards apart, and keeps nothing secret.
func fingerprint(r *Raised) string {
	h := uint64(14695981039346656037)
	add := func(s string) {
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211 // no byte of UTF-8: it keeps the parts apart
	}
	add(r.Type)
	if r.Traced {
		f := r.Frame
		f.File = Short(strings.ReplaceAll(f.File, `\`, "/"))
		add("frame")
		add(f.File)
		add(strconv.Itoa(f.Line))
		add(f.Name)
	} else {
		add("text")
		add(Variant(cut(r.Chain[len(r.Chain)-1].Value, maxText)))
	}
	const digits = "0123456789abcdef"
	var out [10]byte
	for i := range out {
		out[i] = digits[h>>60]
		h <<= 4
	}
	return string(out[:])
}

// IsFingerprint reports whether s can be one.
func IsFingerprint(s string) bool {
	return len(s) == 10 && strings.Trim(s, "0123456789abcdef") == ""
}
