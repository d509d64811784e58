package diff

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
)

// Change is one value of an object or a set of fields, on both sides. Values that
// are equal are told too, with Op Same: a reader folds them.
type Change struct {
	Path string // "query_body.params.hitsPerPage", "requests[2].query", "" for the whole
	Op   Op
	Old  string // "" for New; strings are decoded, everything else is as written
	New  string // "" for Gone; the same as Old for Same
	Cut  bool   // one of the values was cut off by the vendor
	// Words tells where Old and New differ, for Changed values of at most 16 KB
	// together; nil otherwise.
	Words []Run
}

const (
	maxValueWords = 16 << 10 // bytes of both sides of a value, for Change.Words
	maxWordSteps  = 4 << 20  // bytes whose words are compared in one JSON or Fields
	maxNested     = 4        // JSON in strings in JSON
)

// Fields compares two sets of fields by name, in the order of the first, with what
// is only in the second where it stands there.
func Fields(a, b logs.Fields) []Change {
	left, right := decode.Node{Kind: decode.Object}, decode.Node{Kind: decode.Object}
	for _, side := range []struct {
		to   *decode.Node
		from logs.Fields
	}{{&left, a}, {&right, b}} {
		for _, f := range side.from {
			text := logs.TextOf(f.Value)
			side.to.Kids = append(side.to.Kids, decode.Node{Kind: decode.Number, Key: f.Name, Text: text, Src: text})
		}
	}
	c := changes{words: maxWordSteps, plain: true, pause: func() {}}
	c.object("", &left, &right, 0)
	return c.list
}

// JSON compares two objects or arrays value by value, however their members are
// ordered and written. Strings that hold JSON, a query string or header lines on
// both sides are compared by what is in them, also where the vendor cut them off.
// It returns false unless both are an object or an array.
func JSON(a, b string) ([]Change, bool) { return JSONIn(a, b, func() {}) }

// JSONIn is JSON for who must do other things meanwhile: it calls pause every few
// hundred values, and around what takes long at a time.
func JSONIn(a, b string, pause func()) ([]Change, bool) {
	left, ok := decode.JSON(a)
	if pause(); !ok || left.Rest != "" {
		return nil, false
	}
	right, ok := decode.JSON(b)
	if pause(); !ok || right.Rest != "" {
		return nil, false
	}
	c := changes{words: maxWordSteps, pause: pause}
	c.value("", &left.Root, &right.Root, 0)
	return c.list, true
}

type changes struct {
	list  []Change
	words int  // bytes left whose words are compared
	plain bool // texts are what they are: nothing is decoded
	pause func()
}

func (c *changes) value(path string, a, b *decode.Node, nested int) {
	if len(c.list)%256 == 255 {
		c.pause()
	}
	switch {
	case a.Kind == b.Kind && a.Src == b.Src && a.Cut == b.Cut, a.Kind == b.Kind && a.Kind < decode.Array && a.Text == b.Text && a.Cut == b.Cut:
		c.list = append(c.list, Change{Path: path, Op: Same, Old: text(a), New: text(a), Cut: a.Cut})
	case a.Kind == decode.Object && b.Kind == decode.Object && len(a.Kids)+len(b.Kids) > 0:
		c.object(path, a, b, nested)
	case a.Kind == decode.Array && b.Kind == decode.Array && len(a.Kids)+len(b.Kids) > 0:
		c.array(path, a, b, nested)
	default:
		if a.Kind == decode.String && b.Kind == decode.String && nested < maxNested && !c.plain {
			if x, y, ok := both(a.Text, b.Text, c.pause); ok {
				x.Cut, y.Cut = x.Cut || a.Cut, y.Cut || b.Cut
				c.value(path, &x, &y, nested+1)
				return
			}
		}
		old, fresh := text(a), text(b)
		if a.Kind != b.Kind {
			old, fresh = strings.TrimSpace(a.Src), strings.TrimSpace(b.Src)
		}
		c.list = append(c.list, Change{Path: path, Op: Changed, Old: old, New: fresh, Cut: a.Cut || b.Cut, Words: c.compare(old, fresh)})
	}
}

// compare returns the words of a pair of values, nil where that costs too much.
func (c *changes) compare(a, b string) []Run {
	n := len(a) + len(b)
	if n > maxValueWords || n > c.words {
		return nil
	}
	c.words -= n
	return Words(a, b)
}

// only tells of a value that is on one side.
func (c *changes) only(path string, op Op, n *decode.Node) {
	ch := Change{Path: path, Op: op, Cut: n.Cut}
	if op == Gone {
		ch.Old = text(n)
	} else {
		ch.New = text(n)
	}
	c.list = append(c.list, ch)
}

