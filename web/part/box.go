package part

import (
	"slices"
	"strings"

	"github.com/logpane/logpane/app/query"
)

// MaxRecent is how many filters Remember keeps.
const MaxRecent = 30

// Remember returns the list of recent filters with one more, the latest first. A
// filter stands in it once; an empty one never. The list is not changed.
func Remember(recent []string, filter string) []string {
	if filter == "" {
		return recent
	}
	out := append([]string{filter}, Forget(recent, filter)...)
	return out[:min(len(out), MaxRecent)]
}

// Forget returns the list of recent filters without one. The list is not changed.
func Forget(recent []string, filter string) []string {
	return slices.DeleteFunc(slices.Clone(recent), func(s string) bool { return s == filter })
}

// Edit is what is to be done to the filter box: write the text, put the caret
// there, and, with Submit, commit it. A Forgot filter is to leave the recent ones.
type Edit struct {
	Text   string
	Caret  int // in bytes
	Submit bool
	Forgot string
}

// SearchBox is what a page keeps of the filter box from one event to the next:
// which list hangs open below it, and which line of it is chosen. The zero value
// is closed. Its methods decide; the page writes the field and draws [Search].
//
//	case part.Typed:   // of IDSearch
//		text, caret := dom.Field(part.IDSearch)
//		p.box.Edited(text, caret, catalog)
//	key := func(k dom.Key) bool {
//		used, edit := p.box.Key(k.Name, k.Shift, k.Ctrl, text, caret, p.recent, catalog) …
type SearchBox struct {
	Offers []query.Completion // how the filter may go on
	Recent []string           // or the filters to take instead
	At     int                // the chosen line; -1 for none

	text  string // that Offers are about
	back  int    // how many recent filters Ctrl+Up went back; 0 is the reader's own
	draft string // the reader's own, while back is not 0
}

// Open reports whether a list hangs below the box.
func (b *SearchBox) Open() bool { return len(b.Offers)+len(b.Recent) > 0 }

// field returns the field whose value stands at an offset of the text, "" where none
// does.
func (b *SearchBox) field(at int) string {
	before := b.text[:min(at, len(b.text))]
	colon := strings.LastIndexByte(before, ':')
	if colon < 0 || strings.ContainsRune(before[colon:], ' ') && !strings.ContainsRune(before[colon:], '(') {
		return ""
	}
	before = before[:colon]
	return before[strings.LastIndexAny(before, " (-")+1:]
}

// Close closes the list.
func (b *SearchBox) Close() { b.Offers, b.Recent, b.At = nil, nil, -1 }

// Edited says that the text of the box changed, and where its caret is, in bytes.
func (b *SearchBox) Edited(text string, caret int, c query.Catalog) {
	b.back = 0
	b.offer(text, caret, c, false)
}

// offer opens the list of completions. At the beginning of a word, where all
// names are possible, it is opened only for who asks.
func (b *SearchBox) offer(text string, caret int, c query.Catalog, asked bool) {
	b.Close()
	offers := query.Complete(text, caret, c)
	if len(offers) == 0 || !asked && offers[0].From == caret && (caret == 0 || text[caret-1] == ' ') {
		return
	}
	b.Offers, b.text = offers, text
}

// Entered says that the box got the keyboard: over an empty one the recent
// filters open.
func (b *SearchBox) Entered(text string, recent []string) {
	b.Close()
	if text == "" {
		b.Recent = recent
	}
}

// Take takes a line of the list, and returns nil where there is none.
func (b *SearchBox) Take(i int, c query.Catalog) *Edit {
	switch {
	case i >= 0 && i < len(b.Offers):
		text, caret := b.Offers[i].Apply(b.text)
		b.Edited(text, caret, c)
		return &Edit{Text: text, Caret: caret}
	case i >= 0 && i < len(b.Recent):
		text := b.Recent[i]
		b.Close()
		return &Edit{Text: text, Caret: len(text), Submit: true}
	}
	return nil
}

// Drop takes a line out of the list of recent filters.
func (b *SearchBox) Drop(i int) *Edit {
	if i < 0 || i >= len(b.Recent) {
		return nil
	}
	forgot := b.Recent[i]
	b.Recent = Forget(b.Recent, forgot)
	b.At = min(b.At, len(b.Recent)-1)
	return &Edit{Forgot: forgot}
}

// Key takes a key press in the box, named as KeyboardEvent.key, with the text and
// the caret of the box. It reports whether the key was used; one that was not
// means what it means elsewhere: Enter commits, Tab goes on, Escape leaves. The
// edit is nil where the text stays; one with Forgot changes no text.
func (b *SearchBox) Key(name string, shift, ctrl bool, text string, caret int, recent []string, c query.Catalog) (used bool, edit *Edit) {
	n := len(b.Offers) + len(b.Recent)
	switch {
	case ctrl && (name == "ArrowUp" || name == "ArrowDown"):
		return b.recall(name == "ArrowUp", text, recent)
	case ctrl:
		return false, nil
	case name == "ArrowUp" && n == 0:
		if text != "" || len(recent) == 0 {
			return false, nil
		}
		b.Recent, b.At = recent, 0
		return true, nil
	case name == "ArrowDown" && n == 0:
		if text == "" && len(recent) > 0 {
			b.Recent, b.At = recent, 0
		} else if b.offer(text, caret, c, true); len(b.Offers) > 0 {
			b.At = 0
		}
		return true, nil
	case n == 0:
		return false, nil
	case name == "ArrowDown":
		b.At = (b.At+2)%(n+1) - 1 // behind the last comes the text itself
		return true, nil
	case name == "ArrowUp":
		b.At = (b.At+1+n)%(n+1) - 1
		return true, nil
	case name == "Escape":
		b.Close()
		return true, nil
	case (name == "Enter" || name == "Tab" && !shift) && b.At >= 0:
		return true, b.Take(b.At, c)
	case (name == "Delete" || name == "Backspace" && shift) && b.At >= 0 && len(b.Recent) > 0:
		return true, b.Drop(b.At)
	}
	switch name {
	case "Enter", "Tab", "ArrowLeft", "ArrowRight", "Home", "End":
		b.Close() // what it offers belongs to where the caret was
	}
	return false, nil
}

// recall goes through the recent filters in the box itself.
func (b *SearchBox) recall(older bool, text string, recent []string) (bool, *Edit) {
	b.Close()
	if b.back == 0 {
		b.draft = text
	}
	at := b.back
	for {
		if older {
			at++
		} else {
			at--
		}
		if at < 0 || at > len(recent) {
			return true, nil
		}
		to := b.draft
		if at > 0 {
			to = recent[at-1]
		}
		if to == text && at > 0 { // the one that stands there already
			continue
		}
		b.back = at
		return true, &Edit{Text: to, Caret: len(to)}
	}
}
