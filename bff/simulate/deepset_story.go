package simulate

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

type deepsetSpace struct {
	Name        string `json:"name"`
	WorkspaceID string `json:"workspace_id"`
	Languages   any    `json:"languages"`
}

var deepsetWorkspaces = []deepsetSpace{
	{DeepsetWorkspace, "5f1c0a52-8d0e-4f4f-9a3e-2b7c6d1e8a90", nil},
	{"staging", "b28e64d1-07c9-4c55-8a1f-63f0d9e2c417", nil},
}

const deepsetDefault = DeepsetWorkspace + "/rag-prod"

// deepsetTargets lists pipelines and indexes, newest first.
var deepsetTargets = []deepsetTarget{
	{id: "d1a6c0de-3b52-4a8e-9f17-8e5c2b904d63", workspace: DeepsetWorkspace, name: "draft", status: "UNDEPLOYED", created: "2026-03-02T08:15:00.000000Z"},
	{id: "7c90b3f4-52e8-4d0b-a6c1-f4380e17d295", workspace: DeepsetWorkspace, name: "support-bot", status: "FAILED", created: "2026-02-20T16:40:12.000000Z"},
	{id: "41e7d8a9-6f03-4c2d-b95e-0a72c6f1e384", workspace: DeepsetWorkspace, name: "search-v2", status: "DEPLOYED", created: "2025-11-11T09:03:44.000000Z"},
	{id: "0b3f95c2-e814-47a6-8d20-5c9e1f76ab08", workspace: DeepsetWorkspace, name: "rag-prod", status: "DEPLOYED", created: "2025-06-05T13:27:31.000000Z"},
	{id: "92d5e0b7-1c46-4f83-ae09-37b8f60d4c12", workspace: "staging", name: "rag-staging", status: "DEPLOYED", created: "2025-06-01T10:00:00.000000Z"},
	{id: "c8f2a741-9e35-4b60-91d7-d06e3a5b82f9", workspace: DeepsetWorkspace, name: "docs-index", status: "INDEXED", index: true, created: "2025-06-04T07:55:10.000000Z"},
}

// deepsetRow is one log line.
type deepsetRow struct {
	gap        time.Duration // after the row before it in its unit; 0 = the same microsecond
	target     string
	message    string
	level      string
	origin     string
	exceptions []deepsetException // nil = null
	logger     string
	traceID    uint64 // 0 = no extra fields
	user       string
}

type deepsetException struct {
	kind, value string
	trace       []deepsetFrame // nil = not told
}

type deepsetFrame struct {
	file string
	line int
	name string
}

// deepsetStory writes the workspaces' logs. Two hours ago rag-prod was deployed anew; since then every third query
// fails with a TypeError in the component prompt_builder.
type deepsetStory struct {
	failures int
}

const (
	brokenSince     = 2 * time.Hour
	deepsetHistory  = 14 * 24 * time.Hour
	haystackPackage = "/usr/local/lib/python3.12/site-packages/haystack/"
)

func (s *deepsetStory) generate(rng *rand.Rand, now time.Time, n int) []*record {
	a := newArena(n)
	if n >= 100 {
		s.place(a, rng, now, now.Add(-brokenSince), s.deploy())
		s.place(a, rng, now, now.Add(-26*time.Hour), []deepsetRow{s.long(rng)})
		s.place(a, rng, now, now.Add(-3*time.Hour), s.crashed())
	}
	if n >= 400 {
		for at := 2 * time.Minute; at < brokenSince; at += 6 * time.Minute {
			s.place(a, rng, now, now.Add(at-brokenSince+30*time.Second), s.query(rng, deepsetDefault, true))
		}
	}
	for _, at := range spread(rng, now, (n-len(a.records))*10/49+1, deepsetHistory) {
		s.place(a, rng, now, at, s.unit(rng, now.Sub(at)))
	}
	return a.sorted(n)
}

func (s *deepsetStory) place(a *arena, rng *rand.Rand, now, at time.Time, rows []deepsetRow) {
	for _, row := range rows {
		if at = at.Add(row.gap); at.After(now) {
			return
		}
		a.add(row.record(at), func(b []byte) []byte { return row.render(b, rng, at) })
	}
}

func (s *deepsetStory) deploy() []deepsetRow {
	row := func(gap float64, level, message string) deepsetRow {
		return deepsetRow{gap: seconds(gap), target: deepsetDefault, level: level, origin: "querypipeline", message: message, logger: "dc_query.deployment"}
	}
	return []deepsetRow{
		row(0, "info", "Deploying pipeline 'rag-prod' (version 14)"),
		row(4.2, "info", "Loading pipeline components"),
		row(7.9, "warning", "Component 'prompt_builder' declares no required variables. Missing variables are rendered as empty strings."),
		row(11.3, "info", "Pipeline 'rag-prod' (version 14) is ready to serve"),
	}
}

