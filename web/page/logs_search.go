package page

import (
	"strings"

	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// onSearch takes what happens in the filter box and among the pills, and reports
// whether msg is of them.
func (p *logs) onSearch(msg any) bool {
	switch m := msg.(type) {
	case part.QueryGiven:
		p.search.Close()
		p.submit(dom.Value(part.IDSearch))
	case part.SearchEntered:
		p.menu = part.NoMenu
		p.m.Facets() // to be offered, whatever the rows are when they are
		p.search.Entered(dom.Value(part.IDSearch), p.set.history)
	case part.SearchLeft:
		p.search.Close()
	case part.OfferTaken:
		p.edit(p.search.Take(m.I, p.catalog()))
	case part.RecentDropped:
		p.edit(p.search.Drop(m.I))
	case part.PillEdited:
		text, from, to := part.EditPill(p.field, p.m.Pills(), m.I)
		dom.Edit(part.IDSearch, text, from, to)
		p.edited(text)
		p.search.Close()
	case part.FieldAsked:
		p.submit(part.WithField(p.m.View().Query, m.Field))
	case part.QueryCleared:
		p.submit("")
	case boxEdit:
		p.edit(m.Edit)
	default:
		return false
	}
	return true
}

// edited takes the text of the filter box: the loaded rows are filtered by it at
// once.
func (p *logs) edited(text string) {
	p.field, p.given = text, false
	_, caret := dom.Field(part.IDSearch)
	p.search.Edited(text, caret, p.catalog())
	p.do(viewer.QueryEdited{Query: text})
}

// edit carries out what the filter box's list asks for.
func (p *logs) edit(e *part.Edit) {
	switch {
	case e == nil:
	case e.Forgot != "":
		p.set.forget(e.Forgot)
	default:
		dom.Edit(part.IDSearch, e.Text, e.Caret, e.Caret)
		p.field = e.Text
		p.do(viewer.QueryEdited{Query: e.Text})
		if e.Submit {
			p.submit(e.Text)
		}
	}
}

// submit commits the filter.
func (p *logs) submit(query string) {
	query, p.given = strings.TrimSpace(query), true
	p.now()
	p.do(viewer.QuerySubmitted{Query: query})
	if _, wrong := p.m.FilterProblem(); !wrong {
		p.set.remember(query)
	}
}

// searchKey takes a key press in the filter box, and reports whether it was used.
func (p *logs) searchKey(k dom.Key) bool {
	text, caret := dom.Field(part.IDSearch)
	used, edit := p.search.Key(k.Name, k.Shift, k.Ctrl, text, caret, p.set.history, p.catalog())
	if !used {
		return false
	}
	p.later(boxEdit{edit})
	if p.search.At >= 0 {
		p.revealSoon(part.OfferID(p.search.At))
	}
	return true
}

// boxEdit is what a key in the filter box asks for.
type boxEdit struct{ *part.Edit }

// catalog is what the filter can be completed from.
func (p *logs) catalog() query.Catalog { return part.FilterCatalog(p.m.Names(), p.m.Facets) }
