// Package redact covers what must not be shown of what vendors log.
//
// Two things are kept apart. A credential (a key, a token, a password, a cookie)
// is always covered: there is no way to show one. Personal data (e-mail addresses,
// IP addresses, ids of users, names, postal addresses, phone numbers) is covered
// by a [Lens] unless it reveals, which a reader asks for deliberately. In the
// place of personal data stands a tag, the same for equal values under one key:
//
//	redact.Lens{Key: key}.Text(`{"ip":"203.0.113.7","userToken":"user_58"}`)
//	// {"ip":"[ip 7c2]","userToken":"[user 09d]"}
//
// The package only covers text that is shown or given away. It must not be used
// on what is filtered, counted or compared: the reader's filter knows the real
// values.
package redact

import (
	"slices"
	"strings"
	"unsafe"

	"github.com/logpane/logpane/app/logs"
)

// Lens decides what of an entry may be shown. The zero Lens covers personal data,
// with tags of no key. It is comparable, and passed by value.
type Lens struct {
	Reveal bool   // show personal data; credentials stay covered
	Key    uint64 // of the deployment: equal values have equal tags under one key
}

// Text returns s without what must not be shown: free text, JSON, header lines, or
// query strings, escaped or not. Doing it twice changes nothing, and JSON stays
// JSON. A text without anything to cover is returned as it is.
func (l Lens) Text(s string) string {
	m := masking{s: s, lens: l, personal: !l.Reveal}
	return m.run()
}

// Field returns the value of a field without what must not be shown. A name that
// tells what the value is, such as ip or user_token, covers it whole; of a path,
// such as body.customer.name, the last name counts, and what it stands in.
func (l Lens) Field(name, value string) string {
	dot := strings.LastIndexByte(name, '.')
	k := kindOf(name[dot+1:])
	if k == partial {
		for rest := name[:max(dot, 0)]; rest != ""; {
			cut := strings.LastIndexByte(rest, '.')
			if of := kindOf(rest[cut+1:]); of == account || of == address || of == related {
				k = k.inside(name[dot+1:])
				break
			}
			rest = rest[:max(cut, 0)]
		}
	}
	m := masking{s: value, lens: l, personal: !l.Reveal}
	if k == account || k == address || k == related {
		if first := skipSpaces(value, 0, " \n\r\t"); first < len(value) && (value[first] == '{' || value[first] == '[') {
			m.until = len(value)
			return m.run()
		}
	}
	if k = k.scalar(); k == secret || k == token || k != plain && !l.Reveal {
		if shown, ok := l.cover(k, value); ok {
			return shown
		}
	}
	return m.run()
}

// Entry returns a copy of e without what must not be shown. Its ID and Src stay:
// an entry is found again by them.
func (l Lens) Entry(e logs.Entry) logs.Entry {
	e.Summary, e.Item, e.Job, e.Request = l.Text(e.Summary), l.Text(e.Item), l.Text(e.Job), l.Text(e.Request)
	fields := e.Fields
	for i, f := range e.Fields {
		text := logs.TextOf(f.Value)
		shown := l.Field(f.Name, text)
		if shown == text {
			continue
		}
		if &fields[0] == &e.Fields[0] {
			fields = slices.Clone(fields)
		}
		fields[i].Value = shown
	}
	e.Fields = fields
	if len(e.Raw) > 0 {
		raw := unsafe.String(&e.Raw[0], len(e.Raw)) // an entry's Raw is never written to
		if shown := l.Text(raw); len(shown) != len(raw) || unsafe.StringData(shown) != unsafe.StringData(raw) {
			e.Raw = []byte(shown)
		}
	}
	return e
}
