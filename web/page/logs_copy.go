package page

import (
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// copy puts something on the clipboard and says in place whether that worked.
func (p *logs) copy(what string) {
	p.put(what, p.text(what))
}

// copyRow copies an exact link to a row.
func (p *logs) copyRow(row int) {
	if row >= p.m.Len() {
		return
	}
	u := *p.ctx.Page().URL()
	p.put("link", u.Scheme+"://"+u.Host+p.rowLink(row))
}

// rowLink returns the address that shows a row with its details open.
func (p *logs) rowLink(row int) string {
	var r viewer.Row
	p.m.Row(row, &r)
	v := p.m.View().At(view.Place{})
	v.Sel = r.Key
	return v.Absolute(p.deps.Now(), p.m.Zone()).URL()
}

// put puts text on the clipboard and tells of it as of that thing.
func (p *logs) put(what, text string) {
	if text == "" {
		return
	}
	dom.Copy(text, func(ok bool) {
		p.ctx.Dispatch(func(app.Context) {
			p.copied, p.refused = what, ""
			if !ok {
				p.copied, p.refused = "", what
			}
		})
		after(p.ctx, copiedFor, func() {
			if p.copied == what || p.refused == what {
				p.copied, p.refused = "", ""
			}
		})
	})
}

// text returns what a copy of something holds, "" where there is nothing.
func (p *logs) text(what string) string {
	if what == "link" {
		// An exact link: a moving window would show something else tomorrow.
		u := *p.ctx.Page().URL()
		return u.Scheme + "://" + u.Host + p.here().Absolute(p.deps.Now(), p.m.Zone()).URL()
	}
	if i, ok := requestAt(what); ok && i < len(p.calls.Value) {
		return p.calls.Value[i].Curl
	}
	if p.m.Open() < 0 {
		return ""
	}
	return p.details().Copy(what)
}

// requestAt returns which request a copy is of.
func requestAt(what string) (int, bool) {
	for i := range 64 { // more targets than a view may have
		if part.RequestID(i) == what {
			return i, true
		}
	}
	return 0, false
}

// tell says something in the status line for a moment.
func (p *logs) tell(text string) {
	p.told = text
	after(p.ctx, 2*copiedFor, func() {
		if p.told == text {
			p.told = ""
		}
	})
}
