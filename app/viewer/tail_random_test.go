package viewer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

// world is vendors and server for a model that follows them.
type world struct {
	story
	r         *rand.Rand
	published []logs.Entry // in the order in which they could be seen
	load      *LoadPage    // under way
	at        []logs.Entry // what it reads: all that was there when it began
	socket    *OpenTail    // open
	place     int          // in published, up to which its frames went
	n         int
}

// run carries out what the model orders.
func (w *world) run(effects []Effect) {
	for _, e := range effects {
		switch e := e.(type) {
		case LoadPage:
			w.load = &e
			if e.Cursor == "" {
				w.at = slices.Clone(w.published)
				slices.SortStableFunc(w.at, func(a, b logs.Entry) int { return b.Time.Compare(a.Time) })
			}
		case CancelLoad:
			w.load = nil
		case CloseTail:
			w.socket = nil
		case OpenTail:
			w.socket = &e
			if w.place = 0; e.After != "" {
				w.place, _ = strconv.Atoi(e.After)
				break
			}
			since, err := time.Parse(time.RFC3339Nano, e.Since)
			if err != nil {
				w.Fatal(err)
			}
			for w.place < len(w.published) && w.published[w.place].Time.Before(since) {
				w.place++
			}
		}
	}
}

func (w *world) do(msg Msg) { w.run(w.tell(msg)) }

// publish lets n entries happen.
func (w *world) publish(n int) {
	for range n {
		src := []string{algolia, coveo}[w.r.IntN(2)]
		e := entry(src, fmt.Sprint("e", w.n), -time.Duration(w.n/3)*time.Second) // three have one time
		if w.n++; w.r.IntN(4) == 0 {
			e.Level = logs.LevelError
		}
		w.published = append(w.published, e)
	}
}

// answer answers the page under way.
func (w *world) answer() {
	if w.load == nil {
		return
	}
	l := *w.load
	w.load = nil
	q, err := w.opts.Parse(l.Query)
	if err != nil {
		w.Fatal(err)
	}
	from, _ := strconv.Atoi(l.Cursor)
	var p wire.Page
	for ; from < len(w.at) && len(p.Entries) < min(l.Limit, 40); from++ {
		if q.Match(&w.at[from]) {
			p.Entries = append(p.Entries, w.at[from])
		}
	}
	if from < len(w.at) {
		p.Cursor = strconv.Itoa(from)
	}
	w.do(PageLoaded{l.Generation, body(w, p)})
}

// flow sends some of what is new on the open socket.
func (w *world) flow(most int) {
	if w.socket == nil {
		return
	}
	g := w.socket.Generation
	if w.place >= len(w.published) {
		w.do(TailFrame{g, w.now, said(w, wire.TailFrame{Type: wire.TailStatus, Src: algolia, State: wire.TailLive})})
		return
	}
	src := w.published[w.place].Src
	q, err := w.opts.Parse(w.socket.Query)
	if err != nil {
		w.Fatal(err)
	}
	var list []logs.Entry
	for ; w.place < len(w.published) && most > 0 && w.published[w.place].Src == src; w.place, most = w.place+1, most-1 {
		if e := &w.published[w.place]; q.Match(e) {
			list = append(list, *e)
		}
	}
	seq := strconv.Itoa(w.place)
	if len(list) == 0 {
		w.do(TailFrame{g, w.now, said(w, wire.TailFrame{Type: wire.TailStatus, Seq: seq, Src: src, State: wire.TailLive})})
		return
	}
	w.do(TailFrame{g, w.now, frame(w, src, seq, list...)})
}

// where returns which entry is at the upper edge of the table, and how far above it.
func (w *world) where() (string, float64) {
	l := w.layout()
	if l.rows == 0 {
		return "", 0
	}
	row := int(l.at() / l.row)
	e := w.table.At(min(row, l.rows-1))
	return w.store.ID(e), l.at() - float64(row)*l.row
}

