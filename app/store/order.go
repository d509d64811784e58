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
	slices.SortFunc(batch, s.before)
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
