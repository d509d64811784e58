//go:build e2e

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/profiler"
	"github.com/chromedp/chromedp"
)

// profile notes where the page's time goes until stop is called, when the
// environment names a folder in PROFILE: stop prints the functions that took most by
// themselves, and leaves a file there that the browser's developer tools open.
// The program's functions have names where it was linked without -s. Times of a
// benchmark that is profiled are not to be compared with others.
func (t *benchTab) profile(b *testing.B) (stop func()) {
	b.Helper()
	dir := os.Getenv("PROFILE")
	if dir == "" {
		return func() {}
	}
	t.run(profiler.Enable(), profiler.SetSamplingInterval(500), profiler.Start())
	return func() {
		b.Helper()
		var p *profiler.Profile
		t.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
			p, err = profiler.Stop().Do(ctx)
			return err
		}))
		text, err := json.Marshal(p)
		if err != nil {
			b.Fatal(err)
		}
		path := filepath.Join(dir, strings.ReplaceAll(b.Name(), "/", "_")+".cpuprofile")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			b.Fatal(err)
		}
		b.Logf("%s\n%s", path, hottest(p, 25))
	}
}

// hottest lists the functions that took most of a profile by themselves, in
// milliseconds, each with the share of its time per caller.
func hottest(p *profiler.Profile, most int) string {
	names, parents := map[int64]string{}, map[int64]int64{}
	for _, n := range p.Nodes {
		names[n.ID] = n.CallFrame.FunctionName
		if names[n.ID] == "" {
			names[n.ID] = fmt.Sprintf("%s:%d", n.CallFrame.URL[strings.LastIndex(n.CallFrame.URL, "/")+1:], n.CallFrame.LineNumber)
		}
		for _, child := range n.Children {
			parents[child] = n.ID
		}
	}
	self, all, by := map[string]int64{}, map[string]int64{}, map[string]map[string]int64{}
	for i, id := range p.Samples {
		took, name := p.TimeDeltas[i], names[id]
		self[name] += took
		if by[name] == nil {
			by[name] = map[string]int64{}
		}
		by[name][names[parents[id]]] += took
		once := map[string]bool{}
		for at := id; at != 0; at = parents[at] {
			if !once[names[at]] {
				once[names[at]] = true
				all[names[at]] += took
			}
		}
	}
	top := func(m map[string]int64, n int) []string {
		keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Compare(m[b], m[a]) })
		return keys[:min(len(keys), n)]
	}
	var out strings.Builder
	for _, name := range top(self, most) {
		fmt.Fprintf(&out, "%8.0f ms self %8.0f ms all  %s  <-", float64(self[name])/1000, float64(all[name])/1000, name)
		for _, caller := range top(by[name], 2) {
			fmt.Fprintf(&out, " %s %.0f%%", caller, 100*float64(by[name][caller])/float64(max(self[name], 1)))
		}
		out.WriteByte('\n')
	}
	out.WriteString("with all that they call:\n")
	for _, name := range top(all, 2*most) {
		fmt.Fprintf(&out, "%8.0f ms  %s\n", float64(all[name])/1000, name)
	}
	return out.String()
}
