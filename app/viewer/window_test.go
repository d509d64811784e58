package viewer

import (
	"math"
	"testing"

	"github.com/logpane/logpane/app/view"
)

func TestWindow_CoversTheViewportAndStaysInTheBody(t *testing.T) {
	for _, rows := range []int{0, 1, 7, 100, 99_999, 535_714, 535_715, 1_000_000, 5_000_000} {
		for _, height := range []float64{1, 300, 1000} {
			l := layout{rows: rows, height: height, row: 28}
			end := math.Max(0, l.body()-height)
			prev := -1
			for _, part := range []float64{0, 0.0001, 0.25, 0.5, 0.9, 1} {
				l.top = end * part
				w := l.window()
				if w.Height > MaxBody || w.First < 0 || w.Last > rows || w.First > w.Last || w.First < prev {
					t.Fatalf("%d rows at %v: %+v", rows, l.top, w)
				}
				prev = w.First
				if rows == 0 {
					continue
				}
				// What is drawn covers the viewport from its top to its bottom, or to the last row.
				bottom := w.Offset + float64(w.Last-w.First)*l.row
				if w.First > 0 && w.Offset > l.top || w.First == 0 && part == 0 && w.Offset != 0 || w.Last < rows && bottom < l.top+height {
					t.Fatalf("%d rows at %v, height %v: %+v leaves a hole", rows, l.top, height, w)
				}
				if part == 1 && (w.Last != rows || math.Abs(bottom-l.body()) > 0.01) {
					t.Fatalf("%d rows at the end: %+v ends at %v of %v", rows, w, bottom, l.body())
				}
				if len := w.Last - w.First; len > int(height/28)+2+2*overscan {
					t.Fatalf("%d rows are drawn for %v px", len, height)
				}
			}
		}
	}
}

func TestWindow_BelowTheBodyRowsStay(t *testing.T) {
	l := layout{rows: 100, height: 200, row: 20, top: 1900} // the foot is scrolled into view
	if w := l.window(); w.Last != 100 || w.Offset+float64(w.Last-w.First)*20 != 2000 {
		t.Fatalf("%+v", w)
	}
}

func TestReveal_BringsEveryRowIntoView(t *testing.T) {
	for _, rows := range []int{1, 30, 1_000_000} {
		l := layout{rows: rows, height: 300, row: 28}
		for _, row := range []int{0, rows / 3, rows - 1, rows / 2, rows/2 + 1, 0} {
			if top, ok := l.reveal(row); ok {
				l.top = top
			}
			at := l.at()
			if begin := float64(row) * 28; begin < at-0.01 || begin+28 > at+300.01 {
				t.Fatalf("row %d of %d is not in view at %v", row, rows, at)
			}
			if top, ok := l.reveal(row); ok && math.Abs(top-l.top) > 0.01 {
				t.Fatalf("row %d of %d is revealed twice", row, rows)
			}
		}
	}
}

func TestWindow_BeforeTheSizesAreKnown(t *testing.T) {
	l := layout{rows: 10}
	if w := l.window(); w.First != w.Last || l.nearEnd() {
		t.Fatalf("%+v", w)
	}
	if _, ok := l.reveal(3); ok {
		t.Fatal("revealed without sizes")
	}
}

func TestWindow_AfterALeapOnlyWhatIsSeenAndThenTheRest(t *testing.T) {
	m := loaded(t, view.View{Src: []string{"algolia/eu/APP"}}, 1000)
	m.work()
	m.Update(Scrolled{Top: 0, Height: 280, RowHeight: 28})
	if m.Leapt() {
		t.Fatal("the first place is no leap")
	}
	m.Update(Scrolled{Top: 14_000, Height: 280, RowHeight: 28})
	if w := m.Window(); !m.Leapt() || w.First != 500 || w.Last != 510 {
		t.Fatalf("after a leap: %+v, %t", w, m.Leapt())
	}
	m.Update(Scrolled{Top: 14_000, Height: 280, RowHeight: 28})
	if w := m.Window(); m.Leapt() || w.First != 500-overscan || w.Last != 510+overscan {
		t.Fatalf("at rest: %+v, %t", w, m.Leapt())
	}
	m.Update(Scrolled{Top: 14_200, Height: 280, RowHeight: 28})
	if w := m.Window(); m.Leapt() || w.Last-w.First < 10+overscan {
		t.Fatalf("a small step: %+v, %t", w, m.Leapt())
	}
}

func TestWindow_OfATypedFilterFirstWhatIsSeen(t *testing.T) {
	m := loaded(t, view.View{Src: []string{"algolia/eu/APP"}}, 1000)
	m.work()
	at := Scrolled{Top: 0, Height: 280, RowHeight: 28}
	m.Update(at)
	m.Update(QueryEdited{Query: "status:200"})
	if !m.Filled() {
		t.Fatal("the first screen of 1,000 entries takes more than a slice")
	}
	m.Update(at)
	if w := m.Window(); !m.Leapt() || w.First != 0 || w.Last != 10 {
		t.Fatalf("at first: %+v, %t", w, m.Leapt())
	}
	m.Update(at)
	if w := m.Window(); m.Leapt() || w.Last != 10+overscan {
		t.Fatalf("then: %+v, %t", w, m.Leapt())
	}
}

// Rows that do not fill the screen yet are no reason to draw.
func TestWindow_IsFilledOnceItsRowsAreKnown(t *testing.T) {
	m := loaded(t, view.View{Src: []string{"algolia/eu/APP"}}, 30_000)
	m.work()
	m.Update(Scrolled{Top: 0, Height: 280, RowHeight: 28})
	if !m.Filled() {
		t.Fatal("all rows are known without a filter")
	}
	m.Update(QueryEdited{Query: `"entry" status:200 -/[a-z]/`}) // slow, and keeps nothing
	worked := 0
	for ; m.Pending(); worked++ {
		if m.Filled() {
			t.Fatal("filled while rows may come")
		}
		m.Update(Scrolled{Top: 0, Height: 280, RowHeight: 28})
		if m.Leapt() {
			t.Fatal("what is not filled is no other table yet")
		}
		m.Work(func() bool { return false })
	}
	if worked == 0 || !m.Filled() {
		t.Fatalf("filled %t after %d slices", m.Filled(), worked)
	}
}
