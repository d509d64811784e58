package source

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/source/driver"
)

// A vendor that runs out of time over a page may well have the time for a smaller
// one. Where Capabilities.Smaller says so, the next call for that target asks for
// half, down to leastPage. After fullPages answers of that size it asks for double,
// until pages are whole again; each size that was too much after all doubles the
// answers that are wanted first, lest every third call fail.
const (
	leastPage = 10
	fullPages = 2
	mostFull  = 32
	// maxRooms bounds the targets of one account that are remembered.
	maxRooms = 256
)

// rooms remembers how many rows the targets of an account have time for. The zero
// value has room for all. It is safe for concurrent use.
type rooms struct {
	mu sync.Mutex
	of map[string]room // by path; none for whole pages
}

type room struct {
	rows int // of one page
	good int // pages of so many rows answered since
	want int // of which so many double rows
}

func key(path []string) string { return strings.Join(path, "/") }

// smaller returns how many rows are asked for at once where that is fewer than the
// vendor's most, else 0.
func (s *Source) smaller(path []string) int {
	s.rooms.mu.Lock()
	defer s.rooms.mu.Unlock()
	return s.rooms.of[key(path)].rows
}

// page makes one log call, for as many rows as the target has time for, and learns
// from what comes of it.
func (s *Source) page(ctx context.Context, r driver.Read) (driver.Page, error) {
	if !s.vendor.Capabilities.Smaller {
		return s.driver.Read(ctx, r)
	}
	if n := s.smaller(r.Path); n > 0 {
		r.Limit = min(r.Limit, n)
	}
	pg, err := s.driver.Read(ctx, r)
	var f *fault.Error
	switch {
	case err == nil:
		s.answered(r)
	case errors.As(err, &f) && f.Kind == fault.Timeout && ctx.Err() == nil:
		if n := s.late(r); n > 0 {
			told := *f
			told.Msg = s.vendor.Title + " timed out; asking for smaller pages, of " + strconv.Itoa(n) + " entries from now on"
			err = &told
		}
	}
	return pg, err
}

// late notes that a vendor had no time for a page. It returns the rows to ask for
// from now on, 0 where they cannot be fewer.
func (s *Source) late(r driver.Read) int {
	if r.Limit <= leastPage {
		return 0
	}
	s.rooms.mu.Lock()
	defer s.rooms.mu.Unlock()
	if s.rooms.of == nil || len(s.rooms.of) >= maxRooms {
		s.rooms.of = map[string]room{}
	}
	k := key(r.Path)
	was := s.rooms.of[k]
	now := room{rows: max(leastPage, r.Limit/2), want: fullPages}
	if was.rows > 0 {
		now.rows = min(now.rows, was.rows)
	}
	if was.want > 0 {
		now.want = min(mostFull, 2*was.want)
	}
	s.rooms.of[k] = now
	return now.rows
}

// answered notes that a page came. One for fewer rows than there is room for says
// nothing.
func (s *Source) answered(r driver.Read) {
	s.rooms.mu.Lock()
	defer s.rooms.mu.Unlock()
	if m, ok := s.rooms.of[key(r.Path)]; ok && r.Limit >= m.rows {
		if m.good++; m.good >= m.want {
			s.widened(key(r.Path), m)
			return
		}
		s.rooms.of[key(r.Path)] = m
	}
}

// widen asks for more rows at once, where a page holds too few of them to tell what
// follows. It reports false where pages are whole.
func (s *Source) widen(path []string) bool {
	s.rooms.mu.Lock()
	defer s.rooms.mu.Unlock()
	m, ok := s.rooms.of[key(path)]
	if ok {
		s.widened(key(path), m)
	}
	return ok
}

func (s *Source) widened(k string, m room) {
	if m.rows, m.good = 2*m.rows, 0; m.rows >= s.vendor.Capabilities.MaxLimit {
		delete(s.rooms.of, k)
		return
	}
	s.rooms.of[k] = m
}
