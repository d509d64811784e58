package store

import (
	"slices"

	"github.com/logpane/logpane/app/query"
)

// maxWords bounds the different values of a field that is counted and told apart
// by a byte; a field with more, or with longer ones, is not one to choose from.
const (
	maxWords = 200
	maxWord  = 128 // bytes
)

// words are the values of the fields that have few: of each entry a byte for each
// such field.
type words struct {
	columns []*wordColumn
	byName  map[string]int // name as written → column
	byKey   map[string]int // name without case and underscores → column
	last    []int          // the columns of the last entry's fields, in their order
	next    []int
}

// wordColumn is one field.
type wordColumn struct {
	name   string // as first written
	key    string
	values []string // by their number less one
	number map[string]byte
	of     []byte // entry → number of its value, 0 for none; shorter when the last ones have none
	many   bool   // there are too many values: nothing is kept
	text   bool   // some value is no number
}

// add takes in the fields of an entry.
func (w *words) add(s *Store, e int) {
	if s.flags[e]&odd != 0 {
		if decoded := s.Entry(e); len(decoded.Fields) > 0 {
			for _, f := range decoded.Fields {
				_, number := f.Value.(float64)
				w.value(w.column(f.Name), e, decoded.Fields.Text(f.Name), number)
			}
		}
		return
	}
	if s.fields[e] == 0 {
		return
	}
	w.next = w.next[:0]
	query.EachField(s.fieldsOf(e), func(name, text string, number bool) {
		i := -1
		if n := len(w.next); n < len(w.last) && w.columns[w.last[n]].name == name {
			i = w.last[n] // fields come in the order of the entry before
		} else {
			i = w.column(name)
		}
		w.next = append(w.next, i)
		w.value(i, e, text, number)
	})
	w.last, w.next = w.next, w.last
}

// column returns the column of a field by its name.
func (w *words) column(name string) int {
	if i, ok := w.byName[name]; ok {
		return i
	}
	if w.byName == nil {
		w.byName, w.byKey = map[string]int{}, map[string]int{}
	}
	key := query.Key(name)
	i, ok := w.byKey[key]
	if !ok {
		i = len(w.columns)
		name = string([]byte(name))
		w.columns = append(w.columns, &wordColumn{name: name, key: key, number: map[string]byte{}})
		w.byKey[key] = i
	}
	w.byName[string([]byte(name))] = i
	return i
}

// value notes the value of a field of an entry.
func (w *words) value(i, e int, text string, number bool) {
	c := w.columns[i]
	c.text = c.text || !number
	if c.many || e < len(c.of) {
		return // an entry's second field of that name does not count
	}
	n, ok := c.number[text]
	if !ok && text != "" { // an empty text is no value
		if len(c.values) == maxWords || len(text) > maxWord {
			c.many, c.of, c.values, c.number = true, nil, nil, nil
			return
		}
		text = string([]byte(text))
		c.values = append(c.values, text)
		n = byte(len(c.values))
		c.number[text] = n
	}
	if len(c.of) < e {
		c.of = append(c.of, make([]byte, e-len(c.of))...)
	}
	c.of = append(c.of, n)
}

// at returns the number of an entry's value, 0 for none.
func (c *wordColumn) at(e uint32) byte {
	if int(e) < len(c.of) {
		return c.of[e]
	}
	return 0
}

// find returns the column of a name of the query language, nil for none.
func (w *words) find(key string) *wordColumn {
	if i, ok := w.byKey[key]; ok {
		return w.columns[i]
	}
	return nil
}

// Names returns the names of the fields that were seen, sorted.
func (s *Store) Names() []string {
	var out []string
	for _, c := range s.words.columns {
		out = append(out, c.name)
	}
	slices.Sort(out)
	return out
}

// Words returns the names of the fields, sorted, that have few enough values to
// choose from: those with text or yes and no whose values stay at 200 or below.
func (s *Store) Words() []string {
	var out []string
	for _, c := range s.words.columns {
		if !c.many && c.text && len(c.values) > 0 {
			out = append(out, c.name)
		}
	}
	slices.Sort(out)
	return out
}

// Values returns the values of a field that has few, as they were first seen; nil
// for others. The caller must not change them.
func (s *Store) Values(name string) []string {
	if c := s.words.find(query.Key(name)); c != nil {
		return c.values
	}
	return nil
}
