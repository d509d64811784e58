package server

import (
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/bff/session"
)

// lens returns what an asker sees entries through: that of exports for an access
// token, where reveal is the parameter's value, and nil for the page, which gets them
// as they are: it masks by itself, and filters what it holds by the real values.
// Invalid for another value of reveal than on or off.
func (s *Server) lens(who session.View, reveal string) (*redact.Lens, error) {
	if !who.IsToken() {
		return nil, nil
	}
	on, err := onOff("reveal", reveal)
	return &redact.Lens{Key: s.o.MaskKey, Reveal: on}, err
}

// through masks an answer for those who do not get it as it is: the entries, and what
// vendors say and count. It changes what it is given.
func through(lens *redact.Lens, entries []logs.Entry, coverage []logs.Coverage, facets []logs.Facet) {
	if lens == nil {
		return
	}
	for i := range entries {
		entries[i] = lens.Entry(entries[i])
	}
	for i := range coverage {
		coverage[i].Said = lens.Text(coverage[i].Said) // vendors repeat in their errors what they were sent
	}
	for _, f := range facets {
		for i := range f.Values {
			f.Values[i].Value = lens.Field(f.Field, f.Values[i].Value)
		}
	}
}
