package session

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// OnChange calls f with the handle of every session, of whichever replica, that
// ended (logout, absolute or idle expiry) or lost something: a connection was
// forgotten or replaced. Pure additions are not told. f may hear of a handle more
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

// watch follows the marks of last use from now on, headers alone.
func (m *Manager) watch(ctx context.Context) error {
	info, err := m.store.seens.Info(ctx)
	if err != nil {
		return unavailable("watch the sessions", err)
	}
	// From a number and not from "new": when the consumer is rebuilt after a lost
	// connection, it goes on where it was.
	cons, err := m.store.seens.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:   info.State.LastSeq + 1,
		HeadersOnly:   true,
	})
	if err == nil {
		m.changes, err = cons.Consume(m.heard, jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
			m.log.Debug("the watch over sessions stumbled", "err", err)
		}))
	}
	if err != nil {
		return unavailable("watch the sessions", err)
	}
	return nil
}

// heard takes one message of the seen bucket.
func (m *Manager) heard(msg jetstream.Msg) {
	h := msg.Headers()
	if h.Get(headerOp) == "" && h.Get(headerReason) == "" && h.Get(headerWhy) == "" {
		return // a mere touch
	}
	handle := msg.Subject()[len(seenSubject("")):]
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

// sweepAlways sweeps from time to time until ctx ends.
func (m *Manager) sweepAlways(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
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
