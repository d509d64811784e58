package page

import (
	"strconv"

	"github.com/logpane/logpane/app/redact"
)

// lens says what of an entry may be shown and copied.
func (p *logs) lens() redact.Lens {
	key, _ := strconv.ParseUint(p.vendors.Value.MaskKey, 16, 64)
	return redact.Lens{Key: key}
}
