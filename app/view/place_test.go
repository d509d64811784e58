package view

import (
	"testing"
	"testing/quick"
)

func TestPlace_OfEveryPath(t *testing.T) {
	for _, c := range []struct {
		path string
		want Place
	}{
		{"", Place{}},
		{"/logs", Place{}},
		{"/elsewhere/jobs/a", Place{}},
		{"/ep/jobs", Place{Kind: Jobs, Vendor: "elasticpath"}},
		{"/ep/jobs/41", Place{Kind: Jobs, Vendor: "elasticpath", A: "41"}},
		{"/ep/jobs/41/3b69", Place{Kind: Job, Vendor: "elasticpath", A: "41", B: "3b69"}},
		{"/ep/jobs/41/3b69/more", Place{}},
		{"/moltin/jobs/41/a%2Fb+c", Place{Kind: Job, Vendor: "moltin", A: "41", B: "a/b+c"}},
		{"/coveo/items", Place{Kind: Item}},
		{"/coveo/assert", Place{Kind: Assert}},
		{"/deepset/exceptions", Place{Kind: Exceptions}},
		{"/deepset/exceptions/9f", Place{Kind: Exceptions, A: "9f"}},
		{"/algolia/shapes/9f", Place{Kind: Shapes, A: "9f"}},
		{"/compare", Place{Kind: Compare}},
		{"/timeline", Place{Kind: Timeline}},
	} {
		if got := (View{Path: c.path}).Place(); got != c.want {
			t.Errorf("%s leads to %+v, want %+v", c.path, got, c.want)
		}
	}
}

func TestParse_LongJobAddressNamesItsTarget(t *testing.T) {
	v, notices := Parse("/job/elasticpath/eu/shop/41/3b69", "")
	if got, want := v.URL(), "/ep/jobs/41/3b69?src=elasticpath/eu/shop"; got != want || len(notices) > 0 {
		t.Fatalf("%s %v, want %s", got, notices, want)
	}
	v, _ = Parse("/job/moltin/eu/shop/41/3b69", "src=moltin/us/other")
	if got, want := v.URL(), "/moltin/jobs/41/3b69?src=moltin/us/other"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
}

func TestAt_KeepsTheSearchAndDropsTheRest(t *testing.T) {
	v, _ := Parse("/logs", "q=status:500&src=elasticpath/eu/shop&from=now-1h&tz=UTC&sel=x&live=1&pick=a&pick=b")
	got := v.At(Place{Kind: Job, Vendor: "elasticpath", A: "a b", B: "c/d"}).URL()
	if want := "/ep/jobs/a%20b/c%2Fd?q=status:500&src=elasticpath/eu/shop&from=now-1h&tz=UTC"; got != want {
		t.Fatalf("%s, want %s", got, want)
	}
	if got := v.At(Place{}).URL(); got != "/logs?q=status:500&src=elasticpath/eu/shop&from=now-1h&tz=UTC" {
		t.Fatal(got)
	}
}

func TestPlace_SurvivesItsAddress(t *testing.T) {
	check := func(a, b string) bool {
		if a == "" || b == "" {
			return true
		}
		p := Place{Kind: Job, Vendor: "moltin", A: a, B: b}
		return View{}.At(p).Place() == p
	}
	if err := quick.Check(check, nil); err != nil {
		t.Fatal(err)
	}
}
