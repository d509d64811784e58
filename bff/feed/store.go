package feed

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/engine"
)

const (
	streamName  = "LOGS"
	subjectRoot = "log."      // frames
	hintRoot    = "loghints." // the engine's word that a frame was stored: headers alone

	headerPrev  = "Nats-Expected-Last-Subject-Sequence"
	headerSeq   = "Nats-Sequence"
	headerStamp = "Nats-Time-Stamp"

	batchFrames    = 64
	maxBatch       = max(batchFrames, anchorEvery)
	batchBytes     = 1 << 20 // of sealed frames asked for at once
	publishTimeout = 5 * time.Second
	readTimeout    = 2 * time.Second // a request that went down with its connection is not answered
	retryPause     = 100 * time.Millisecond
)

// store reads and writes the frames of all streams in JetStream. It uses no
// consumers: one request reads a batch of one stream from a number on, and any
// replica of the engine may answer. Such an answer may lag; it never skips, so the
// chain of Prev tells what is missing.
type store struct {
	nc    *nats.Conn
	js    jetstream.JetStream
	seal  Sealer
	tries int // of a read, while a cluster elects
}

func openStore(ctx context.Context, eng *engine.Engine, seal Sealer, keep Keep) (*store, error) {
	s := &store{nc: eng.NC, js: eng.JS, seal: seal, tries: 1}
	if !eng.Local {
		s.tries = 100 // 10 s
	}
	_, err := eng.JS.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:              streamName,
		Description:       "logpane log entries, sealed",
		Subjects:          []string{subjectRoot + ">"},
		Retention:         jetstream.LimitsPolicy,
		Discard:           jetstream.DiscardOld,
		MaxAge:            keep.Age,
		MaxBytes:          keep.Bytes,
		MaxMsgsPerSubject: keep.Frames,
		Replicas:          eng.Replicas,
		AllowDirect:       true,
		RePublish:         &jetstream.RePublish{Source: subjectRoot + ">", Destination: hintRoot + ">", HeadersOnly: true},
	})
	if err != nil {
		return nil, unavailable("open the log store", err)
	}
	return s, nil
}

// query is a request of the engine's direct get (JSApiMsgGetRequest of the
// server); zero fields are left out.
type query struct {
	Seq     uint64     `json:"seq,omitempty"`
	LastFor string     `json:"last_by_subj,omitempty"`
	NextFor string     `json:"next_by_subj,omitempty"`
	Batch   int        `json:"batch,omitempty"`
	Bytes   int        `json:"max_bytes,omitempty"`
	Start   *time.Time `json:"start_time,omitempty"`
}

// next returns frames of a stream from seq on, oldest first: at most n, and about
// batchBytes. No frames and no error: there are none, or the replica that answered
// lags behind.
func (s *store) next(ctx context.Context, stream string, seq uint64, n int) ([]*Frame, error) {
	return s.read(ctx, stream, query{Seq: max(seq, 1), NextFor: subjectRoot + stream, Batch: n, Bytes: batchBytes})
}

// since is next for the frames stored at or after a time.
func (s *store) since(ctx context.Context, stream string, start time.Time, n int) ([]*Frame, error) {
	start = start.UTC()
	return s.read(ctx, stream, query{Start: &start, NextFor: subjectRoot + stream, Batch: n, Bytes: batchBytes})
}

// last returns the newest frame of a stream as one replica knows it, nil if there
// is none.
func (s *store) last(ctx context.Context, stream string) (*Frame, error) {
	frames, err := s.read(ctx, stream, query{LastFor: subjectRoot + stream})
	if err != nil || len(frames) == 0 {
		return nil, err
	}
	return frames[0], nil
}

// read runs a query, again while the engine is not there.
func (s *store) read(ctx context.Context, stream string, q query) ([]*Frame, error) {
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fault.New(fault.Internal, "read the log").Because(err)
	}
	for try := 1; ; try++ {
		frames, err := s.once(ctx, stream, body, q.Batch > 0)
		if err == nil || ctx.Err() != nil || try >= s.tries || !errors.Is(err, nats.ErrNoResponders) {
			if err != nil {
				return nil, unavailable("read the log", err)
			}
			return frames, nil
		}
		if err := pause(ctx, retryPause); err != nil {
			return nil, err
		}
	}
}

// once sends one query and collects its answers.
func (s *store) once(ctx context.Context, stream string, body []byte, batch bool) ([]*Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if !batch {
		msg, err := s.nc.RequestWithContext(ctx, "$JS.API.DIRECT.GET."+streamName, body)
		if err != nil {
			return nil, err
		}
		f, _, err := s.frame(stream, msg)
		if f == nil || err != nil {
			return nil, err
		}
		return []*Frame{f}, nil
	}
	inbox := s.nc.NewInbox()
	// A channel of our own: SubscribeSync makes one of 4 MiB each time.
	answers := make(chan *nats.Msg, maxBatch+1)
	sub, err := s.nc.ChanSubscribe(inbox, answers)
	if err != nil {
		return nil, err
	}
	defer func() { _ = sub.Unsubscribe() }()
	if err := s.nc.PublishRequest("$JS.API.DIRECT.GET."+streamName, inbox, body); err != nil {
		return nil, err
	}
	var frames []*Frame
	for {
		var msg *nats.Msg
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case msg = <-answers:
		}
		if msg == nil {
			return nil, nats.ErrConnectionClosed
		}
		f, end, err := s.frame(stream, msg)
		if err != nil {
			return nil, err
		}
		if end {
			return frames, nil
		}
		frames = append(frames, f)
	}
}

