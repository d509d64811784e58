package page

import (
	"context"

	"github.com/logpane/logpane/app/export"
	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// copy puts something on the clipboard and says in place whether that worked. A menu
// that it was chosen from is closed.
func (p *logs) copy(what string) {
	if p.menu == part.MenuShare {
		defer p.shut()
	}
	if p.m.Open() >= 0 && p.copyEntry(what, what, &p.entry) {
		return
	}
	p.put(what, p.text(what))
}

// copyRow copies a link to the entry of a row.
func (p *logs) copyRow(row int) {
	if row < p.m.Len() {
		e := p.m.Entry(row)
		p.copyEntry(part.CopiedEntry, part.CopiedEntry, &e)
	}
}

// copyEntry copies something of a whole entry and tells of it by the name as. It
// reports whether what names such a thing.
func (p *logs) copyEntry(as, what string, e *alogs.Entry) bool {
	o := export.Options{Zone: p.m.Zone(), Lens: p.lens()}
	var text []byte
	switch what {
	case part.CopiedEntry:
		link := view.EntryURL(e.Src, e.ID, e.Time, p.m.Zone().String())
		if link != "" {
			link = p.origin() + link
		}
		p.put(as, link)
		return true
	case part.CopiedJSON:
		text = export.AppendJSON(nil, e, o)
	case part.CopiedText:
		text = export.AppendText(nil, e, o)
	case part.CopiedMD:
		text = export.AppendMarkdown(nil, e, o)
	case part.CopiedCall:
		p.copyCall(as, e)
		return true
	default:
		return false
	}
	p.put(as, string(text))
	open := redact.Lens{Reveal: true, Key: o.Lens.Key}
	p.masked = !o.Lens.Reveal && string(export.AppendJSON(nil, e, o)) != string(export.AppendJSON(nil, e, export.Options{Zone: o.Zone, Lens: open}))
	return true
}

// copyCall copies the vendor call that reads an entry and what is around it, as a
// command.
func (p *logs) copyCall(as string, e *alogs.Entry) {
	q := client.Query{Src: []string{e.Src}}
	if !e.Time.IsZero() {
		q.From, q.To = moment(e.Time.Add(-view.EntryMargin)), moment(e.Time.Add(view.EntryMargin))
	}
	calls := &loaded[[]wire.Request]{}
	load(p.ctx, calls, func(ctx context.Context) ([]wire.Request, error) { return p.deps.Client.Requests(ctx, q) }, func() {
		if len(calls.Value) > 0 {
			p.put(as, calls.Value[0].Curl) // of no filter, and with placeholders for what is secret
			return
		}
		text := "There is no call to copy"
		if calls.Err != nil {
			text = part.Sentence(calls.Err.Msg)
		}
		p.tell(text)
	})
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
	p.masked = false
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
	if what == part.CopiedLink || what == part.CopiedMoving {
		return p.origin() + p.shared(what == part.CopiedMoving).URL()
	}
	if i, ok := requestAt(what); ok && i < len(p.calls.Value) {
		return p.lens().Text(p.calls.Value[i].Curl)
	}
	if p.m.Open() < 0 {
		return ""
	}
	return p.details().Copy(what)
}

// origin is the head of all our addresses.
func (p *logs) origin() string {
	u := p.ctx.Page().URL()
	return u.Scheme + "://" + u.Host
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
