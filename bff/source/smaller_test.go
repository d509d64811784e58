package source

import (
	"context"
	"slices"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/source/driver"
)

// slowVendor answers with 504 where more than has rows are asked for.
type slowVendor struct {
	driver.Driver
	has   int
	asked []int
}

func (v *slowVendor) Read(_ context.Context, r driver.Read) (driver.Page, error) {
	v.asked = append(v.asked, r.Limit)
	if r.Limit > v.has {
		f := fault.New(fault.Timeout, "read").Saying("out of time")
		f.Status = 504
		return driver.Page{}, f
	}
	return driver.Page{}, nil
}

func TestPage_ShrinksAndGrowsLessOftenEachTime(t *testing.T) {
	v := &slowVendor{has: 30}
	s := &Source{driver: v, vendor: driver.Vendor{Title: "A vendor", Capabilities: driver.Capabilities{Smaller: true, MaxLimit: 100}}}
	a, b := []string{"a"}, []string{"b"}
	ask := func(path []string, limit int) error {
		_, err := s.page(t.Context(), driver.Read{Path: path, Limit: limit})
		return err
	}
	for range 12 {
		_ = ask(a, 100)
	}
	// Twice 25 make 50, which fails; the next time four are wanted first.
	if want := []int{100, 50, 25, 25, 25, 25, 50, 25, 25, 25, 25, 25}; !slices.Equal(v.asked, want) {
		t.Errorf("asked for %v, want %v", v.asked, want)
	}
	if s.smaller(a) == 0 || s.smaller(b) != 0 {
		t.Errorf("room for %d and %d: one target's trouble is not another's", s.smaller(a), s.smaller(b))
	}
	for range 100 {
		_ = ask(a, 1) // says nothing of larger ones
	}
	if n := s.smaller(a); n != 25 {
		t.Errorf("small questions made room for %d", n)
	}
	v.has = 100
	for range 200 {
		_ = ask(a, 100)
	}
	if n := s.smaller(a); n != 0 || v.asked[len(v.asked)-1] != 100 {
		t.Errorf("a vendor that is well again is asked for %d", v.asked[len(v.asked)-1])
	}
}

func TestPage_AtItsSmallestFailsInTheDriversWords(t *testing.T) {
	v := &slowVendor{}
	s := &Source{driver: v, vendor: driver.Vendor{Title: "A vendor", Capabilities: driver.Capabilities{Smaller: true, MaxLimit: 100}}}
	var said []string
	for range 6 {
		_, err := s.page(t.Context(), driver.Read{Limit: 100})
		said = append(said, fault.Of(err).Msg)
	}
	if v.asked[5] != leastPage || said[5] != "out of time" || said[0] != "A vendor timed out; asking for smaller pages, of 50 entries from now on" {
		t.Errorf("asked for %v, said %q", v.asked, said)
	}
	s.vendor.Capabilities.Smaller = false
	if _, err := s.page(t.Context(), driver.Read{Limit: 100}); fault.Of(err).Msg != "out of time" || v.asked[6] != 100 {
		t.Errorf("a vendor whose pages are fixed was asked for %d: %v", v.asked[6], err)
	}
}
