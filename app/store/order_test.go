package store

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMergeSort_OrdersAsSlicesSort(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for n := range 400 {
		list := make([]uint32, n)
		for i := range list {
			list[i] = uint32(i)
			if n%3 == 1 {
				list[i] = uint32(n - i)
			}
		}
		if n%3 == 2 {
			r.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		want := slices.Sorted(slices.Values(list))
		mergeSort(list, cmp.Compare[uint32])
		if !slices.Equal(list, want) {
			t.Fatalf("%d: %v", n, list)
		}
	}
}

func TestMergeSort_AsksOnceForEachOfAnOrderedList(t *testing.T) {
	list, asked := make([]uint32, 10_000), 0
	for i := range list {
		list[i] = uint32(i)
	}
	mergeSort(list, func(a, b uint32) int { asked++; return cmp.Compare(a, b) })
	if asked >= len(list) {
		t.Errorf("%d comparisons", asked)
	}
}

// BenchmarkMergeSort sorts as much as a batch of a filter and a run of a sort hold.
func BenchmarkMergeSort(b *testing.B) {
	for _, of := range []struct {
		name string
		sort func([]uint32, func(a, b uint32) int)
	}{{"merging", mergeSort[uint32]}, {"slices", slices.SortFunc[[]uint32]}} {
		b.Run(of.name, func(b *testing.B) {
			from, list := make([]uint32, 256), make([]uint32, 256)
			r := rand.New(rand.NewPCG(7, 7))
			s := New()
			for i := range from {
				from[i] = uint32(i)
				s.times = append(s.times, r.Int64())
			}
			for b.Loop() {
				copy(list, from)
				of.sort(list, s.before)
			}
		})
	}
}
