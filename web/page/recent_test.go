package page

import (
	"slices"
	"testing"

	"github.com/logpane/logpane/app/viewer"
)

func TestLogs_WhatWasMeantIsRememberedAsWellAsWhatWasTyped(t *testing.T) {
	s, p := openLogs(t, "/logs?src=algolia/eu/APP", pages)
	p.submit("((")
	p.on(nil, viewer.TextSearched{})
	s.disp.Consume()
	p.edited("satus:404")
	p.on(nil, viewer.SuggestionTaken{})
	s.disp.Consume()
	if want := []string{"status:404", `"(("`}; !slices.Equal(p.set.history, want) {
		t.Errorf("recent filters are %q, want %q", p.set.history, want)
	}
}
