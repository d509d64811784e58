package export_test

import (
	"encoding/json"
	"io"
	"testing"

	"github.com/logpane/logpane/app/export"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
)

// BenchmarkWriter writes an entry of ordinary size in each format.
func BenchmarkWriter(b *testing.B) {
	e := entry()
	e.Summary = "Running component prompt_builder"
	e.Raw = json.RawMessage(`{"log_id":"JgudxjSaiZ1-vM4LqS4Z","message":"Running component prompt_builder","logged_at":"2026-11-22T23:30:00.123456Z",` +
		`"level":"info","origin":"haystack","exceptions":null,"extra_fields":{"_logger":"haystack.core.pipeline.pipeline","dd.trace_id":"18314555887732685675",` +
		`"dd.span_id":"16273091232423412345","pathname":"/opt/venv/lib/python3.12/site-packages/haystack/core/pipeline/pipeline.py","lineno":187,` +
		`"user_id":"00000001-0000-4000-8000-000000000002","token_origin":"API"}}`)
	e.Fields = logs.Fields{{Name: "pipeline", Value: "rag-prod"}, {Name: "origin", Value: "haystack"}, {Name: "logger", Value: "haystack.core.pipeline.pipeline"}}
	for _, reveal := range []bool{false, true} {
		name := "masked"
		if reveal {
			name = "revealed"
		}
		for _, f := range export.Formats() {
			b.Run(name+"/"+string(f), func(b *testing.B) {
				w := export.NewWriter(io.Discard, export.Options{Format: f, Zone: berlin, Lens: redact.Lens{Reveal: reveal, Key: 7}})
				b.ReportAllocs()
				b.SetBytes(int64(len(e.Raw)))
				for b.Loop() {
					if err := w.Entry(&e); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
