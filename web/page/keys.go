package page

import (
	"strings"

	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
)

// command is what a key does on the log table.
type command uint8

const (
	noCommand command = iota
	cmdDown
	cmdUp
	cmdPageDown
	cmdPageUp
	cmdNewest
	cmdOldest
	cmdOpen
	cmdNextError
	cmdPrevError
	cmdNextWarning
	cmdPrevWarning
	cmdNextRelated
	cmdPrevRelated
	cmdNextAttempt
	cmdPrevAttempt
	cmdNextMatch
	cmdPrevMatch
	cmdCellRight
	cmdCellLeft
	cmdClose
	cmdFilter
	cmdFind
	cmdPalette
	cmdInclude
	cmdExclude
	cmdAround
	cmdSameJob
	cmdMark
	cmdMarkRange
	cmdCompare
	cmdTime
	cmdEarlier
	cmdLater
	cmdZoomOut
	cmdExact
	cmdFacets
	cmdCopyLink
	cmdCopyRaw
	cmdReload
	cmdKeys
	cmdLive
	cmdPause
)

// binding ties keys to a command.
type binding struct {
	group string   // heading in the sheet
	keys  []string // as nameOf writes them; "g g" is one after the other
	shown []string // as printed in the sheet
	does  string
	cmd   command
}

const (
	groupMove  = "Move"
	groupFind  = "Find and filter"
	groupTime  = "Time"
	groupShare = "Share"
	groupPage  = "Page"
)

// keymap is every key of the log table, in the order of the sheet.
var keymap = []binding{
	{groupMove, []string{"j", "ArrowDown"}, []string{"j", "↓"}, "Next entry; open details move along", cmdDown},
	{groupMove, []string{"k", "ArrowUp"}, []string{"k", "↑"}, "Previous entry", cmdUp},
	{groupMove, []string{"Enter"}, []string{"Enter"}, "Open the details", cmdOpen},
	{groupMove, []string{"Escape"}, []string{"Esc"}, "Close what is on top", cmdClose},
	{groupMove, []string{"e"}, []string{"e"}, "Next error", cmdNextError},
	{groupMove, []string{"E"}, []string{"E"}, "Previous error", cmdPrevError},
	{groupMove, []string{"w"}, []string{"w"}, "Next warning", cmdNextWarning},
	{groupMove, []string{"W"}, []string{"W"}, "Previous warning", cmdPrevWarning},
	{groupMove, []string{"o"}, []string{"o"}, "Next entry of the same job or item", cmdNextRelated},
	{groupMove, []string{"O"}, []string{"O"}, "Previous entry of the same job or item", cmdPrevRelated},
	{groupMove, []string{"]"}, []string{"]"}, "Inside a job: next attempt", cmdNextAttempt},
	{groupMove, []string{"["}, []string{"["}, "Inside a job: previous attempt", cmdPrevAttempt},
	{groupMove, []string{"G", "End"}, []string{"G", "End"}, "Newest entry; what is new is followed again", cmdNewest},
	{groupMove, []string{"g g", "Home"}, []string{"g g", "Home"}, "Oldest loaded entry; again: load older", cmdOldest},
	{groupMove, []string{"PageDown"}, []string{"PgDn"}, "One screen down", cmdPageDown},
	{groupMove, []string{"PageUp"}, []string{"PgUp"}, "One screen up", cmdPageUp},
	{groupMove, []string{"ArrowRight"}, []string{"→"}, "Next cell of the entry", cmdCellRight},
	{groupMove, []string{"ArrowLeft"}, []string{"←"}, "Previous cell of the entry", cmdCellLeft},

	{groupFind, []string{"/", "s"}, []string{"/", "s"}, "Edit the filter", cmdFilter},
	{groupFind, []string{"+"}, []string{"+"}, "Show only the value of the cell", cmdInclude},
	{groupFind, []string{"-"}, []string{"-"}, "Hide the value of the cell", cmdExclude},
	{groupFind, []string{"Ctrl+f"}, []string{"Ctrl F"}, "Find in the loaded rows; again: the browser's own", cmdFind},
	{groupFind, []string{"n"}, []string{"n"}, "Next match", cmdNextMatch},
	{groupFind, []string{"N"}, []string{"N"}, "Previous match", cmdPrevMatch},
	{groupFind, []string{"J"}, []string{"J"}, "Only this job, item or request", cmdSameJob},
	{groupFind, []string{"a"}, []string{"a"}, "What happened 30 s around the entry", cmdAround},
	{groupFind, []string{"x"}, []string{"x"}, "Mark the entry, or no longer", cmdMark},
	{groupFind, []string{"X"}, []string{"X"}, "Mark all from the last mark to here", cmdMarkRange},
	{groupFind, []string{"="}, []string{"="}, "Compare the two entries marked last", cmdCompare},

	{groupTime, []string{"t"}, []string{"t"}, "Choose the time", cmdTime},
	{groupTime, []string{"Shift+ArrowLeft"}, []string{"Shift ←"}, "Earlier by half a window", cmdEarlier},
	{groupTime, []string{"Shift+ArrowRight"}, []string{"Shift →"}, "Later by half a window", cmdLater},
	{groupTime, []string{"z"}, []string{"z"}, "Zoom out", cmdZoomOut},
	{groupTime, []string{"r"}, []string{"r"}, "Search again", cmdReload},
	{groupTime, []string{"l"}, []string{"l"}, "Follow what is new, or no longer", cmdLive},
	{groupTime, []string{" "}, []string{"Space"}, "Pause what follows, or resume it", cmdPause},

	{groupShare, []string{"c"}, []string{"c"}, "Copy a link to the entry, else to this view", cmdCopyLink},
	{groupShare, []string{"C"}, []string{"C"}, "Copy the entry as JSON", cmdCopyRaw},
	{groupShare, []string{"y"}, []string{"y"}, "Make the address exact: this very time", cmdExact},

	{groupPage, []string{"Ctrl+k"}, []string{"Ctrl K"}, "All commands", cmdPalette},
	{groupPage, []string{"f"}, []string{"f"}, "Show or hide the fields", cmdFacets},
	{groupPage, []string{"?"}, []string{"?"}, "Show these keys", cmdKeys},
}

