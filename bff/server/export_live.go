package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/tail"
)

// live=1 goes on where an export ends: it is one more reader of what sockets read, so
// that a vendor is polled once for all of them. Without from it begins now. With from,
// what is older comes first: the stream is joined, then the past is searched, and what
// both have is written once, so that there is neither a hole nor a double.

const (
	// beat is how often it is looked whether the asker may still read.
	beat = time.Second
	// overlap is how much of the past the stream is asked for as well: an entry that
	// the vendor shows a little late is then in one of the two.
	overlap = 5 * time.Minute
	// Bounds of the past, which a vendor gives newest first and a follower wants oldest
	// first: it has to be held.
	pastEntries = 10_000
	pastBytes   = 32 << 20 // of the vendors' JSON
)

// follow writes entries as they come, oldest first, until the reader has enough.
func (s *Server) follow(o *stream, r *http.Request, want wanted, run *running) (err error) {
	now := s.o.Now()
	req := tail.Request{Session: want.who.Handle(), Query: want.Query, Since: now}
	if req.Targets, err = s.followed(want.Asks, want.Query); err != nil {
		return err
	}
	switch from := want.Span.From; {
	case from.After(now):
		req.Since, want.back = from, false
	case want.back:
		req.Since = now.Add(-overlap)
		if from.After(req.Since) {
			req.Since = from
		}
	}
	f := &following{stream: o, s: s, most: want.most, troubled: map[string]string{}, seen: map[string]struct{}{}}
	sum := export.Summary{Order: "oldest first"}
	defer func() { err = s.ended(o, r, run, &sum, err, recover()) }()
	looked := time.Now()
	for frame, err := range s.o.Tails.Follow(run.ctx, req, beat) {
		if err != nil {
			return err
		}
		if !o.begun {
			if o.begin(now) != nil || o.push() != nil {
				return errGone
			}
			if want.back {
				if err := f.past(r, want, run); err != nil {
					return err
				}
			}
		}
		if err := f.take(frame); err != nil {
			return err
		}
		if f.most > 0 && o.Entries() >= f.most {
			sum.Reason = limitReason("first", f.most)
			return nil
		}
		if time.Since(looked) >= beat {
			if err := run.pause(s, r, 0); err != nil {
				return err
			}
			looked = time.Now()
		}
	}
	return nil
}

// following is what live=1 remembers.
type following struct {
	*stream
	s        *Server
	most     int
	troubled map[string]string   // what was told last of targets that fail, by address
	seen     map[string]struct{} // keys of the entries of the past
}

// take writes what one frame tells.
func (f *following) take(frame wire.TailFrame) error {
	wrote := true
	var err error
	switch frame.Type {
	case wire.TailEntries:
		fresh := slices.DeleteFunc(frame.Entries, func(e logs.Entry) bool { _, twice := f.seen[e.Key()]; return twice })
		err = f.write(fresh)
	case wire.TailGap:
		err = f.gap(frame.Src, frame.From, frame.To, frame.Reason, frame.Filled)
	case wire.TailStatus:
		wrote, err = f.status(frame)
	default:
		if wrote = time.Since(f.last) >= quietFor; wrote {
			err = f.line(map[string]string{"ping": f.at(f.s.o.Now())})
		}
	}
	if err == nil && wrote {
		err = f.push()
	}
	if err != nil {
		return errGone
	}
	return nil
}

// write writes entries that are given oldest first, as many as are wanted.
func (f *following) write(entries []logs.Entry) error {
	if f.most > 0 {
		entries = entries[:min(len(entries), f.most-f.Entries())]
	}
	for i := range entries {
		if err := f.Entry(&entries[i]); err != nil {
			return err
		}
	}
	f.s.exports.wrote(export.NDJSON, len(entries))
	return nil
}

// status writes that a target fails, and that it does so no more.
func (f *following) status(frame wire.TailFrame) (wrote bool, err error) {
	was, told := f.troubled[frame.Src]
	switch frame.State {
	case wire.TailFailing, wire.TailStopped:
		is := frame.State + " " + frame.Reason
		if told && was == is {
			return false, nil
		}
		f.troubled[frame.Src] = is
	case wire.TailLive:
		if !told {
			return false, nil
		}
		delete(f.troubled, frame.Src)
	default:
		return false, nil
	}
	return true, f.line(map[string]any{"status": struct {
		Src    string `json:"src"`
		State  string `json:"state"`
		Reason string `json:"reason,omitempty"`
		Next   string `json:"next_poll,omitempty"`
	}{frame.Src, frame.State, frame.Reason, f.at(frame.NextPoll)}})
}

// gap writes that entries are missing, or came late.
func (f *following) gap(src string, from, to time.Time, reason string, filled bool) error {
	return f.line(map[string]any{"gap": struct {
		Src    string `json:"src"`
		From   string `json:"from,omitempty"`
		To     string `json:"to,omitempty"`
		Reason string `json:"reason"`
		Filled bool   `json:"filled,omitempty"`
	}{src, f.at(from), f.at(to), reason, filled}})
}

func (f *following) line(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return f.Line(b)
}

// at writes a time in the zone that was asked for, "" for none.
func (f *following) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(f.want.Zone).Format(time.RFC3339Nano)
}

// past writes what is older than the stream, oldest first, after a gap for what of it
// is missing.
func (f *following) past(r *http.Request, want wanted, run *running) error {
	var entries []logs.Entry
	var coverage []logs.Coverage
	size, all, searched := 0, true, false
	rows := func() int { return min(wire.MaxLimit, pastEntries-len(entries)) }
	for page, err := range f.s.pages(r, want.Request, run, rows) {
		if err != nil && !searched && run.ctx.Err() == nil {
			for _, a := range want.Asks {
				coverage = append(coverage, logs.Coverage{Src: a.Target.String(), From: want.Span.From, To: f.s.o.Now(), State: logs.Failed, Reason: fault.Of(err).Msg})
			}
			break
		}
		if err != nil {
			return err
		}
		searched = true
		for _, e := range page.Entries {
			size += len(e.Raw)
			e.Raw = bytes.Clone(e.Raw) // it may hold the whole answer of a call
			entries = append(entries, e)
		}
		coverage = page.Coverage
		if page.Cursor != "" && (len(entries) >= pastEntries || size >= pastBytes) {
			all = false
			break
		}
		if err := f.take(wire.TailFrame{}); err != nil {
			return err
		}
	}
	slices.Reverse(entries)
	var err error
	for _, c := range coverage {
		switch {
		case c.State == logs.Complete || c.State == logs.Expired && want.Span.From.IsZero():
			continue
		case c.State == logs.More && !all:
			c.Reason = "only the newest " + strconv.Itoa(len(entries)) + " entries are written before following begins; for all of them leave live=1 out"
		}
		err = errors.Join(err, f.gap(c.Src, c.From, c.To, c.Reason, false))
	}
	for i := range entries {
		f.seen[entries[i].Key()] = struct{}{}
	}
	if errors.Join(err, f.write(entries), f.push()) != nil {
		return errGone
	}
	return nil
}
