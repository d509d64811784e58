package server

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/logpane/logpane/app/export"
)

// stream is where an export goes: the encoder, the compressor, the connection.
type stream struct {
	*export.Writer
	w       http.ResponseWriter
	control *http.ResponseController
	ctx     context.Context
	want    wanted
	zip     *gzip.Writer // nil where the reader takes none
	begun   bool
	last    time.Time // when something was written

	mu    sync.Mutex
	cut   bool // the deadline is that of the last words
	uncut func() bool
}

func newStream(w http.ResponseWriter, r *http.Request, want wanted) *stream {
	o := &stream{w: w, control: http.NewResponseController(w), ctx: r.Context(), want: want}
	o.uncut = context.AfterFunc(o.ctx, func() { o.deadline(lastWords, true) }) // a write may wait for a reader who does not read
	var to io.Writer = (*paced)(o)
	if weights(r.Header.Values("Accept-Encoding"))["gzip"] > 0 {
		o.zip = compressors.Get().(*gzip.Writer)
		o.zip.Reset(to)
		to = o.zip
	}
	o.Writer = export.NewWriter(to, want.Options)
	return o
}

// paced writes to the connection, each piece with a deadline of its own.
type paced stream

func (p *paced) Write(b []byte) (int, error) {
	(*stream)(p).deadline(stalled, false)
	return p.w.Write(b)
}

// deadline gives the next writes so long. The last words are the last.
func (o *stream) deadline(d time.Duration, last bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.cut {
		o.cut = last
		_ = o.control.SetWriteDeadline(time.Now().Add(d))
	}
}

// begin sends the head of the answer and what stands before the first entry.
func (o *stream) begin(now time.Time) error {
	h := o.w.Header()
	exportHeaders(h, o.want, now)
	if o.zip != nil {
		h.Set("Content-Encoding", "gzip")
	}
	o.begun = true
	o.w.WriteHeader(http.StatusOK)
	return o.Begin()
}

// push sends what was gathered, all the way.
func (o *stream) push() error {
	err := o.Flush()
	if err == nil && o.zip != nil {
		err = o.zip.Flush()
	}
	if err == nil {
		err = o.control.Flush()
	}
	o.last = time.Now()
	return err
}

// breathe sends something that means nothing where the format has such a thing, so
// that nobody on the way takes a long search for a dead connection.
func (o *stream) breathe() error {
	if time.Since(o.last) < quietFor || o.want.Format != export.NDJSON && o.want.Format != export.JSON {
		return nil
	}
	if err := o.Space(); err != nil {
		return err
	}
	return o.push()
}

// end sends the last words.
func (o *stream) end(sum export.Summary) error {
	err := o.End(sum)
	if err == nil && o.zip != nil {
		err = o.zip.Close()
	}
	h := o.w.Header()
	h.Set(headerComplete, strconv.FormatBool(sum.Complete))
	h.Set(headerEntries, strconv.Itoa(o.Entries()))
	return err
}

func (o *stream) close() {
	o.uncut()
	o.mu.Lock()
	o.cut = true // the connection is not ours any more
	o.mu.Unlock()
	if o.zip != nil {
		o.zip.Reset(io.Discard)
		compressors.Put(o.zip)
	}
}
