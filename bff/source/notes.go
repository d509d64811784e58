package source

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// everywhere are the names that every entry has a value for.
var everywhere = []string{"id", "src", "vendor", "time", "summary"}

// declares reports whether entries of a vendor can have a value under a name.
func declares(v driver.Vendor, name string) bool {
	same := func(n string) bool { return query.SameName(n, name) }
	return query.IsPath(name) || slices.ContainsFunc(everywhere, same) || slices.ContainsFunc(v.Names, same)
}

// watched is a name that a vendor has not declared and that its entries may have.
type watched struct {
	name string
	in   *query.Query // keeps the entries that have it
}

// watchOf returns the names of a query that only the entries themselves can prove.
func watchOf(a Ask, q *query.Query) []watched {
	var out []watched
	for _, name := range namesOf(q) {
		if !a.Source.vendor.OpenNames || declares(a.Source.vendor, name) {
			continue
		}
		if in, err := query.Parse(name + ":*"); err == nil {
			out = append(out, watched{name, in})
		}
	}
	return out
}

// namesOf returns the names that a query asks about, each once.
func namesOf(q *query.Query) []string {
	var out []string
	for _, c := range q.Clauses() {
		for _, n := range c.Names() {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// notes says what is strange about a filter, so that no empty table stands without
// a word: names that no target can have, fields that only the vendor knows and was
// not asked for, and values that a vendor compares letter by letter and had nothing
// of.
func (w *walk) notes(r Request, places []place, nothing bool) []logs.Note {
	var out []logs.Note
	for _, name := range namesOf(r.Query) {
		if n, ok := w.unknown(r, name); ok {
			out = append(out, n)
		}
	}
	clauses := r.Query.Clauses()
	for i, a := range r.Asks {
		if a.Source == nil {
			continue
		}
		title := a.Source.vendor.Title
		for _, f := range a.Source.Filters(a.Target.Path) {
			wanted, left := false, false
			for n, c := range clauses {
				if slices.ContainsFunc(c.Names(), func(name string) bool { return query.SameName(name, f.Field) }) {
					took := places[i].push.takes(n)
					wanted, left = wanted || took && !c.Negated, left || !took
				}
			}
			note := logs.Note{Name: f.Field}
			switch {
			case f.Told && left:
				note.Text = title + " alone knows " + f.Field + ", and tells one at a time: ask for " +
					f.Field + ":" + strings.Join(f.Values, " or "+f.Field+":") + " as a condition of its own"
			case f.Case && wanted && nothing:
				note.Text = title + " compares " + f.Field + " letter by letter: write it as it stands there, upper and lower case included"
			default:
				continue
			}
			if !slices.Contains(out, note) {
				out = append(out, note)
			}
		}
	}
	return out
}

// unknown returns the note on a name that no target's entries can have, or that of
// an open vendor none had so far.
func (w *walk) unknown(r Request, name string) (logs.Note, bool) {
	var titles, known []string
	read := 0
	open := false
	for i, a := range r.Asks {
		if a.Source == nil {
			continue
		}
		v := a.Source.vendor
		if declares(v, name) {
			return logs.Note{}, false
		}
		if v.OpenNames {
			open = true
			if w.pending[i] != nil || w.lanes[i].err != nil ||
				!slices.ContainsFunc(w.lanes[i].watch, func(x watched) bool { return x.name == name }) {
				return logs.Note{}, false
			}
			read += w.lanes[i].place.Read
		}
		if !slices.Contains(titles, v.Title) {
			titles = append(titles, v.Title)
		}
		known = append(known, v.Names...)
	}
	if len(titles) == 0 || open && read == 0 {
		return logs.Note{}, false
	}
	n := logs.Note{Name: name, Near: query.Near(name, append(known, everywhere...))}
	n.Text = "no entry of " + list(titles) + " has a field " + name
	if open {
		n.Text = "none of the entries of " + list(titles) + " read so far has a field " + name
	}
	if n.Near != "" {
		n.Text += "; did you mean " + n.Near + "?"
	}
	return n, true
}

// list joins words as in a sentence.
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