// Whatever happens in whatever order: in the end every entry is there once, in its
// order, and rows that were in view while the table did not follow stayed there.
func TestRandom_TailLosesNothingAndMovesNobody(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 11))
		v := viewOf(algolia, coveo)
		v.Live, v.From = true, "now-1h"
		s := story{t, New()}
		w := &world{story: s, r: r}
		w.publish(120)
		w.do(Scrolled{0, 400, 20})
		w.do(Opened{View: v, Now: now.Add(41 * time.Second), Zone: time.UTC})
		gaps := 0
		for range 250 {
			w.publish(r.IntN(3))
			switch r.IntN(20) {
			case 0:
				w.do(PauseToggled{})
			case 1:
				w.do(Scrolled{float64(r.IntN(1 + 20*w.Len())), 400, 20})
			case 2:
				w.do([]Msg{RowOpened{r.IntN(w.Len() + 1)}, DetailsClosed{}, Stepped{1}, WentNewest{}, FindEdited{"e1"}}[r.IntN(5)])
			case 3:
				w.do([]Msg{LiveResumed{}, NewShown{}, NewShown{}}[r.IntN(3)])
			case 4:
				w.do(QueryEdited{[]string{"", "level:error", "id:e1*"}[r.IntN(3)]})
			case 5:
				if r.IntN(4) == 0 {
					w.do(QuerySubmitted{[]string{"", "level:error", "-id:e7"}[r.IntN(3)]})
				}
			case 6:
				if w.socket != nil && r.IntN(2) == 0 {
					g := w.socket.Generation
					w.socket = nil
					w.do(TailClosed{g, w.now, 1006, "", r.Float64()})
				}
			case 7:
				if r.IntN(5) == 0 {
					w.do(LiveChosen{!w.view.Live})
				}
			case 8:
				if w.socket != nil {
					gaps++
					w.do(TailFrame{w.socket.Generation, w.now, said(t, wire.TailFrame{Type: wire.TailGap, Src: algolia, From: now.Add(-time.Duration(gaps) * time.Second), To: now, Reason: "x"})})
				}
			case 9, 10:
				w.do(TailTicked{w.now.Add(500 * time.Millisecond)})
			case 11, 12, 13:
				w.answer()
			case 14:
				if r.IntN(6) == 0 {
					w.do(Reloaded{})
				}
			default:
				paused := w.Live().Paused && w.pin == nil && !w.tail.pouring && !w.table.Pending()
				id, above := w.where()
				w.flow(1 + r.IntN(30))
				if id2, above2 := w.where(); paused && (id != id2 || above != above2) {
					t.Fatalf("seed %d: %s %v was in view, and now %s %v", seed, id, above, id2, above2)
				}
			}
			for w.Pending() && r.IntN(3) > 0 {
				w.run(w.Work(func() bool { return r.IntN(2) > 0 }))
				w.check()
			}
		}
		// It comes to rest: everything is read, connected and shown.
		last := []string{"", "level:error", "-id:e7"}[seed%3]
		w.do(QuerySubmitted{last})
		w.answer()
		if !w.view.Live {
			w.do(LiveChosen{true})
		}
		w.do(LiveResumed{})
		for range 400 {
			w.do(AllAsked{})
			w.answer()
			w.do(TailTicked{w.now.Add(500 * time.Millisecond)})
			w.flow(1000)
			w.work()
		}
		rows := map[string]int{}
		for i := range w.Len() {
			var row Row
			if w.Row(i, &row); !row.Gap {
				rows[row.ID]++
			}
		}
		q, err := w.opts.Parse(last)
		if err != nil {
			t.Fatal(err)
		}
		wanted := 0
		for i := range w.published {
			if e := &w.published[i]; q.Match(e) {
				if wanted++; rows[e.ID] != 1 {
					t.Fatalf("seed %d: %s is there %d times", seed, e.ID, rows[e.ID])
				}
			}
		}
		if len(rows) != wanted || w.loaded() != wanted {
			t.Fatalf("seed %d: %d rows, %d entries loaded, %d sent", seed, len(rows), w.loaded(), wanted)
		}
	}
}
