package page

import (
	"strconv"

	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/web/part"
)

// lens is what everything of a vendor is shown and copied through. It reveals only
// while the reader wants it, in this tab: that stands in no address and no storage.
func (p *logs) lens() redact.Lens {
	key, _ := strconv.ParseUint(p.vendors.Value.MaskKey, 16, 64)
	return redact.Lens{Reveal: p.reveal, Key: key}
}

// onLens takes the switch, and reports whether msg is of it.
func (p *logs) onLens(msg any) bool {
	m, ok := msg.(part.RevealChosen)
	if ok && m.On != p.reveal {
		p.reveal = m.On
		p.relens()
		if m.On {
			p.tell("Personal data is shown in this tab; credentials stay masked")
		} else {
			p.tell("Personal data is masked again")
		}
	}
	return ok
}

// relens draws anew what was made through another lens.
func (p *logs) relens() {
	p.refresh()
	switch x := p.place.is.(type) {
	case *jobPlace:
		x.build()
	case *compare:
		x.again()
	}
}
