package page

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
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
		{"with Alt", dom.Key{Name: "e", Alt: true}, "", noCommand, ""},
		{"the first g", dom.Key{Name: "g"}, "", noCommand, "g"},
		{"the second g", dom.Key{Name: "g"}, "g", cmdOldest, ""},
		{"another after g", dom.Key{Name: "j"}, "g", cmdDown, ""},
		{"an unknown one after g", dom.Key{Name: "q"}, "g", noCommand, ""},
		{"Space stays with the browser", dom.Key{Name: " "}, "", noCommand, ""},
	}
	for _, tt := range tests {
		if got, next := find(tt.key, tt.pending); got != tt.want || next != tt.next {
			t.Errorf("%s: %d, %q; want %d, %q", tt.name, got, next, tt.want, tt.next)
		}
	}
}

func TestMoves_AreThoseThatChangeTheRow(t *testing.T) {
	for _, b := range keymap {
		want := strings.Contains(b.does, "entry") && !strings.Contains(b.does, "Copy") || strings.Contains(b.does, "screen") ||
			strings.Contains(b.does, "error") || strings.Contains(b.does, "warning") || strings.Contains(b.does, "details")
		if moves(b.cmd) != want {
			t.Errorf("%s: %v", b.does, !want)
		}
	}
	if moves(noCommand) || moves(cmdClose) {
		t.Error("nothing moves without a command")
	}
}

func TestKeys_TheSheetKeepsTheKeyboard(t *testing.T) {
	p := newLogs(Deps{})
	if p.key(dom.Key{Name: "Tab"}) {
		t.Error("Tab is taken away from the page")
	}
	p.menu = part.MenuKeys
	if !p.key(dom.Key{Name: "Tab"}) || !p.key(dom.Key{Name: "Tab", Shift: true, Control: true}) {
		t.Error("Tab leaves the sheet")
	}
}
