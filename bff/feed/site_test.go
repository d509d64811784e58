package feed

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/session"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func keys(tb testing.TB, letter string) *session.Keyring {
	tb.Helper()
	k, err := session.ParseKeys("k001:" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(letter, 32))))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func openEngine(tb testing.TB, cfg engine.Config) *engine.Engine {
	tb.Helper()
	cfg.Logger = quiet
	e, err := engine.Open(context.Background(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(e.Close)
	return e
}

// local is an embedded engine over a folder of its own.
func local(tb testing.TB) *engine.Engine { return openEngine(tb, engine.Config{DataDir: tb.TempDir()}) }

func openFeed(tb testing.TB, eng *engine.Engine, cfg Config) *Feed {
	tb.Helper()
	cfg.Logger = quiet
	if cfg.Sealer == nil {
		cfg.Sealer = keys(tb, "x")
	}
	f, err := Open(context.Background(), eng, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(f.Close)
	return f
}

func writer(tb testing.TB, f *Feed, stream string) *Writer {
	tb.Helper()
	w, err := f.Writer(context.Background(), stream)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func begin(tb testing.TB, f *Feed, stream string, after uint64) *Reader {
	tb.Helper()
	r, err := f.Reader(stream, after, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(r.Close)
	return r
}

// entries makes n entries numbered from first.
func entries(first, n int) []Entry {
	out := make([]Entry, n)
	for i := range out {
		id := fmt.Sprintf("e%06d", first+i)
		out[i] = Entry{ID: id, JSON: fmt.Appendf(nil, `{"id":%q,"src":"algolia/us/A"}`, id)}
	}
	return out
}

func add(tb testing.TB, w *Writer, first, n int) uint64 {
	tb.Helper()
	seq, err := w.Append(context.Background(), Poll{At: time.Unix(int64(first), 0), Entries: entries(first, n)})
	if err != nil {
		tb.Fatal(err)
	}
	return seq
}

// read takes frames until they hold n entries, and returns what it got as words:
// ids, and "gap".
func read(tb testing.TB, r *Reader, n int) []string {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var got []string
	for n > 0 {
		frames, err := r.Next(ctx)
		if err != nil {
			tb.Fatalf("after %v: %v", got, err)
		}
		for _, f := range frames {
			got = append(got, words(f)...)
			n -= f.Len()
		}
	}
	return got
}

func words(f *Frame) []string {
	if f.Kind == Gap {
		return []string{"gap"}
	}
	var out []string
	for i := range f.Len() {
		out = append(out, f.ID(i))
	}
	return out
}

func ids(first, n int) []string {
	var out []string
	for _, e := range entries(first, n) {
		out = append(out, e.ID)
	}
	return out
}

// lines makes n entries of about 500 bytes, as vendors send them.
func lines(first, n int) []Entry {
	out := make([]Entry, n)
	for i := range out {
		id := fmt.Sprintf("%032x", uint64(first+i)*0x9e3779b97f4a7c15)
		out[i] = Entry{ID: id, JSON: fmt.Appendf(nil,
			`{"id":%q,"src":"algolia/us/APPLICATION/index","time":"2026-03-01T12:%02d:%02d.123Z","level":"info","outcome":"succeeded","summary":"POST /1/indexes/products/query 200","took_ms":%d,"status":200,"fields":{"ip":"198.51.100.%d","hits":%d,"url":"/1/indexes/products/query"},"raw":{"timestamp":"2026-03-01T12:00:00Z","method":"POST","answer_code":"200","query_body":"{\"query\":\"shoes %d\"}","nb_api_calls":"1","sha1":%q}}`,
			id, i%60, (first+i)%60, i%90, i%250, i*7, first+i, id)}
	}
	return out
}
