package page

import (
	"slices"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/client"
	"github.com/logpane/logpane/web/dom"
	"github.com/logpane/logpane/web/part"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// beat is how often the tail is told the time, and wished how often the server is
// told that somebody is there.
const (
	beat   = 500 * time.Millisecond
	wished = time.Minute
)

// live is the page's end of the tail.
type live struct {
	sock     *client.Tail // nil while there is none
	beating  bool
	selected bool      // text of the table was, when a frame came last
	acted    bool      // the reader did something since the server was told
	told     time.Time // when that was
	drawn    time.Time // when what stands around the rows was drawn
	later    bool      // it will be
	title    string
}

// tail opens a socket and feeds the model with what comes.
func (p *logs) tail(e viewer.OpenTail) {
	p.untail()
	jitter := func() float64 { return float64(p.deps.Now().UnixMicro()%1000) / 1000 }
	var sock *client.Tail
	ended := false
	sock = p.deps.Client.Tail(client.TailQuery{Src: e.Src, Q: e.Query, Since: e.Since, After: e.After}, func() {
		p.do(viewer.TailOpened{Generation: e.Generation, Now: p.deps.Now(), Jitter: jitter()})
		if dom.Hidden() {
			p.hid(true)
		}
	}, func(frames [][]byte) {
		// Who resumes with text still selected wants just that.
		was := p.live.selected
		if p.live.selected = dom.Selecting(part.IDGrid); p.live.selected && !was {
			p.do(viewer.Paused{})
		}
		for _, f := range frames {
			p.do(viewer.TailFrame{Generation: e.Generation, Now: p.deps.Now(), Data: f})
		}
		p.soon()
	}, func(code int, reason string) {
		ended = true
		if p.live.sock == sock {
			p.live.sock = nil
		}
		p.do(viewer.TailClosed{Generation: e.Generation, Now: p.deps.Now(), Code: code, Reason: reason, Jitter: jitter()})
		p.around()
	})
	if !ended {
		p.live.sock = sock
	}
	if !p.live.beating {
		p.live.beating = true
		after(p.ctx, beat, p.beat)
	}
}

// untail closes the socket.
func (p *logs) untail() {
	if p.live.sock != nil {
		p.live.sock.Close()
		p.live.sock = nil
	}
}

// beat tells the tail the time, and the server that somebody is there.
func (p *logs) beat() {
	if p.gone || !p.m.View().Live {
		p.live.beating = false
		p.titled()
		return
	}
	now := p.deps.Now()
	p.do(viewer.TailTicked{Now: now})
	if l := &p.live; l.sock != nil && l.acted && now.Sub(l.told) >= wished {
		l.acted, l.told = false, now
		l.sock.Wish(wire.TailWish{Active: true})
	}
	p.titled()
	after(p.ctx, beat, p.beat)
}

// hid tells model and server whether the page is seen.
func (p *logs) hid(on bool) {
	p.do(viewer.Hid{On: on})
	if p.live.sock != nil {
		p.live.sock.Wish(wire.TailWish{Hidden: &on})
	}
	p.titled()
}

// around has what stands around the rows drawn again, a few times a second at most.
func (p *logs) around() {
	l := &p.live
	if l.later {
		return
	}
	p.titled()
	if wait := redrawn - time.Since(l.drawn); wait > 0 {
		l.later = true
		after(p.ctx, wait, func() { l.later, l.drawn = false, time.Now() })
		return
	}
	l.drawn = time.Now()
	p.redraw()
}

// What stands around the rows takes longer to draw than they do: it follows what
// comes a few times a second, and not before the rows are drawn.
const (
	rowsFirst = 40 * time.Millisecond
	followed  = 250 * time.Millisecond
)

// soon has what stands around the rows drawn again, once those that just came are.
func (p *logs) soon() {
	if l := &p.live; !l.later {
		l.later = true
		after(p.ctx, max(rowsFirst, followed-time.Since(l.drawn)), func() {
			l.later, l.drawn = false, time.Now()
			p.titled()
		})
	}
}

// titled writes into the page's title what came while nobody looked.
func (p *logs) titled() {
	if t := p.m.TitleMark() + "logpane"; t != p.live.title {
		p.live.title = t
		dom.SetTitle(t)
	}
}

// check finds out why the server refuses a socket: it reads the same parameters for
// the calls that it would make.
func (p *logs) check(e viewer.CheckTail) {
	p.ctx.Async(func() {
		defer dom.Recover()
		_, err := p.deps.Client.Requests(p.ctx, client.Query{Src: e.Src, Q: e.Query})
		p.later(viewer.TailRefused{Generation: e.Generation, Err: err})
	})
}

// following is the switch in the bar.
func (p *logs) following() *part.Live {
	l := &part.Live{Live: p.m.Live(), Open: p.menu == part.MenuLive, Now: p.deps.Now()}
	if !l.Open {
		return l
	}
	var seen []string
	for _, src := range p.m.View().Src {
		name := vendorOf(src)
		if slices.Contains(seen, name) {
			continue
		}
		seen = append(seen, name)
		v := vendorNamed(p.vendors.Value, name)
		c := v.Capabilities
		text := part.Sentence(c.Cost)
		if c.PollS > 0 && !l.On { // else each target says how it is by now
			text = v.Title + " is asked every " + part.Length(time.Duration(c.PollS)*time.Second) + ", about " + strconv.Itoa(int(3600/c.PollS)) + " calls an hour, however many watch. " + text
		}
		if text != "" {
			l.Cost = append(l.Cost, text)
		}
	}
	return l
}

// toggleLive follows what is new, or no longer.
func (p *logs) toggleLive() {
	p.now()
	p.do(viewer.LiveChosen{On: !p.m.View().Live})
}

// quiets are the menus that do not pause what follows.
var quiets = []part.Menu{part.NoMenu, part.MenuLive, part.MenuZone, part.MenuMore, part.MenuSettings, part.MenuPalette}

func (p *logs) watch() (stop func()) {
	return dom.Watch(func(on bool) { p.later(viewer.WentOnline{On: on}) }, func(hidden bool) {
		p.ctx.Dispatch(func(app.Context) {
			defer dom.Recover()
			p.hid(hidden)
		})
	})
}