// unit returns the lines of one query, indexing run or notice, age before the start.
func (s *deepsetStory) unit(rng *rand.Rand, age time.Duration) []deepsetRow {
	switch p := rng.IntN(100); {
	case p < 58:
		return s.query(rng, deepsetDefault, age < brokenSince && rng.IntN(3) == 0)
	case p < 76:
		return s.query(rng, DeepsetWorkspace+"/search-v2", false)
	case p < 84:
		return s.query(rng, "staging/rag-staging", rng.IntN(8) == 0)
	case p < 95:
		return s.indexing(rng)
	case p < 97:
		return s.crashed()
	case p < 98:
		return []deepsetRow{s.long(rng)}
	}
	return []deepsetRow{{target: deepsetDefault, level: "warning", origin: "haystack", logger: "haystack.components.generators.openai",
		message: "Rate limit reached for the model, retrying in " + strconv.Itoa(between(rng, 1, 20)) + " s (attempt " + strconv.Itoa(between(rng, 1, 5)) + ")"}}
}

// crashed is the failed deployment of support-bot.
func (s *deepsetStory) crashed() []deepsetRow {
	return []deepsetRow{{target: DeepsetWorkspace + "/support-bot", level: "error", origin: "unknown",
		message: "Pipeline deployment failed: container exited with code 137", exceptions: []deepsetException{{kind: "DeploymentError", value: "OOMKilled"}}}}
}

// query is one run of a query pipeline; its lines share a trace id.
func (s *deepsetStory) query(rng *rand.Rand, target string, broken bool) []deepsetRow {
	trace, user := rng.Uint64()|1, fmt.Sprintf("%08x-0000-4000-8000-%012x", rng.IntN(40), rng.IntN(40))
	id := newUUID(rng)
	row := func(gap float64, level, origin, logger, message string) deepsetRow {
		return deepsetRow{gap: seconds(gap), target: target, level: level, origin: origin, logger: logger, message: message, traceID: trace, user: user}
	}
	docs := between(rng, 0, 10)
	rows := []deepsetRow{
		row(0, "info", "querypipeline", "dc_query.api", "Query "+id+" received"),
		row(0.002+0.01*rng.Float64(), "info", "haystack", "haystack.core.pipeline.pipeline", "Running component retriever"),
		row(0.03+0.2*rng.Float64(), "info", "haystack", "haystack.core.pipeline.pipeline", "Running component ranker"),
		row(0.01+0.1*rng.Float64(), "info", "haystack", "haystack.core.pipeline.pipeline", "Running component prompt_builder"),
	}
	if rng.IntN(12) == 0 {
		rows[2].gap = 0 // two lines in one microsecond
	}
	if docs == 0 {
		rows[2].level, rows[2].message = "warning", "No documents were found for query "+id
	}
	if broken {
		bad := row(0.004, "error", "querypipeline", "dc_query.api", fmt.Sprintf("Error while running pipeline for query %s after %d ms: unsupported operand type(s) for +: 'NoneType' and 'str'", id, between(rng, 40, 900)))
		bad.exceptions = s.typeError()
		return append(rows, bad)
	}
	return append(rows,
		row(0.4+2*rng.Float64(), "info", "haystack", "haystack.core.pipeline.pipeline", "Running component llm"),
		row(0.01, "info", "querypipeline", "dc_query.api", fmt.Sprintf("Query %s answered in %d ms with %d documents", id, between(rng, 400, 4200), docs)))
}

// typeError is the exception of the broken component: mostly a chain of two, now and then without a trace.
func (s *deepsetStory) typeError() []deepsetException {
	frames := []deepsetFrame{
		{"/app/dc_query/api/search.py", 218, "run_pipeline"},
		{haystackPackage + "core/pipeline/pipeline.py", 384, "run"},
		{haystackPackage + "core/pipeline/base.py", 71, "_run_component"},
		{haystackPackage + "components/builders/prompt_builder.py", 219, "run"},
		{"/app/custom_nodes/prompt_tools.py", 42, "join_context"},
	}
	cause := deepsetException{"TypeError", "unsupported operand type(s) for +: 'NoneType' and 'str'", frames[3:]}
	outer := deepsetException{"PipelineRuntimeError", "The following component failed to run:\nComponent name: 'prompt_builder'\nComponent type: 'PromptBuilder'\nError: unsupported operand type(s) for +: 'NoneType' and 'str'", frames[:3]}
	s.failures++
	switch s.failures % 8 {
	case 3:
		return []deepsetException{{kind: cause.kind, value: cause.value}}
	case 5, 6:
		cause.trace = frames
		return []deepsetException{cause}
	}
	return []deepsetException{cause, outer}
}

