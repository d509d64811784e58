package store

import (
	"time"

	"github.com/logpane/logpane/app/query"
)

// jsonText returns the JSON of an entry as text.
func (s *Store) jsonText(e int) string { return s.arena.text(s.json[e]) }

// fieldsOf returns the fields of a plain entry as JSON, "" for none.
func (s *Store) fieldsOf(e int) string {
	if s.fields[e] == 0 {
		return ""
	}
	text := s.jsonText(e)
	end := len(text) - 1
	if s.raw[e] > 0 {
		end = int(s.raw[e]) - len(rawMember)
	}
	return text[s.fields[e]:end]
}

// fill makes a query.Doc of a plain entry.
func (s *Store) fill(d *query.Doc, e int, parts query.Parts) {
	f := s.flags[e]
	d.Src = s.srcs[s.src[e]]
	d.Level, d.Outcome = f.level(), f.outcome()
	d.Status, d.Attempt = int(s.status[e]), int(s.attempts[e])
	d.Took, d.HasTook = time.Duration(s.took[e]), f&hasTook != 0
	if parts&query.PartTexts != 0 {
		s.fillTexts(d, e)
	}
	if parts&query.PartTime != 0 {
		d.Time = s.Time(e)
	}
	if parts&query.PartJSON != 0 {
		text := s.jsonText(e)
		d.JSON, d.Fields, d.Raw = text, "", ""
		end := len(text) - 1
		if at := int(s.raw[e]); at > 0 {
			d.Raw = text[at:end]
			end = at - len(rawMember)
		}
		if at := int(s.fields[e]); at > 0 {
			d.Fields = text[at:end]
		}
	}
}

func (s *Store) fillTexts(d *query.Doc, e int) {
	d.ID, d.Summary = s.arena.text(s.id[e]), s.arena.text(s.summary[e])
	d.Job, d.Item, d.Request = s.arena.text(s.job[e]), s.arena.text(s.item[e]), s.arena.text(s.request[e])
}

// matcher answers for one filter.
type matcher struct {
	s     *Store
	q     *query.Query
	parts query.Parts
	doc   query.Doc
	e     int // of doc

	literal query.Literal // what all kept entries hold; none where that does not tell them apart
	sure    flags         // an entry with one of these is asked whatever stands in its bytes
	stretch stretch
	hits    int          // candidates that held it
	passed  int          // and that did not
	batch   *query.Batch // of a filter with regular expressions, else nil

	sifts  bool   // grams can tell where no kept entry begins
	chunk  uint32 // whose places are known
	stored int    // how many entries the store had then
	places uint64 // of the chunk at which kept entries may begin
}

func (s *Store) matcher(q *query.Query) *matcher {
	m := &matcher{s: s, q: q, parts: q.Parts(), literal: q.Literal(), batch: q.Batch()}
	places, escapes := q.Places(func(text string) uint64 {
		if len(text) < shortest {
			return ^uint64(0)
		}
		return 0
	})
	m.sifts, m.sure = places == 0, gap|odd
	if escapes {
		m.sure |= escaped
	}
	if m.parts&query.PartEntry != 0 { // all are decoded
		m.literal, m.sifts = query.Literal{}, false
	}
	if m.parts&query.PartLate != 0 && m.parts&query.PartTexts == 0 {
		m.doc.Late = func() { s.fillTexts(&m.doc, m.e) }
	}
	return m
}

// match reports whether the filter keeps an entry. A gap is always kept.
func (m *matcher) match(e uint32) bool { return !m.lacks(e) && m.answer(e) }

// answer is match for an entry that holds what all kept ones hold.
func (m *matcher) answer(e uint32) bool {
	if m.s.flags[e]&gap != 0 {
		return true
	}
	return m.q.MatchDoc(m.docOf(e))
}

// decodes reports whether the filter can look at an entry only by decoding it.
func (m *matcher) decodes(e uint32) bool {
	return m.s.flags[e]&odd != 0 || m.parts&query.PartEntry != 0
}

// cost returns about how long match takes, in bytes of plain text passed over.
func (m *matcher) cost(e uint32) int {
	const each = 100
	n := int(m.s.json[e].n)
	switch {
	case m.decodes(e):
		return each + 40*n
	case m.parts&query.PartJSON == 0:
		return each
	case m.batch != nil:
		return each + 6*n
	case m.parts&query.PartRegexp != 0:
		return each + 16*n
	}
	return each + n
}

// Text returns the value that an entry has under a name of the query language, as
// a cell of the table shows it: "warning", "9.8 s", a field, or a value of the
// vendor's own JSON by its path. It is "" where the entry has none. The time is the
// vendor's own string: a zone is the reader's.
func (s *Store) Text(e int, name string) string {
	c, ok := query.ColumnOf(name)
	if !ok {
		return ""
	}
	if c.Name == "took" {
		if d, ok := s.Took(e); ok {
			return Took(d)
		}
		return ""
	}
	text, _, _, _ := s.value(c, e)
	return text
}

// value reads a column of an entry.
func (s *Store) value(c query.Column, e int) (text string, num float64, isNum, ok bool) {
	if s.flags[e]&odd != 0 || c.Parts()&query.PartEntry != 0 {
		entry := s.Entry(e)
		return c.ValueIn(&entry)
	}
	var d query.Doc
	s.fill(&d, e, c.Parts())
	return c.Value(&d)
}
