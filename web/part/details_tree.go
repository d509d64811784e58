package part

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/redact"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Bounds of a tree as it is drawn. What is beyond them is in the copy.
const (
	maxTreeRows = 1_500 // of one block
	fewKids     = 20    // of one array or object, before more are asked for
	maxInside   = 4     // strings in strings
	leafBytes   = 300   // of a string in a tree, before more is asked for
	briefBytes  = 120
	smallLeaves = 16 // of a branch that begins open
)

// tree draws one block.
type tree struct {
	d     *Details
	send  Send
	brief bool // the raw JSON: closed, and strings in one line, since most of it stands above
	large bool // the text goes on beyond what was read, so that nothing is cut
	rows  int
}

// root draws the values of an array or object.
func (t *tree) root(n *decode.Node, path, field string) app.UI {
	return el("ul", "tree", t.kids(n, path, field, 0, 0)...)
}

func (t *tree) kids(n *decode.Node, path, field string, depth, within int) []app.UI {
	var out nodes
	shown := t.d.first(path, len(n.Kids), fewKids)
	for i := range n.Kids[:shown] {
		k := &n.Kids[i]
		if t.rows++; t.rows > maxTreeRows {
			return append(out, txt("li", "mut", "More than can be drawn; the copy has all of it."))
		}
		name, under := kidName(n, i, field)
		out.add(t.node(k, name, path+"/"+strconv.Itoa(i), under, n.Kind == decode.Array, depth, within))
	}
	if left := len(n.Kids) - shown; left > 0 {
		out.add(el("li", "", moreButton(path, "Show "+Count(min(left, 10*fewKids))+" more of "+Count(len(n.Kids)), t.send)))
	}
	if last := len(n.Kids) - 1; n.Cut && shown == len(n.Kids) && (last < 0 || !n.Kids[last].Cut) && !t.large {
		out.add(elem("li", "cut leaf", attrs{"title", "The text ends here"}, app.Text("✂")))
	}
	if len(n.Kids) == 0 && !n.Cut {
		out.add(txt("li", "mut", "Empty"))
	}
	return out
}

// kidName returns how the i-th value of n is called: on the panel, and in a filter,
// which passes through arrays.
func kidName(n *decode.Node, i int, field string) (name, under string) {
	if n.Kind != decode.Object {
		return strconv.Itoa(i), field
	}
	name = n.Kids[i].Key
	if field == "" {
		return name, ""
	}
	return name, field + "." + name
}

// leafValue says what can be done with a leaf. What was cut or masked is not the
// value that a filter would find.
func leafValue(t *told, n *decode.Node, name, path, field string) value {
	v := value{path: path, name: name, text: n.Text, copy: "at:" + path}
	if redact.Tags(n.Text) > 0 {
		v.text = t.real(path)
	}
	if v.text != "" && !n.Cut && n.Kind != decode.Null && n.Kind < decode.Array && !strings.Contains(n.Text, "[masked") {
		v.field = field
	}
	return v
}

// node draws a value: a branch where there is something in it, else a leaf.
func (t *tree) node(n *decode.Node, name, path, field string, counted bool, depth, within int) app.UI {
	switch n.Kind {
	case decode.Array, decode.Object:
		if len(n.Kids) == 0 {
			break
		}
		about := Some(len(n.Kids), "value")
		if n.Kind == decode.Array {
			about = Some(len(n.Kids), "item")
		}
		return t.branch(name, about, path, counted, t.begins(n, depth), func() []app.UI { return t.kids(n, path, field, depth+1, within) })
	case decode.String:
		if within == maxInside || n.Cut && within > 0 && len(n.Text) < 8 {
			break
		}
		in, ok := inside(n)
		if !ok {
			break
		}
		path += "/in"
		if in.isJSON {
			return t.branch(name, "JSON in a string", path, counted, !t.brief && t.begins(&in.doc.Root, depth), func() []app.UI { return t.kids(&in.doc.Root, path, field, depth+1, within+1) })
		}
		return t.branch(name, "query string", path, counted, !t.brief && len(in.params.Pairs) <= 2*fewKids, func() []app.UI { return t.pairs(in.params.Pairs, path, within+1) })
	}
	return t.leaf(n, name, path, field, counted)
}

