package logs

import (
	"fmt"
	"net/url"
	"strings"
)

// MaxPath bounds the segments of a target below its account.
const MaxPath = 4

// MaxAddress bounds the length of an address in bytes.
const MaxAddress = 1024

// Target is what one looks at: a Coveo source, an Elastic Path integration, a
// deepset pipeline, an Algolia index, or a whole account. It holds names, never
// credentials, so that it can stand in a link. The zero value is no target.
type Target struct {
	Vendor  string   // coveo, elasticpath, moltin, deepset or algolia
	Region  string   // a region of the vendor: built in, or added by the operator
	Account string   // application id, organization id, workspace or store
	Path    []string // what below the account, vendor by vendor; empty means all of it
}

// ParseTarget reads an address such as "deepset/eu/production/pipelines/rag".
// Segments are percent-escaped, so that a name may hold any character.
func ParseTarget(s string) (Target, error) {
	if len(s) > MaxAddress {
		return Target{}, fmt.Errorf("target address is longer than %d bytes", MaxAddress)
	}
	parts := strings.Split(s, "/")
	if len(parts) < 3 || len(parts) > 3+MaxPath {
		return Target{}, fmt.Errorf("target %q is not vendor/region/account[/path]", s)
	}
	for i, p := range parts {
		name, err := url.PathUnescape(p)
		if err != nil || name == "" {
			return Target{}, fmt.Errorf("target %q: segment %d is empty or badly escaped", s, i+1)
		}
		parts[i] = name
	}
	t := Target{Vendor: parts[0], Region: parts[1], Account: parts[2]}
	if len(parts) > 3 {
		t.Path = parts[3:]
	}
	return t, nil
}

// String returns the address, which [ParseTarget] reads back to the same target.
// It holds no comma and no slash but those between segments.
func (t Target) String() string {
	var b strings.Builder
	for i, p := range append([]string{t.Vendor, t.Region, t.Account}, t.Path...) {
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// Below returns the target with a path below its account. The path is copied.
func (t Target) Below(path ...string) Target {
	t.Path = append([]string(nil), path...)
	return t
}

// SameAccount reports whether both targets belong to one account of one vendor
// in one region.
func (t Target) SameAccount(u Target) bool {
	return t.Vendor == u.Vendor && t.Region == u.Region && t.Account == u.Account
}
