package page

import (
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// command is what a key does on the log table.
type command uint8

const (
	noCommand command = iota
	cmdFilter
	cmdDown
	cmdUp
	cmdPageDown
	cmdPageUp
	cmdNewest
	cmdOldest
	cmdOpen
	cmdClose
	cmdNextError
	cmdPrevError
	cmdNextWarning
	cmdPrevWarning
	cmdNextRelated
	cmdPrevRelated
	cmdCopyLink
	cmdCopyRaw
	cmdTime
	cmdReload
	cmdKeys
)

// binding ties keys to a command.
type binding struct {
	keys  []string // as dom.Key.Name; "g g" is one after the other
	shown []string // as printed in the sheet
	does  string
	cmd   command
}

// keymap is every key of the log table, in the order of the sheet.
var keymap = []binding{
	{[]string{"/", "s"}, []string{"/", "s"}, "Edit the filter", cmdFilter},
	{[]string{"j", "ArrowDown"}, []string{"j", "↓"}, "Next entry; open details move along", cmdDown},
	{[]string{"k", "ArrowUp"}, []string{"k", "↑"}, "Previous entry", cmdUp},
	{[]string{"Enter"}, []string{"Enter"}, "Open the details", cmdOpen},
	{[]string{"Escape"}, []string{"Esc"}, "Close what is on top", cmdClose},
	{[]string{"e"}, []string{"e"}, "Next error", cmdNextError},
	{[]string{"E"}, []string{"E"}, "Previous error", cmdPrevError},
	{[]string{"w"}, []string{"w"}, "Next warning", cmdNextWarning},
	{[]string{"W"}, []string{"W"}, "Previous warning", cmdPrevWarning},
	{[]string{"o"}, []string{"o"}, "Next entry of the same job or item", cmdNextRelated},
	{[]string{"O"}, []string{"O"}, "Previous entry of the same job or item", cmdPrevRelated},
	{[]string{"G", "End"}, []string{"G", "End"}, "Newest entry", cmdNewest},
	{[]string{"g g", "Home"}, []string{"g g", "Home"}, "Oldest loaded entry; again: load older", cmdOldest},
	{[]string{"PageDown"}, []string{"PgDn"}, "One screen down", cmdPageDown},
	{[]string{"PageUp"}, []string{"PgUp"}, "One screen up", cmdPageUp},
	{[]string{"t"}, []string{"t"}, "Choose the time", cmdTime},
	{[]string{"r"}, []string{"r"}, "Search again", cmdReload},
	{[]string{"c"}, []string{"c"}, "Copy a link to this view", cmdCopyLink},
	{[]string{"C"}, []string{"C"}, "Copy the raw entry", cmdCopyRaw},
	{[]string{"?"}, []string{"?"}, "Show these keys", cmdKeys},
}

// keyRows is the keymap as the sheet shows it.
func keyRows() []part.KeyRow {
	rows := make([]part.KeyRow, len(keymap))
	for i, b := range keymap {
		rows[i] = part.KeyRow{Keys: b.shown, Does: b.does}
	}
	return rows
}

// find returns the command of a key press. pending is the key that began a
// sequence, "" for none; next is what it is afterwards. A key with Ctrl, Cmd or
// Alt belongs to the browser, and one in a field to the field, but for Escape.
// On a button, Enter and Escape's fellows keep their own meaning.
func find(k dom.Key, pending string) (cmd command, next string) {
	if k.Ctrl || k.Alt {
		return noCommand, ""
	}
	if k.Typing && k.Name != "Escape" {
		return noCommand, ""
	}
	if k.Control && k.Name == "Enter" {
		return noCommand, ""
	}
	if pending != "" {
		if cmd := bound(pending + " " + k.Name); cmd != noCommand {
			return cmd, ""
		}
	}
	if cmd := bound(k.Name); cmd != noCommand {
		return cmd, ""
	}
	if k.Name == "g" {
		return noCommand, "g"
	}
	return noCommand, ""
}

func bound(key string) command {
	for _, b := range keymap {
		for _, k := range b.keys {
			if k == key {
				return b.cmd
			}
		}
	}
	return noCommand
}