// begins reports whether a branch begins open: the upper ones do, and small ones
// below.
func (t *tree) begins(n *decode.Node, depth int) bool {
	if t.brief {
		return false
	}
	return depth == 0 || depth < 5 && leaves(n, smallLeaves+1) <= smallLeaves
}

// leaves counts the values without any in them, up to a bound.
func leaves(n *decode.Node, most int) int {
	if len(n.Kids) == 0 {
		return 1
	}
	sum := 0
	for i := range n.Kids {
		if sum += leaves(&n.Kids[i], most); sum >= most {
			break
		}
	}
	return sum
}

func (t *tree) branch(name, about, path string, counted, begins bool, kids func() []app.UI) app.UI {
	open := t.d.State.isOpen(path, begins)
	var inner app.UI
	if open {
		inner = el("ul", "", kids()...)
	}
	return el("li", "branch",
		button("fold", t.send, NodeToggled{path, !open}, attrs{"aria-expanded", yes(open)}, icon("right"), key(name, counted), txt("span", "about mut", about)),
		inner,
	)
}

func key(name string, counted bool) app.UI {
	class := "k"
	if counted {
		class = "k mut"
	}
	if name == "" {
		name = `""`
	}
	return txt("span", class, decode.Visible(name))
}

// pairs draws a query string's parameters as a branch of the tree.
func (t *tree) pairs(pairs []decode.Pair, path string, within int) []app.UI {
	var out nodes
	shown := t.d.first(path, len(pairs), fewKids)
	for i, pair := range pairs[:shown] {
		if t.rows++; t.rows > maxTreeRows {
			break
		}
		n := decode.Node{Kind: decode.String, Key: pair.Name, Text: pair.Value}
		out.add(t.node(&n, pair.Name, path+"/"+strconv.Itoa(i), "", false, 1, within))
	}
	if shown < len(pairs) {
		out.add(el("li", "", moreButton(path, "Show "+Some(len(pairs)-shown, "more parameter"), t.send)))
	}
	return out
}

// leaf draws a value with nothing in it.
func (t *tree) leaf(n *decode.Node, name, path, field string, counted bool) app.UI {
	class, text := "v", n.Text
	var after app.UI
	switch n.Kind {
	case decode.Number:
		class = "v num"
	case decode.Bool, decode.Null:
		class = "v lit"
	case decode.Array, decode.Object:
		class, text = "v mut", n.Src
	case decode.Absent:
		class, text = "v mut", ""
	case decode.Deep:
		class = "v mut"
	case decode.String:
		if text == "" && !n.Cut {
			class, text = "v mut", `""`
		}
		limit := leafBytes
		if t.brief {
			limit = briefBytes
		}
		if steps := t.d.State.steps[path]; steps > 0 {
			limit = steps * stepBytes
		}
		limit = min(limit, len(text))
		if t.brief && limit <= briefBytes {
			if n := strings.IndexAny(text[:limit], "\r\n"); n >= 0 {
				limit = n
			}
		}
		if len(text) > limit+limit/3 {
			whole := len(text)
			text = strings.ToValidUTF8(text[:limit], "") + "…"
			after = moreButton(path, "all "+Count(whole)+" bytes", t.send)
		}
	}
	var cut app.UI
	if n.Cut && n.Kind < decode.Array && !t.large {
		cut = tip("cut", "The text ends in the middle of this", "✂")
	}
	a := leafValue(t.d.told(), n, name, path, field)
	return el("li", "leaf",
		t.d.nameButton(key(name, counted), &a, t.send),
		el("span", class, app.Text(decode.Visible(text)), cut, after),
		t.d.acts(&a, t.send),
	)
}

// table draws pairs as rows.
func (d *Details) table(pairs []decode.Pair, path, label string, send Send) app.UI {
	t := tree{d: d, send: send}
	return aloud("ul", "tree rowed", "", label, t.pairs(pairs, path, 0)...)
}