// object pairs members by name; of members with the same name the first with the
// first, and so on.
func (c *changes) object(path string, a, b *decode.Node, nested int) {
	places := make(map[string][]int, len(a.Kids))
	for i := range a.Kids {
		places[a.Kids[i].Key] = append(places[a.Kids[i].Key], i)
	}
	pair, taken := make([]int, len(b.Kids)), make([]bool, len(a.Kids))
	for j := range b.Kids {
		pair[j] = -1
		if at := places[b.Kids[j].Key]; len(at) > 0 {
			pair[j], places[b.Kids[j].Key] = at[0], at[1:]
			taken[at[0]] = true
		}
	}
	told := 0 // members of a before it are told of, or have a pair
	gone := func(until int) {
		for ; told < until; told++ {
			if !taken[told] {
				c.only(member(path, a.Kids[told].Key), Gone, &a.Kids[told])
			}
		}
	}
	for j := range b.Kids {
		if at := member(path, b.Kids[j].Key); pair[j] < 0 {
			c.only(at, New, &b.Kids[j])
		} else {
			gone(pair[j])
			c.value(at, &a.Kids[pair[j]], &b.Kids[j], nested)
		}
	}
	gone(len(a.Kids))
}

// array pairs the elements that are equal, in order; between them the first gone
// with the first new, and so on.
func (c *changes) array(path string, a, b *decode.Node, nested int) {
	ids := map[string]int32{}
	number := func(n *decode.Node) []int32 {
		seq := make([]int32, len(n.Kids))
		for i := range n.Kids {
			id, ok := ids[n.Kids[i].Src]
			if !ok {
				id = int32(len(ids))
				ids[n.Kids[i].Src] = id
			}
			seq[i] = id
		}
		return seq
	}
	as, bs := number(a), number(b)
	keepA, keepB := match(as, bs, len(ids))
	at := func(i int) string { return path + "[" + strconv.Itoa(i) + "]" }
	for i, j := 0, 0; i < len(as) || j < len(bs); {
		left, right := i < len(as) && !keepA[i], j < len(bs) && !keepB[j]
		switch {
		case left && !right:
			c.only(at(i), Gone, &a.Kids[i])
			i++
		case right && !left:
			c.only(at(j), New, &b.Kids[j])
			j++
		default:
			c.value(at(j), &a.Kids[i], &b.Kids[j], nested)
			i, j = i+1, j+1
		}
	}
}

// both decodes two texts that hold the same kind of thing.
func both(a, b string, pause func()) (x, y decode.Node, ok bool) {
	if da, ok := decode.JSON(a); ok && da.Rest == "" {
		if len(a)+len(b) > 64<<10 {
			pause()
			defer pause()
		}
		if db, ok := decode.JSON(b); ok && db.Rest == "" && da.Root.Kind == db.Root.Kind {
			return da.Root, db.Root, true
		}
		return x, y, false
	}
	pa, isA := decode.QueryString(a)
	pb, isB := decode.QueryString(b)
	if isA != isB { // a single pair is a query string where the other side is one
		pa, isA = lone(a, pa, isA)
		pb, isB = lone(b, pb, isB)
	}
	if isA || isB {
		if isA && isB && !pa.More && !pb.More && (pa.Base == "") == (pb.Base == "") {
			return pairs(a, pa.Base, pa.Pairs), pairs(b, pb.Base, pb.Pairs), true
		}
		return x, y, false
	}
	if ha, ok := decode.Headers(a); ok {
		if hb, ok := decode.Headers(b); ok {
			return pairs(a, "", ha), pairs(b, "", hb), true
		}
	}
	return x, y, false
}

// lone reads name=value, unless s was read already.
func lone(s string, p decode.Params, read bool) (decode.Params, bool) {
	if read {
		return p, true
	}
	if i := strings.IndexByte(s, '='); i <= 0 || strings.ContainsAny(s, " \n\t\"<>{}/?") {
		return p, false
	}
	p.Pairs, p.More = decode.Query(s)
	return p, len(p.Pairs) == 1 && !p.Pairs[0].Broken
}

// pairs builds an object of the decoded pairs of a text.
func pairs(s, base string, list []decode.Pair) decode.Node {
	n := decode.Node{Kind: decode.Object, Src: s}
	if base != "" {
		n.Kids = append(n.Kids, decode.Node{Kind: decode.String, Key: "?", Text: base, Src: base})
	}
	for _, p := range list {
		n.Kids = append(n.Kids, decode.Node{Kind: decode.String, Key: p.Name, Text: p.Value, Src: p.Value})
	}
	return n
}

// text returns a value as it is shown: strings decoded, all else as written.
func text(n *decode.Node) string {
	if n.Kind < decode.Array {
		return n.Text
	}
	return strings.TrimSpace(n.Src)
}

// member returns the path of an object's member.
func member(path, key string) string {
	switch {
	case key == "" || strings.ContainsAny(key, ".[] \"\n\t"):
		return path + "[" + strconv.Quote(key) + "]"
	case path == "":
		return key
	}
	return path + "." + key
}
