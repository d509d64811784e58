package store

import "slices"

// before orders entries as the table shows them by time: newest first, entries
// without a time last. Equal times stand as they arrived; what AppendNewer added
// stands above what was there before.
func (s *Store) before(a, b uint32) int {
	switch ta, tb := s.times[a], s.times[b]; {
	case ta > tb:
		return -1
	case ta < tb:
		return 1
	case a == b:
		return 0
	case a > b:
		return -s.before(b, a)
	}
	if s.flags[b]&wentAbove != 0 {
		// The batch that b came with begins at the last mark up to it.
		i, found := slices.BinarySearch(s.above, b)
		if found || a < s.above[i-1] {
			return 1
		}
	}
	return -1
}

// merge puts new entries into a list that before orders, in place. The entries
// must have arrived after all of the list.
func (s *Store) merge(batch []uint32) {
	mergeSort(batch, s.before)
	if n := len(s.order); s.lent && n > 0 && len(batch) > 0 && s.before(s.order[n-1], batch[0]) > 0 {
		s.order, s.lent = append(make([]uint32, 0, n+len(batch)), s.order...), false
	}
	s.order = mergeInto(s.order, batch, s.before)
}

// mergeInto merges two ordered lists into the first, which may be far longer: each
// of the second finds its place by halving.
func mergeInto(list, batch []uint32, cmp func(a, b uint32) int) []uint32 {
	old := len(list)
	list = append(list, batch...)
	if old == 0 || len(batch) == 0 || cmp(list[old-1], batch[0]) < 0 {
		return list
	}
	at := old
	for j := len(batch) - 1; j >= 0; j-- {
		pos, _ := slices.BinarySearchFunc(list[:at], batch[j], cmp)
		copy(list[pos+j+1:], list[pos:at])
		list[pos+j] = batch[j]
		at = pos
	}
	return list
}

// mergeSort is slices.SortFunc in a tenth of its code, which every visitor loads for
// each type. It compares the less the more of a list is in order already.
func mergeSort[T any](list []T, cmp func(a, b T) int) {
	mergeSortBy(list, make([]T, len(list)/2), cmp)
}

// mergeSortBy sorts with room for half of the list.
func mergeSortBy[T any](list, spare []T, cmp func(a, b T) int) {
	if len(list) <= 8 {
		for i := 1; i < len(list); i++ {
			x, j := list[i], i
			for ; j > 0 && cmp(list[j-1], x) > 0; j-- {
				list[j] = list[j-1]
			}
			list[j] = x
		}
		return
	}
	half := len(list) / 2
	mergeSortBy(list[:half], spare, cmp)
	mergeSortBy(list[half:], spare, cmp)
	if cmp(list[half-1], list[half]) <= 0 {
		return
	}
	left, right := spare[:copy(spare, list[:half])], list[half:]
	i, j := 0, 0
	for i < len(left) && j < len(right) {
		if cmp(left[i], right[j]) <= 0 {
			list[i+j] = left[i]
			i++
		} else {
			list[i+j] = right[j]
			j++
		}
	}
	copy(list[i+j:], left[i:])
}
