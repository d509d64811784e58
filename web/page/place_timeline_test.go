package page

import (
	"fmt"
	"strings"
	"testing"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
)

// twoShops is a fake with two accounts that have an index of one name, in two pages.
func twoShops(f *client.Fake) {
	algoliaConn(f)
	f.Conns = append(f.Conns, wire.Connection{ID: "a2", Vendor: "algolia", Region: "eu", Account: "OTHER", Address: "algolia/eu/OTHER"})
	src := []string{"algolia/eu/APP/indexes/products", "algolia/eu/OTHER/indexes/products"}
	for n, cursor := range []string{"", "1"} {
		var page wire.Page
		for i := range 10 {
			page.Entries = append(page.Entries, alogs.Entry{ID: fmt.Sprintf("%d-%d", n, i), Src: src[i%2], Time: noon.Add(-time.Duration(10*n+i) * time.Minute), Summary: "call"})
		}
		for _, s := range src {
			page.Coverage = append(page.Coverage, alogs.Coverage{Src: s, State: alogs.Complete})
		}
		if n == 0 {
			page.Cursor = "1"
			page.Coverage[0].State, page.Coverage[1].State = alogs.More, alogs.More
		}
		f.Pages[cursor] = page
	}
}

const twoProducts = "src=algolia/eu/APP/indexes/products,algolia/eu/OTHER/indexes/products"

func TestTimeline_TargetsOfOneNameAreToldApart(t *testing.T) {
	s, _ := openLogs(t, "/timeline?"+twoProducts, twoShops)
	html := s.settle()
	for _, want := range []string{`title="Algolia, account APP (eu)"`, "A1 products", `title="Algolia, account OTHER (eu)"`, "A2 products"} {
		if !strings.Contains(html, want) {
			t.Errorf("%s is missing in %s", want, html)
		}
	}
	s, _ = openLogs(t, "/compare?"+twoProducts+"&pick=algolia/eu/APP/indexes/products,0-0&pick=algolia/eu/OTHER/indexes/products,0-1", twoShops)
	html = s.settle()
	for _, want := range []string{`title="Algolia, account APP (eu)"`, "A1 products", "A2 products"} {
		if !strings.Contains(html, want) {
			t.Errorf("compared: %s is missing in %s", want, html)
		}
	}
}

func TestTimeline_SaysWhatItHasNotLookedAtYet(t *testing.T) {
	s, p := openLogs(t, "/timeline?"+twoProducts, twoShops)
	if html := s.settle(); !strings.Contains(html, "10 entries of 2 targets<") || strings.Contains(html, "more to look at") {
		t.Fatalf("the first page: %s", html)
	}
	walk := p.scanned
	p.scanned = nil // as while a walk is under way
	p.on(nil, viewer.MoreAsked{})
	if html := s.settle(); !strings.Contains(html, "10 entries of 2 targets, 10 more to look at") || !strings.Contains(html, "Looking for what belongs together") {
		t.Errorf("behind: %s", html)
	}
	p.scanned = walk
	p.scanOn()
	if html := s.settle(); !strings.Contains(html, "20 entries of 2 targets<") || strings.Contains(html, "more to look at") {
		t.Errorf("looked at: %s", html)
	}
}
