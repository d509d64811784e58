package page

import (
	"strings"

	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// onSaved takes what happens to saved views and in the palette, and reports
// whether msg is of them.
func (p *logs) onSaved(msg any) bool {
	switch m := msg.(type) {
	case part.SavedGiven:
		p.saveView(dom.Value(part.IDSavedName))
	case part.SavedOpened:
		if m.I < len(p.set.views) {
			p.menu = part.NoMenu
			p.deps.navigate(p.ctx, p.set.views[m.I].URL)
		}
	case part.SavedRenameAsked:
		p.saved = part.Saved{Renaming: m.I + 1}
		p.focusSoon(part.IDRename)
	case part.SavedRenamed:
		if name := strings.TrimSpace(dom.Value(part.IDRename)); name != "" {
			p.set.renameView(m.I, name)
		}
		p.saved = part.Saved{}
	case part.SavedDropAsked:
		p.saved = part.Saved{Dropping: m.I + 1}
	case part.SavedDropped:
		p.set.dropView(m.I)
		p.saved = part.Saved{}
	case part.SavedLeft:
		p.saved = part.Saved{}
	case part.PaletteChosen:
		p.menu = part.NoMenu
		p.focusGrid()
		p.choose(m.ID)
	case part.PaletteShut:
		p.toggle(part.NoMenu)
	default:
		return false
	}
	return true
}

// saveView keeps this view under a name. One of that name is replaced.
func (p *logs) saveView(name string) {
	name = strings.TrimSpace(name)
	if name == "" {
		p.saved = part.Saved{Wrong: "give the view a name to save it"}
		return
	}
	v := p.m.View()
	v.Sel = ""
	p.set.saveView(savedView{Name: name, URL: v.URL()})
	p.saved = part.Saved{}
	dom.SetValue(part.IDSavedName, "")
	p.tell("Saved as “" + name + "” in this browser")
}

// Beginnings of the ids of the palette's items.
const (
	itemCommand = "key:"
	itemView    = "view:"
	itemQuery   = "query:"
	itemMenu    = "menu:"
	itemExport  = "export"
	itemLens    = "lens"
	itemTokens  = "tokens"
)

// items is what the palette offers: what one would look for by name first, and what
// one does with a key anyhow last.
func (p *logs) items() []part.PaletteItem {
	var out []part.PaletteItem
	for _, v := range p.set.views {
		out = append(out, part.PaletteItem{ID: itemView + v.URL, Title: v.Name, Group: "Saved views"})
	}
	menu := func(id, title string) {
		out = append(out, part.PaletteItem{ID: itemMenu + id, Title: title, Group: groupPage})
	}
	menu("targets", "Pick targets")
	menu("saved", "Saved views")
	menu("zone", "Choose the time zone")
	menu("settings", "Settings")
	for _, group := range []string{groupPage, groupFind, groupTime, groupShare, groupMove} {
		for _, b := range keymap {
			if b.group == group && b.cmd != cmdPalette && b.cmd != cmdClose {
				out = append(out, part.PaletteItem{ID: itemCommand + b.keys[0], Title: b.does, Group: group, Keys: strings.Fields(b.shown[0])})
			}
		}
		if group == groupShare {
			out = append(out, part.PaletteItem{ID: itemExport, Title: "Export all that matches", Group: group})
			lens := "Reveal personal data"
			if p.reveal {
				lens = "Mask personal data"
			}
			out = append(out, part.PaletteItem{ID: itemLens, Title: lens, Group: group, Words: "reveal show unmask mask masked personal data privacy pii"})
			out = append(out, part.PaletteItem{ID: itemMenu + "requests", Title: "Show vendor request", Group: group},
				part.PaletteItem{ID: itemMenu + "share", Title: "Share: copy a link to this view", Group: group},
				part.PaletteItem{ID: itemTokens, Title: "Access tokens for scripts", Group: group, Words: "api key automation"})
		}
	}
	for _, q := range p.set.history {
		out = append(out, part.PaletteItem{ID: itemQuery + q, Title: q, Group: "Recent filters"})
	}
	return out
}

// choose does what an item of the palette stands for.
func (p *logs) choose(id string) {
	switch {
	case strings.HasPrefix(id, itemCommand):
		p.command(bound(id[len(itemCommand):]), false)
	case strings.HasPrefix(id, itemView):
		p.deps.navigate(p.ctx, id[len(itemView):])
	case strings.HasPrefix(id, itemQuery):
		p.submit(id[len(itemQuery):])
	case id == itemLens:
		p.onLens(part.RevealChosen{On: !p.reveal})
	case id == itemTokens:
		p.deps.navigate(p.ctx, "/tokens")
	case id == itemExport:
		p.onExport(part.ExportAsked{})
	default:
		menus := map[string]part.Menu{
			"saved": part.MenuSaved, "settings": part.MenuSettings, "targets": part.MenuTargets, "zone": part.MenuZone, "requests": part.MenuRequests, "share": part.MenuShare,
		}
		p.toggle(menus[strings.TrimPrefix(id, itemMenu)])
	}
}
