package part

import (
	"maps"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

// PanelEvent is something that happened inside of the panel and changes nothing
// but how it is shown. A page hands it to [PanelState.Next].
type PanelEvent interface{ panel() }

// What changes the panel alone. Path names a place in the panel, and means nothing
// outside of it.
type (
	// NodeToggled opens or closes a node of a tree, or a run of library frames.
	NodeToggled struct {
		Path string
		Open bool
	}
	// MoreShown shows one more step of a long text or a long list.
	MoreShown struct{ Path string }
	// FormChosen shows a block as the text that it is, or decoded.
	FormChosen struct {
		Block string
		Raw   bool
	}
	// ActionsToggled shows what can be done with one value, or hides it.
	ActionsToggled struct{ Path string }
)

func (NodeToggled) panel()    {}
func (MoreShown) panel()      {}
func (FormChosen) panel()     {}
func (ActionsToggled) panel() {}

// PanelState is how the panel is shown: what is open, how much of what is long,
// and in which form. The zero value is how a panel begins. It is a value: its
// methods return another one.
type PanelState struct {
	open   map[string]bool
	steps  map[string]int
	raw    map[string]bool // by block
	active string          // the value whose actions are shown
	told   *told           // what the entry says, decoded once
}

// On returns the state for another entry. What was opened is closed again; the
// forms stay, since who reads raw bodies reads the next one raw as well.
func (s PanelState) On(e logs.Entry, lens redact.Lens) PanelState {
	return PanelState{raw: s.raw, told: tell(e, lens)}
}

// Next returns the state after an event.
func (s PanelState) Next(e PanelEvent) PanelState {
	switch e := e.(type) {
	case NodeToggled:
		s.open = with(s.open, e.Path, e.Open)
	case MoreShown:
		s.steps = with(s.steps, e.Path, s.steps[e.Path]+1)
	case FormChosen:
		s.raw = with(s.raw, e.Block, e.Raw)
	case ActionsToggled:
		if s.active == e.Path {
			e.Path = ""
		}
		s.active = e.Path
	}
	return s
}

// isOpen reports whether a node is open: as it was set, else as it begins.
func (s PanelState) isOpen(path string, begins bool) bool {
	if open, set := s.open[path]; set {
		return open
	}
	return begins
}

func with[V any](m map[string]V, key string, v V) map[string]V {
	m = maps.Clone(m)
	if m == nil {
		m = map[string]V{}
	}
	m[key] = v
	return m
}
