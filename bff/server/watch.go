package server

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

// watch wraps a route: request id, recovery from panics, one log line, metrics.
// The log line holds the route's pattern, never the URL: queries hold what people
// search for.
func (s *Server) watch(pattern string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &record{id: rand.Text()[:16]}
		w.Header().Set("X-Request-Id", rec.id)
		r = r.WithContext(context.WithValue(r.Context(), recordKey{}, rec))
		out := &answer{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				rec.kind, rec.err = fault.Internal, fmt.Errorf("panic: %v\n%s", v, debug.Stack())
				if out.status == 0 {
					writeProblem(out, fault.Of(rec.err), rec.id)
				}
			}
			took := time.Since(began)
			s.metrics.requests.WithLabelValues(pattern, strconv.Itoa(out.status)).Observe(took.Seconds())
			s.logRequest(r, pattern, out, rec, took)
		}()
		if err := h(out, r); err != nil {
			s.fail(out, r, err)
		}
	})
}

func (s *Server) logRequest(r *http.Request, pattern string, out *answer, rec *record, took time.Duration) {
	level := slog.LevelDebug
	attrs := []slog.Attr{
		slog.String("request_id", rec.id), slog.String("route", pattern), slog.String("method", r.Method),
		slog.Int("status", out.status), slog.Int64("bytes", out.bytes), slog.Duration("took", took.Round(time.Microsecond)),
	}
	if rec.token != "" {
		attrs = append(attrs, slog.String("token", rec.token))
	}
	if rec.err != nil {
		level = slog.LevelWarn
		if rec.kind == fault.Internal {
			level = slog.LevelError
		}
		attrs = append(attrs, slog.String("kind", string(rec.kind)), slog.String("error", rec.err.Error()))
	}
	s.o.Log.LogAttrs(r.Context(), level, "request", attrs...)
}

// answer notes the status and size of an answer. It passes Hijack through,
// because WebSocket upgrades ask the writer itself for it.
type answer struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	n, err := a.ResponseWriter.Write(b)
	a.bytes += int64(n)
	return n, err
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) Flush() {
	if f, ok := a.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h, ok := a.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, http.ErrNotSupported
	}
	a.status = http.StatusSwitchingProtocols
	return h.Hijack()
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fault.New(fault.Internal, "encode answer").Because(err)
	}
	return writeBody(w, status, body)
}

// squeezed is from how many bytes on an answer is worth compressing.
const squeezed = 4 << 10

// Compressors are reused: one holds hundreds of kilobytes. BestSpeed, because a
// page is compressed for every reader, and log lines repeat themselves enough.
var compressors = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // fails for unknown levels only
	return z
}}

// writePage writes a body of many entries, compressed where the client takes it.
func writePage(w http.ResponseWriter, r *http.Request, body []byte) error {
	w.Header().Set("Vary", "Accept-Encoding")
	if len(body) < squeezed || weights(r.Header.Values("Accept-Encoding"))["gzip"] <= 0 {
		return writeBody(w, http.StatusOK, body)
	}
	var out bytes.Buffer
	out.Grow(len(body) / 4)
	z := compressors.Get().(*gzip.Writer)
	defer compressors.Put(z)
	z.Reset(&out)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		return fault.New(fault.Internal, "compress answer").Because(err)
	}
	w.Header().Set("Content-Encoding", "gzip")
	return writeBody(w, http.StatusOK, out.Bytes())
}

func writeBody(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// The reader may be gone; there is nobody left to tell.
	_, _ = w.Write(body)
	return nil
}

func writeProblem(w http.ResponseWriter, f *fault.Error, requestID string) {
	p := wire.ProblemOf(f, requestID)
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"type":"about:blank","title":"Something went wrong","status":500,"kind":"internal"}`)
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if p.RetryAfterMS > 0 {
		h.Set("Retry-After", strconv.FormatInt((p.RetryAfterMS+999)/1000, 10))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body)
}

func newMetrics(more []prometheus.Collector) *metrics {
	reg := prometheus.NewRegistry()
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "logpane_http_request_seconds", Help: "Time to answer a request.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 90},
		}, []string{"route", "status"}),
		vendor: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "logpane_searches_total", Help: "Pages asked of a vendor's target, by how the coverage ended.",
		}, []string{"vendor", "state"}),
		entries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "logpane_entries_total", Help: "Entries read at vendors and given to browsers.",
		}, []string{"what"}),
	}
	reg.MustRegister(m.requests, m.vendor, m.entries, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reg.MustRegister(more...)
	m.page = promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	return m
}
