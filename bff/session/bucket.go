package session

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
)

const (
	// The names and values of headers on stored messages.
	headerOp     = "KV-Operation" // ours as in any NATS KV bucket, so that its tools understand the markers
	headerReason = "Nats-Marker-Reason"
	headerHandle = "Logpane-Handle"
	headerWhy    = "Logpane-Why"
	opDelete     = "DEL"
	whyRenewed   = "renewed"
	whyEnded     = "ended"
	whyChanged   = "changed"
)

func sessSubject(key string) string    { return "$KV." + bucketSess + "." + key }
func seenSubject(handle string) string { return "$KV." + bucketSeen + "." + handle }

// last returns the newest message of a subject, nil if there is none.
func (s *store) last(ctx context.Context, stream jetstream.Stream, subject string) (*jetstream.RawStreamMsg, error) {
	for try := 1; ; try++ {
		msg, err := stream.GetLastMsgForSubject(ctx, subject)
		switch {
		case err == nil:
			return msg, nil
		case errors.Is(err, jetstream.ErrMsgNotFound):
			return nil, nil
		case ctx.Err() != nil || try >= s.tries || !errors.Is(err, nats.ErrNoResponders):
			return nil, err
		}
		pause := time.NewTimer(100 * time.Millisecond)
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil, ctx.Err()
		case <-pause.C:
		}
	}
}

// put writes a message that replaces exactly revision; 0 means that none exists.
func (s *store) put(ctx context.Context, subject string, data []byte, revision uint64, ttl time.Duration, h nats.Header) (uint64, error) {
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Data: data, Header: h},
		jetstream.WithExpectLastSequencePerSubject(revision), jetstream.WithMsgTTL(wholeSeconds(ttl)))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// mark writes a deletion marker that replaces revision; 0 means any.
func (s *store) mark(ctx context.Context, subject string, revision uint64, why string) error {
	opts := []jetstream.PublishOpt{jetstream.WithMsgTTL(markTTL)}
	if revision != 0 {
		opts = append(opts, jetstream.WithExpectLastSequencePerSubject(revision))
	}
	_, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subject, Header: nats.Header{headerOp: {opDelete}, headerWhy: {why}}}, opts...)
	return err
}

// erase overwrites a superseded value on disk. What fails here stays sealed and
// unreachable, so that the request goes on.
func (s *store) erase(ctx context.Context, revision uint64) {
	if err := s.sess.SecureDeleteMsg(ctx, revision); err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		s.log.Warn("a superseded session value was not overwritten", "err", err)
	}
}

// gone reports whether a message is a marker, of ours or of the server's.
func gone(m *jetstream.RawStreamMsg) bool {
	return m.Header.Get(headerOp) != "" || m.Header.Get(headerReason) != ""
}

// wholeSeconds rounds up to what the server counts in, at least one.
func wholeSeconds(d time.Duration) time.Duration {
	return max(time.Second, (d+time.Second-1)/time.Second*time.Second)
}

// stale reports that a write named a revision that is not the newest.
func stale(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// failed classifies the error of a write.
func failed(op string, err error) error {
	if stale(err) {
		return conflict(op, err)
	}
	if errors.Is(err, nats.ErrMaxPayload) {
		return tooLarge(op)
	}
	var api *jetstream.APIError
	if errors.As(err, &api) && api.Code == 400 && api.ErrorCode == errCodeMessageTooLarge {
		return tooLarge(op)
	}
	return unavailable(op, err)
}

// errCodeMessageTooLarge is JSStreamMessageExceedsMaximumErr of the server's
// errors.json.
const errCodeMessageTooLarge = 10054

func tooLarge(op string) error {
	return fault.New(fault.Invalid, op).Saying("the session holds too much; forget a connection first")
}

func conflict(op string, err error) error {
	return fault.New(fault.Conflict, op).
		Saying("another request changed the session at the same moment; repeat this one").Because(err)
}

func unavailable(op string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fault.New(fault.Unavailable, op).
		Saying("sessions cannot be read or saved right now; try again").Because(err)
}
