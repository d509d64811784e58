package diff

// Bounds of the search. A box that needs more than maxCost edits is cut where the
// search has come furthest; maxSteps bounds all the boxes of one comparison, which
// is some hundredths of a second on a server and a few tenths in a browser.
const (
	maxCost  = 512
	maxSteps = 3_000_000
)

// match marks what a and b have in common in one order: the tokens marked in a
// are those marked in b. Numbers are below kinds.
//
// What is on one side only cannot be common, so it is left out before the search,
// which costs the product of length and difference.
func match(a, b []int32, kinds int) (keepA, keepB []bool) {
	s := search{steps: maxSteps, keepA: make([]bool, len(a)), keepB: make([]bool, len(b))}
	s.a, s.atA = within(a, b, kinds)
	s.b, s.atB = within(b, a, kinds)
	s.off = len(s.b) + 1
	diagonals := len(s.a) + len(s.b) + 3
	s.fwd, s.bwd = make([]int32, diagonals), make([]int32, diagonals)
	s.box(0, len(s.a), 0, len(s.b))
	return s.keepA, s.keepB
}

// within returns the tokens of seq that other has as well, and where they stand.
func within(seq, other []int32, kinds int) (kept, at []int32) {
	has := make([]bool, kinds)
	for _, id := range other {
		has[id] = true
	}
	for i, id := range seq {
		if has[id] {
			kept, at = append(kept, id), append(at, int32(i))
		}
	}
	return kept, at
}

// search is Myers' comparison in linear space: "An O(ND) Difference Algorithm and
// Its Variations" (1986), with the cost limit that GNU diff puts on it.
type search struct {
	a, b         []int32
	atA, atB     []int32 // where a token stood before some were left out
	keepA, keepB []bool
	fwd, bwd     []int32 // furthest x of each diagonal x-y, from either end
	off          int     // added to a diagonal to index fwd and bwd
	steps        int     // left to spend
}

// box compares a[x0:x1] with b[y0:y1].
func (s *search) box(x0, x1, y0, y1 int) {
	for {
		for x0 < x1 && y0 < y1 && s.a[x0] == s.b[y0] {
			s.keep(x0, y0)
			x0, y0 = x0+1, y0+1
		}
		for x0 < x1 && y0 < y1 && s.a[x1-1] == s.b[y1-1] {
			x1, y1 = x1-1, y1-1
			s.keep(x1, y1)
		}
		if x0 == x1 || y0 == y1 || s.steps <= 0 {
			return
		}
		x, y := s.split(x0, x1, y0, y1)
		s.box(x0, x, y0, y)
		x0, y0 = x, y
	}
}

func (s *search) keep(x, y int) { s.keepA[s.atA[x]], s.keepB[s.atB[y]] = true, true }

// split returns a point on a shortest path through the box, or on the path that
// came furthest when that costs too much. It is never a corner that would leave
// the whole box as it is.
func (s *search) split(x0, x1, y0, y1 int) (int, int) {
	const none = 1 << 30
	fwd := func(d int) *int32 { return &s.fwd[d+s.off] }
	bwd := func(d int) *int32 { return &s.bwd[d+s.off] }
	dmin, dmax := x0-y1, x1-y0
	fmid, bmid := x0-y0, x1-y1
	fmin, fmax, bmin, bmax := fmid, fmid, bmid, bmid
	odd := (fmid-bmid)&1 != 0
	*fwd(fmid), *bwd(bmid) = int32(x0), int32(x1)
	for cost := 1; ; cost++ {
		if fmin > dmin {
			fmin--
			*fwd(fmin - 1) = -1
		} else {
			fmin++
		}
		if fmax < dmax {
			fmax++
			*fwd(fmax + 1) = -1
		} else {
			fmax--
		}
		for d := fmax; d >= fmin; d -= 2 {
			lo, hi := int(*fwd(d - 1)), int(*fwd(d + 1))
			x := hi
			if lo >= hi {
				x = lo + 1
			}
			from, y := x, x-d
			for x < x1 && y < y1 && s.a[x] == s.b[y] {
				x, y = x+1, y+1
			}
			s.steps -= 1 + x - from
			*fwd(d) = int32(x)
			if odd && bmin <= d && d <= bmax && int(*bwd(d)) <= x {
				return x, y
			}
		}
		if bmin > dmin {
			bmin--
			*bwd(bmin - 1) = none
		} else {
			bmin++
		}
		if bmax < dmax {
			bmax++
			*bwd(bmax + 1) = none
		} else {
			bmax--
		}
		for d := bmax; d >= bmin; d -= 2 {
			lo, hi := int(*bwd(d - 1)), int(*bwd(d + 1))
			x := lo
			if lo >= hi {
				x = hi - 1
			}
			from, y := x, x-d
			for x > x0 && y > y0 && s.a[x-1] == s.b[y-1] {
				x, y = x-1, y-1
			}
			s.steps -= 1 + from - x
			*bwd(d) = int32(x)
			if !odd && fmin <= d && d <= fmax && x <= int(*fwd(d)) {
				return x, y
			}
		}
		if cost < maxCost && s.steps > 0 {
			continue
		}
		bestF, fx := -1, 0
		for d := fmax; d >= fmin; d -= 2 {
			x := min(int(*fwd(d)), x1)
			y := x - d
			if y > y1 {
				x, y = y1+d, y1
			}
			if x+y > bestF {
				bestF, fx = x+y, x
			}
		}
		bestB, bx := none, 0
		for d := bmax; d >= bmin; d -= 2 {
			x := max(int(*bwd(d)), x0)
			y := x - d
			if y < y0 {
				x, y = y0+d, y0
			}
			if x+y < bestB {
				bestB, bx = x+y, x
			}
		}
		if x1+y1-bestB < bestF-(x0+y0) {
			return fx, bestF - fx
		}
		return bx, bestB - bx
	}
}
