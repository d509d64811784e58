package part

import (
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the palette reports.
type (
	PaletteChosen struct{ ID string } // of the item
	PaletteShut   struct{}
)

// PaletteItem is something that the palette does.
type PaletteItem struct {
	ID    string
	Title string
	Group string   // "Actions", "Saved views" …
	Keys  []string // that do the same, as printed on them
	Words string   // that it is found by as well, and that nobody sees
}

// maxItems is how many items the palette shows.
const maxItems = 50

// PaletteBox is what a page keeps of an open palette. The zero value has just
// been opened.
type PaletteBox struct {
	Text string
	At   int // the chosen one of Rank
}

// Edited says that the text changed: the best item is chosen.
func (b *PaletteBox) Edited(text string) { b.Text, b.At = text, 0 }

// Key takes a key press in the palette, named as KeyboardEvent.key. It reports
// whether the key was used, and the item that was chosen with it; "" for none.
func (b *PaletteBox) Key(name string, items []PaletteItem) (used bool, id string) {
	found := Rank(items, b.Text)
	n := len(found)
	switch name {
	case "ArrowDown":
		b.At++
	case "ArrowUp":
		b.At += n - 1
	case "PageDown":
		b.At = min(b.At+8, n-1)
	case "PageUp":
		b.At = max(b.At-8, 0)
	case "Enter":
		if n > 0 {
			id = found[min(b.At, n-1)].ID
		}
		return true, id
	default:
		return false, ""
	}
	if n > 0 {
		b.At %= n
	} else {
		b.At = 0
	}
	return true, ""
}

// Palette is the layer in which everything is found by its name.
type Palette struct {
	Box   PaletteBox
	Items []PaletteItem
}

// UI draws the layer.
func (p Palette) UI(send Send) app.UI {
	found := Rank(p.Items, p.Box.Text)
	grouped := strings.TrimSpace(p.Box.Text) == ""
	var groups, rows nodes
	group := ""
	flush := func() {
		if len(rows) == 0 {
			return
		}
		with := attrs{"role", "group", "aria-label", "Found"}
		if grouped {
			id := "palette-group-" + strconv.Itoa(len(groups))
			with = attrs{"role", "group", "aria-labelledby", id}
			rows[0] = elem("li", "palette-group mut", attrs{"id", id, "role", "presentation"}, app.Text(group))
		}
		groups.add(elem("ul", "", with, rows...))
		rows = nil
	}
	for i := range found {
		x := &found[i]
		if grouped && (len(rows) == 0 || x.Group != group) {
			flush()
			group = x.Group
			rows = []app.UI{nil} // its title
		}
		rows.add(p.row(i, x, grouped, send))
	}
	flush()
	var none app.UI
	active := ""
	if len(found) > 0 {
		active = PaletteID(min(p.Box.At, len(found)-1))
	} else {
		none = txt("p", "mut palette-none", "Nothing is called that.")
	}
	return el("div", "veil top", sheet("palette", "Command palette",
		el("div", "palette-head",
			icon("search"),
			field(IDPalette, "Search for an action or a view", "Do or open …", send, "role", "combobox", "aria-expanded", yes(len(found) > 0),
				"aria-controls", "palette-list", "aria-autocomplete", "list", "autocapitalize", "off", "aria-activedescendant", active),
			pictured("btn icon quiet", "close", "Close", "", send, PaletteShut{}),
		),
		aloud("div", "palette-list", "listbox", "Actions and views", groups...).ID("palette-list"),
		none,
		spoken("span", Some(len(found), "result")),
	))
}

// PaletteID returns the id of a line, to be scrolled into view.
func PaletteID(i int) string { return "palette-" + strconv.Itoa(i) }

func (p *Palette) row(i int, x *PaletteItem, grouped bool, send Send) app.UI {
	return option(PaletteID(i), "palette-row", i == p.Box.At, send, PaletteChosen{x.ID},
		txt("span", "grow ellipsis", x.Title),
		iff(!grouped, txt("span", "mut palette-of ellipsis", x.Group)),
		el("span", "caps", caps(x.Keys)...),
	)
}

// option is a line of a list that is gone through from a field, which keeps the
// keyboard.
func option(id, class string, on bool, send Send, msg any, kids ...app.UI) app.UI {
	return elem("li", class+when(on, " on"), attrs{"id", id, "role", "option", "aria-selected", yes(on)}, kids...).OnMouseDown(keep).OnClick(send.on(msg))
}

// Rank returns the items that a text finds, best first, in their own order for no
// text. Every word of the text must be in the title, the words beside it or the group, its letters in
// order; those that stand together and begin words count most.
func Rank(items []PaletteItem, text string) []PaletteItem {
	words := strings.Fields(strings.ToLower(text))
	if len(words) == 0 {
		return items[:min(len(items), maxItems)]
	}
	type hit struct {
		item  PaletteItem
		score int
	}
	var hits []hit
	for _, x := range items {
		sum := 0
		for _, w := range words {
			n := max(fuzzy(x.Title, w), fuzzy(x.Words, w)/2)
			if n == 0 {
				n = fuzzy(x.Group, w) / 4
			}
			if n == 0 {
				sum = 0
				break
			}
			sum += n
		}
		if sum > 0 {
			hits = append(hits, hit{x, sum})
		}
	}
	sort.SliceStable(hits, func(a, b int) bool { return hits[a].score > hits[b].score })
	out := make([]PaletteItem, min(len(hits), maxItems))
	for i := range out {
		out[i] = hits[i].item
	}
	return out
}

// fuzzy says how well a word, in lower case, fits a text: 0 where its letters do
// not stand in it in this order, or where they are strewn about.
func fuzzy(text, word string) int {
	t := []rune(strings.ToLower(text))
	w := []rune(word)
	best := 0
	for start := range t {
		if t[start] != w[0] {
			continue
		}
		score, at := 0, start
		for _, r := range w {
			from := at
			for at < len(t) && t[at] != r {
				at++
			}
			if at == len(t) {
				score = 0
				break
			}
			switch begins := at == 0 || !unicode.IsLetter(t[at-1]) && !unicode.IsDigit(t[at-1]); {
			case begins:
				score += 12
			case at == from:
				score += 8
			default:
				score -= 3
			}
			at++
		}
		if score < 5*len(w) { // strewn about
			continue
		}
		if start == 0 {
			score += 4
		}
		best = max(best, score)
	}
	if best > 0 && strings.EqualFold(text, word) {
		best += 20
	}
	return best
}
