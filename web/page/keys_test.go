package page

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/web/dom"
)

func TestKeymap_NoKeyTwiceAndAllExplained(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range keymap {
		if b.does == "" || b.cmd == noCommand || len(b.shown) != len(b.keys) {
			t.Errorf("binding %v is not explained", b.keys)
		}
		for _, k := range b.keys {
			if seen[k] {
				t.Errorf("key %q is bound twice", k)
			}
			seen[k] = true
		}
	}
	if len(keyRows()) != len(keymap) {
		t.Error("the sheet hides a key")
	}
}

func TestFind_WhoGetsTheKey(t *testing.T) {
	tests := []struct {
		name    string
		key     dom.Key
		pending string
		want    command
		next    string
	}{
		{"a letter", dom.Key{Name: "j"}, "", cmdDown, ""},
		{"an arrow", dom.Key{Name: "ArrowUp"}, "", cmdUp, ""},
		{"a capital", dom.Key{Name: "E", Shift: true}, "", cmdPrevError, ""},
		{"a letter in a field", dom.Key{Name: "j", Typing: true}, "", noCommand, ""},
		{"Escape in a field", dom.Key{Name: "Escape", Typing: true}, "", cmdClose, ""},
		{"Enter in a field", dom.Key{Name: "Enter", Typing: true}, "", noCommand, ""},
		{"Enter on a button", dom.Key{Name: "Enter", Control: true}, "", noCommand, ""},
		{"a letter on a button", dom.Key{Name: "k", Control: true}, "", cmdUp, ""},
		{"the browser's own", dom.Key{Name: "r", Ctrl: true}, "", noCommand, ""},
		{"Ctrl and a letter of ours", dom.Key{Name: "k", Ctrl: true}, "", cmdPalette, ""},
		{"Ctrl and a letter of ours in a field", dom.Key{Name: "F", Ctrl: true, Typing: true}, "", cmdFind, ""},
		{"Shift and an arrow", dom.Key{Name: "ArrowLeft", Shift: true}, "", cmdEarlier, ""},
		{"Shift and a key that has no meaning with it", dom.Key{Name: "ArrowDown", Shift: true}, "", cmdDown, ""},
		{"Shift and an arrow in a field", dom.Key{Name: "ArrowLeft", Shift: true, Typing: true}, "", noCommand, ""},
		{"with Alt", dom.Key{Name: "e", Alt: true}, "", noCommand, ""},
		{"the first g", dom.Key{Name: "g"}, "", noCommand, "g"},
		{"the second g", dom.Key{Name: "g"}, "g", cmdOldest, ""},
		{"another after g", dom.Key{Name: "j"}, "g", cmdDown, ""},
		{"an unknown one after g", dom.Key{Name: "q"}, "g", noCommand, ""},
		{"Space", dom.Key{Name: " "}, "", cmdPause, ""},
		{"Space on a button is the button's", dom.Key{Name: " ", Control: true}, "", noCommand, ""},
	}
	for _, tt := range tests {
		if got, next := find(tt.key, tt.pending, true); got != tt.want || next != tt.next {
			t.Errorf("%s: %d, %q; want %d, %q", tt.name, got, next, tt.want, tt.next)
		}
	}
}

func TestFind_LettersCanBeSwitchedOff(t *testing.T) {
	for _, b := range keymap {
		for _, k := range b.keys {
			key := dom.Key{Name: k, Shift: strings.HasPrefix(k, "Shift+"), Ctrl: strings.HasPrefix(k, "Ctrl+")}
			key.Name = strings.TrimPrefix(strings.TrimPrefix(key.Name, "Shift+"), "Ctrl+")
			if k == "g g" {
				key.Name = "g"
			}
			cmd, pending := find(key, "", false)
			if writes := len([]rune(key.Name)) == 1 && !key.Ctrl; writes != (cmd == noCommand) || pending != "" {
				t.Errorf("%s with letters off: %d, %q", k, cmd, pending)
			}
		}
	}
}

func TestMoves_AreThoseOfTheirGroupButForClosing(t *testing.T) {
	for _, b := range keymap {
		if want := b.group == groupMove && b.cmd != cmdClose || b.cmd == cmdNextMatch || b.cmd == cmdPrevMatch; moves(b.cmd) != want {
			t.Errorf("%s: %v", b.does, !want)
		}
	}
	if moves(noCommand) {
		t.Error("nothing moves without a command")
	}
}

func TestKeys_TypedAheadOfTheFieldIsForTheField(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	for _, k := range []dom.Key{{Name: "f", Ctrl: true}, {Name: "e"}, {Name: "r"}} { // e is also a command
		if !p.key(k) {
			t.Errorf("%v is left to the browser", k)
		}
	}
	s.disp.Consume()
	if f := p.m.Find(); !f.Open || f.Text != "er" || p.m.Focused() >= 0 {
		t.Errorf("found %+v, focused %d", f, p.m.Focused())
	}
	p.key(dom.Key{Name: "j"})
	s.disp.Consume()
	if p.m.Focused() != 0 || p.m.Find().Text != "er" {
		t.Error("keys go to a field that has the keyboard already")
	}
}
