package session

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// OnChange calls f with the handle of every session, of whichever replica, that
// ended (logout, absolute or idle expiry) or lost something: a connection was
// forgotten or replaced; and of every access token that was revoked or expired.
// Pure additions are not told. f may hear of a handle more
// than once, and of handles it does not know; it must return at once, and is never
// called in parallel. After a change [Manager.Load] tells what is left.
//
// An expiry is told within a second or two of its time, the rest in milliseconds;
// while a cluster elects a leader, when that is done. stop ends the calls.
func (m *Manager) OnChange(f func(handle string)) (stop func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := m.nextID
	m.nextID++
	m.listeners[id] = f
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.listeners, id)
	}
}

// watch follows the marks of last use, and the access tokens, from now on, headers
// alone.
func (m *Manager) watch(ctx context.Context) error {
	for _, stream := range []jetstream.Stream{m.store.seens, m.store.tokens} {
		if err := m.follow(ctx, stream); err != nil {
			m.unwatch()
			return err
		}
	}
	return nil
}

// unwatch ends what watch began, and waits for it.
func (m *Manager) unwatch() {
	for _, c := range m.changes {
		c.Stop()
		<-c.Closed()
	}
}

func (m *Manager) follow(ctx context.Context, stream jetstream.Stream) error {
	info, err := stream.Info(ctx)
	if err != nil {
		return unavailable("watch the sessions", err)
	}
	// From a number and not from "new": when the consumer is rebuilt after a lost
	// connection, it goes on where it was.
	cons, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   info.State.LastSeq + 1,
		HeadersOnly:   true,
	})
	if err != nil {
		return unavailable("watch the sessions", err)
	}
	changes, err := cons.Consume(m.heard, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
		m.log.Debug("the watch over sessions stumbled", "err", err)
	}))
	if err != nil {
		return unavailable("watch the sessions", err)
	}
	m.changes = append(m.changes, changes)
	return nil
}

// heard takes one message of the seen bucket or of that of access tokens.
func (m *Manager) heard(msg jetstream.Msg) {
	h := msg.Headers()
	if h.Get(headerOp) == "" && h.Get(headerReason) == "" && h.Get(headerWhy) == "" {
		return // a mere touch, or a token that was made or sealed anew
	}
	handle, isToken := strings.CutPrefix(msg.Subject(), tokenSubject(""))
	if isToken {
		handle = tokenHandle + handle
	} else {
		handle = strings.TrimPrefix(handle, seenSubject(""))
	}
	m.telling.Lock() // the two buckets are heard in parallel
	defer m.telling.Unlock()
	m.mu.Lock()
	fs := make([]func(string), 0, len(m.listeners))
	for _, f := range m.listeners {
		fs = append(fs, f)
	}
	m.mu.Unlock()
	for _, f := range fs {
		f(handle)
	}
}

// sweepAlways sweeps from time to time until ctx ends; tokens are looked after at
// once, since a restart is when keys change.
func (m *Manager) sweepAlways(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := m.store.renewTokens(ctx); err != nil && ctx.Err() == nil {
			m.log.Warn("access tokens were not sealed with the first key; the next round tries again", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := m.store.sweep(ctx); err != nil && ctx.Err() == nil {
				m.log.Warn("dead sessions were not cleared away; the next round tries again", "err", err)
			}
		}
	}
}

// sweep removes the values of sessions that idled out or have lost their
// predecessor in a crash: those without a mark of last use.
func (s *store) sweep(ctx context.Context) error {
	// The values first: a session that is born meanwhile has its mark before its value.
	type value struct{ key, handle string }
	var values []value
	err := s.each(ctx, s.sess, func(subject string, h nats.Header) error {
		if h.Get(headerOp) == "" {
			values = append(values, value{subject[len(sessSubject("")):], h.Get(headerHandle)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	marks := map[string]bool{}
	err = s.each(ctx, s.seens, func(subject string, h nats.Header) error {
		if h.Get(headerOp) == "" && h.Get(headerReason) == "" {
			marks[subject[len(seenSubject("")):]] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, v := range values {
		if marks[v.handle] {
			continue
		}
		if err := s.DeleteCtx(ctx, v.key); err != nil {
			return err
		}
	}
	return nil
}

// each calls f with the newest message of every subject in the stream, without its
// data.
func (s *store) each(ctx context.Context, stream jetstream.Stream, f func(subject string, h nats.Header) error) error {
	const op = "list the sessions"
	info, err := stream.Info(ctx)
	if err != nil {
		return unavailable(op, err)
	}
	if info.State.Msgs == 0 {
		return nil
	}
	cons, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy,
		HeadersOnly:   true,
	})
	if err != nil {
		return unavailable(op, err)
	}
	defer func() { _ = stream.DeleteConsumer(context.WithoutCancel(ctx), cons.CachedInfo().Name) }()
	if cons.CachedInfo().NumPending == 0 {
		return nil
	}
	msgs, err := cons.Messages()
	if err != nil {
		return unavailable(op, err)
	}
	defer msgs.Stop()
	for {
		msg, err := msgs.Next(jetstream.NextContext(ctx))
		if err != nil {
			if errors.Is(err, context.Canceled) {
				return err
			}
			return unavailable(op, err)
		}
		meta, err := msg.Metadata()
		if err != nil {
			return unavailable(op, err)
		}
		if err := f(msg.Subject(), msg.Headers()); err != nil {
			return err
		}
		if meta.NumPending == 0 {
			return nil
		}
	}
}