// keyRows is the keymap as the sheet shows it.
func keyRows() []part.KeyRow {
	rows := make([]part.KeyRow, len(keymap))
	for i, b := range keymap {
		rows[i] = part.KeyRow{Group: b.group, Keys: b.shown, Does: b.does, Letter: character(b.keys[0]) || b.keys[0] == "g g"}
	}
	return rows
}

// nameOf writes a key press as the keymap does: "Ctrl+k", "Shift+ArrowLeft", "E".
// Of a key that writes a character, Shift is in the character already.
func nameOf(k dom.Key) string {
	switch {
	case k.Ctrl:
		return "Ctrl+" + strings.ToLower(k.Name)
	case k.Shift && len(k.Name) > 1:
		return "Shift+" + k.Name
	}
	return k.Name
}

// character reports whether a key writes a character. Those can be switched off,
// as WCAG 2.1.4 asks: speech input types them by mistake.
func character(name string) bool {
	r := []rune(name)
	return len(r) == 1
}

// find returns the command of a key press. pending is the key that began a
// sequence, "" for none; next is what it is afterwards. letters says whether keys
// that write a character are on. A key with Ctrl, Cmd or Alt that is not in the
// keymap belongs to the browser, and one in a field to the field, but for Escape
// and those with Ctrl. On a button, Enter and Escape's fellows keep their own
// meaning.
func find(k dom.Key, pending string, letters bool) (cmd command, next string) {
	if k.Alt {
		return noCommand, ""
	}
	if k.Typing && k.Name != "Escape" && !k.Ctrl {
		return noCommand, ""
	}
	if k.Control && (k.Name == "Enter" || k.Name == " ") {
		return noCommand, ""
	}
	name := nameOf(k)
	if character(name) && !letters {
		return noCommand, ""
	}
	if pending != "" {
		if cmd := bound(pending + " " + name); cmd != noCommand {
			return cmd, ""
		}
	}
	if cmd := bound(name); cmd != noCommand {
		return cmd, ""
	}
	if cmd := bound(strings.TrimPrefix(name, "Shift+")); cmd != noCommand && !k.Ctrl {
		return cmd, ""
	}
	if name == "g" {
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

// moves reports whether a command moves the focused row or opens it.
func moves(cmd command) bool { return cmdDown <= cmd && cmd <= cmdCellLeft }
