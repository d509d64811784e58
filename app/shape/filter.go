package shape

import (
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/logs"
)

// Condition is one condition of a filter: an attribute with what it must be.
type Condition struct {
	Attribute string // "_tags" for a bare word, as Algolia's reference has it
	Value     string // with its operator unless that is a colon: "nike", ">= 10", "10 TO 20"; "" for none
}

// maxConditions bounds the conditions of one filter that are looked at.
const maxConditions = 200

// Conditions reads the value of filters, facetFilters, numericFilters, tagFilters or
// optionalFilters: an expression such as brand:nike AND (price > 10 OR sale), or a
// JSON list of texts, with lists inside for those of which one is enough. It takes
// any text, and what is cut off is left as it is.
func Conditions(s string) []Condition {
	var out []Condition
	if d, ok := decode.JSON(s); ok && d.Root.Kind == decode.Array {
		leaves(&d.Root, func(text string) { out = append(out, conditionsIn(text, true)...) })
	} else {
		out = conditionsIn(s, false)
	}
	return out[:min(len(out), maxConditions)]
}

func leaves(n *decode.Node, each func(string)) {
	if n.Kind == decode.String || n.Kind == decode.Number {
		each(n.Text)
	}
	for i := range n.Kids {
		leaves(&n.Kids[i], each)
	}
}

const filterEnds = " \t\r\n():<>=!,\"'"

// conditionsIn reads an expression, or of a list one text: there the value goes to
// the text's end, and a minus before it negates.
func conditionsIn(s string, whole bool) []Condition {
	var out []Condition
	for i := 0; i < len(s) && len(out) < maxConditions; {
		if strings.IndexByte(" \t\r\n(),:<>=!", s[i]) >= 0 {
			i++
			continue
		}
		word, next := token(s, i, filterEnds)
		if i = next; !whole && (word == "AND" || word == "OR" || word == "NOT") {
			continue
		}
		word = strings.TrimPrefix(word, "-")
		at := logs.SkipSpace(s, i)
		operator := at
		for operator < len(s) && strings.IndexByte(":<>=!", s[operator]) >= 0 {
			operator++
		}
		if operator == at {
			if word != "" {
				out = append(out, Condition{Attribute: "_tags", Value: word})
			}
			continue
		}
		c := Condition{Attribute: word}
		sign := s[at:operator]
		if at = logs.SkipSpace(s, operator); whole {
			c.Value, i = strings.TrimSpace(s[at:]), len(s)
		} else {
			c.Value, i = token(s, at, " \t\r\n(),")
			if to := logs.SkipSpace(s, i); strings.HasPrefix(s[to:], "TO ") {
				var upper string
				upper, i = token(s, logs.SkipSpace(s, to+3), " \t\r\n(),")
				c.Value += " TO " + upper
			}
		}
		if sign != ":" {
			c.Value = sign + " " + c.Value
		}
		if c.Attribute != "" {
			out = append(out, c)
		}
	}
	return out
}

// token returns the word at i, which may be in quotes, and where it ends.
func token(s string, i int, ends string) (string, int) {
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		if n := strings.IndexByte(s[i+1:], s[i]); n >= 0 {
			return s[i+1 : i+1+n], i + n + 2
		}
		return s[i+1:], len(s)
	}
	n := strings.IndexAny(s[i:], ends)
	if n < 0 {
		n = len(s) - i
	}
	return s[i : i+n], i + n
}

// isFilter reports whether a parameter holds conditions.
func isFilter(name string) bool {
	return name == "filters" || len(name) > 7 && strings.HasSuffix(name, "Filters")
}

// attributes returns what a filter asks about, each once, sorted.
func attributes(s string) []string {
	var out []string
	for _, c := range Conditions(s) {
		out = insert(out, c.Attribute)
	}
	return out
}

// list reads a list of names: JSON, or with commas between them. Each once, sorted:
// Algolia does not look at their order.
func list(s string) []string {
	var out []string
	if d, ok := decode.JSON(s); ok {
		leaves(&d.Root, func(text string) { out = insert(out, text) })
		return out
	}
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = insert(out, name)
		}
	}
	return out
}

// insert adds a word to a sorted list that holds each once.
func insert(list []string, word string) []string {
	at := 0
	for at < len(list) && list[at] < word {
		at++
	}
	if at < len(list) && list[at] == word {
		return list
	}
	list = append(list, "")
	copy(list[at+1:], list[at:])
	list[at] = word
	return list
}