func (s *deepsetStory) indexing(rng *rand.Rand) []deepsetRow {
	target := DeepsetWorkspace + "/indexes/docs-index"
	file := fmt.Sprintf("handbook_%03d.pdf", between(rng, 1, 400))
	rows := []deepsetRow{
		{target: target, level: "info", origin: "indexingpipeline", logger: "dc_index.worker", message: "Indexing file '" + file + "' (" + newUUID(rng) + ")"},
		{gap: seconds(0.2 + 3*rng.Float64()), target: target, level: "info", origin: "indexingpipeline", logger: "dc_index.worker", message: fmt.Sprintf("File '%s' was split into %d documents", file, between(rng, 1, 90))},
	}
	if rng.IntN(10) == 0 {
		rows[1].level, rows[1].message = "error", "File '"+file+"' could not be converted"
		rows[1].exceptions = []deepsetException{{"PdfReadError", "EOF marker not found", []deepsetFrame{
			{haystackPackage + "components/converters/pypdf.py", 141, "run"}, {"/usr/local/lib/python3.12/site-packages/pypdf/_reader.py", 1021, "_find_eof_marker"}}}}
	}
	return rows
}

// long is one very long message: a whole prompt.
func (s *deepsetStory) long(rng *rand.Rand) deepsetRow {
	var b strings.Builder
	b.WriteString("Prompt sent to the model:\n\nAnswer the question with the documents below.\n")
	for i := range 120 {
		fmt.Fprintf(&b, "\nDocument[%d] (score 0.%04d): Änderungen am Vertrag bedürfen der Schriftform; see section %d.%d — 契約の変更は書面による。 “Quoted”, <b>marked</b> & tabbed\t.", i+1, rng.IntN(10000), i, rng.IntN(9))
	}
	return deepsetRow{target: deepsetDefault, level: "debug", origin: "haystack", logger: "haystack.components.generators", message: b.String(), traceID: rng.Uint64() | 1}
}

func (row deepsetRow) record(at time.Time) record {
	return record{at: at.Truncate(time.Microsecond).UnixNano(), target: row.target, kind: row.level, op: row.origin}
}

func (row deepsetRow) render(b []byte, rng *rand.Rand, at time.Time) []byte {
	b = append(append(append(b, `{"log_id":"`...), newLogID(rng)...), `","message":`...)
	b = appendString(b, row.message)
	b = append(b, `,"logged_at":"`...)
	b = append(at.UTC().AppendFormat(b, deepsetTime), '"')
	b = appendField(b, "level", row.level)
	b = appendField(b, "origin", row.origin)
	b = row.renderExceptions(append(b, `,"exceptions":`...))
	if row.traceID == 0 && row.logger == "" {
		return append(b, `,"extra_fields":null}`...)
	}
	b = appendString(append(b, `,"extra_fields":{"_logger":`...), row.logger)
	if row.traceID != 0 {
		b = append(b, `,"dd.trace_id":"`...)
		b = strconv.AppendUint(b, row.traceID, 10)
		b = append(b, `","dd.span_id":"`...)
		b = append(strconv.AppendUint(b, rng.Uint64(), 10), '"')
	}
	b = appendField(b, "organization_id", "1f2e3d4c-0000-4000-8000-5b6a79881234")
	b = appendField(b, "organization_name", "demo")
	workspace, _, _ := strings.Cut(row.target, "/")
	for _, w := range deepsetWorkspaces {
		if w.Name == workspace {
			b = appendField(b, "workspace_id", w.WorkspaceID)
		}
	}
	for i := range deepsetTargets {
		if t := &deepsetTargets[i]; row.target == t.workspace+"/"+t.name || t.index && strings.HasSuffix(row.target, "/indexes/"+t.name) {
			b = appendField(b, "pipeline_id", t.id)
		}
	}
	if row.user != "" {
		b = appendField(b, "user_id", row.user)
		b = appendField(b, "token_origin", "API")
	}
	return append(b, `}}`...)
}

func (row deepsetRow) renderExceptions(b []byte) []byte {
	if row.exceptions == nil {
		return append(b, `null`...)
	}
	b = append(b, '[')
	for i, e := range row.exceptions {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"type":`...), e.kind)
		b = appendField(b, "value", e.value)
		if e.trace != nil {
			b = append(b, `,"trace":[`...)
			for j, f := range e.trace {
				if j > 0 {
					b = append(b, ',')
				}
				b = appendString(append(b, `{"filename":`...), f.file)
				b = strconv.AppendInt(append(b, `,"line_number":`...), int64(f.line), 10)
				b = append(appendField(b, "name", f.name), '}')
			}
			b = append(b, ']')
		}
		b = append(b, '}')
	}
	return append(b, ']')
}

// newLogID looks like an id of the search engine the vendor keeps logs in.
func newLogID(rng *rand.Rand) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	b := make([]byte, 20)
	v := rng.Uint64()
	for i := range b {
		if i == 10 {
			v = rng.Uint64()
		}
		b[i] = alphabet[v&63]
		v >>= 6
	}
	return string(b)
}