// frame reads one answer of a direct get; end says that there are no more.
func (s *store) frame(stream string, msg *nats.Msg) (f *Frame, end bool, err error) {
	switch status := msg.Header.Get("Status"); status {
	case "":
	case "204", "404":
		return nil, true, nil
	case "503":
		return nil, true, nats.ErrNoResponders
	default:
		return nil, true, errors.New("the engine answered " + status + " " + msg.Header.Get("Description"))
	}
	seq, err := strconv.ParseUint(msg.Header.Get(headerSeq), 10, 64)
	if err != nil {
		return nil, true, err
	}
	at, err := time.Parse(time.RFC3339Nano, msg.Header.Get(headerStamp))
	if err != nil {
		return nil, true, err
	}
	return s.unseal(stream, seq, at, msg.Header, msg.Data), false, nil
}

// unseal returns the frame in a message. What cannot be read any more, because its
// key was dropped or the disk damaged it, is a gap.
func (s *store) unseal(stream string, seq uint64, at time.Time, h nats.Header, data []byte) *Frame {
	plain, err := s.seal.Open(aad(stream), data)
	if err == nil {
		var f *Frame
		if f, err = decode(plain); err == nil {
			f.Seq, f.Stored = seq, at
			return f
		}
	}
	prev, _ := strconv.ParseUint(h.Get(headerPrev), 10, 64)
	return &Frame{
		Seq: seq, Prev: prev, Stored: at, Kind: Gap, Lost: true,
		Hole: Hole{Reason: "what was kept here cannot be read any more: its key is gone or it is damaged"},
	}
}

// aad binds a frame to its stream.
func aad(stream string) string { return "feed/" + stream }

// lead returns the newest frame of a stream as the engine's leader knows it, nil
// if there is none: the truth that an append is held against.
func (s *store) lead(ctx context.Context, stream string) (*Frame, error) {
	return s.leadGet(ctx, stream, query{LastFor: subjectRoot + stream})
}

func (s *store) leadGet(ctx context.Context, stream string, q query) (*Frame, error) {
	const op = "read the end of the log"
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fault.New(fault.Internal, op).Because(err)
	}
	for try := 1; ; try++ {
		f, err := s.leadOnce(ctx, stream, body)
		if err == nil {
			return f, nil
		}
		if ctx.Err() != nil || try >= s.tries {
			return nil, unavailable(op, err)
		}
		if err := pause(ctx, retryPause); err != nil {
			return nil, err
		}
	}
}

func (s *store) leadOnce(ctx context.Context, stream string, body []byte) (*Frame, error) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	reply, err := s.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+streamName, body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error   *jetstream.APIError `json:"error"`
		Message *struct {
			Seq    uint64    `json:"seq"`
			Header []byte    `json:"hdrs"`
			Data   []byte    `json:"data"`
			Time   time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return nil, err
	}
	switch {
	case answer.Error != nil && answer.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return nil, nil
	case answer.Error != nil:
		return nil, answer.Error
	case answer.Message == nil:
		return nil, errors.New("the engine answered without a message")
	}
	m := answer.Message
	h, err := nats.DecodeHeadersMsg(m.Header)
	if err != nil {
		return nil, err
	}
	return s.unseal(stream, m.Seq, m.Time, h, m.Data), nil
}

// publish appends sealed bytes if the newest message of the stream is expect.
func (s *store) publish(ctx context.Context, stream string, expect uint64, sealed []byte) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: subjectRoot + stream, Data: sealed},
		jetstream.WithExpectLastSequencePerSubject(expect), jetstream.WithRetryAttempts(0))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// stale reports that an append did not find what it expected.
func stale(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// refused reports that the engine did not take a message and never will.
func refused(err error) bool {
	var api *jetstream.APIError
	return errors.Is(err, nats.ErrMaxPayload) || errors.As(err, &api) && api.Code == 400
}

// validStream admits names that mean nothing else in a subject: base64url, in
// parts separated by dots.
func validStream(name string) bool {
	if name == "" || len(name) > 200 {
		return false
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" {
			return false
		}
		for i := range len(part) {
			c := part[i]
			if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}

func checkStream(op, name string) error {
	if validStream(name) {
		return nil
	}
	return fault.New(fault.Invalid, op).Saying("a stream's name has letters, digits, - and _ in parts separated by dots")
}

func unavailable(op string, err error) error {
	var e *fault.Error
	if errors.Is(err, context.Canceled) || errors.As(err, &e) {
		return err
	}
	return fault.New(fault.Unavailable, op).Saying("kept log entries cannot be read or added right now; try again").Because(err)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// gone reports whether the leader no longer keeps the message with this number.
func (s *store) gone(ctx context.Context, stream string, seq uint64) (bool, error) {
	f, err := s.leadGet(ctx, stream, query{Seq: seq})
	return f == nil, err
}
