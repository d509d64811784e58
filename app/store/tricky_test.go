package store

import (
	"fmt"
	"testing"

	"github.com/logpane/logpane/app/query"
)

// Entries whose bytes and texts differ, each with the filters that would tell.
func TestTable_BytesThatAreNotTheText(t *testing.T) {
	for _, c := range []struct {
		entry   string
		queries []string
	}{
		{`{"id":"a","raw":{"x":"a\nline"}}`, []string{"nline", "line", "raw.x:nline", "-nline"}},
		{`{"id":"a","raw":{"x":"a\u003cb"}}`, []string{"u003c", "003c", "3cb", `"<b"`, "c"}},
		{`{"id":"a","raw":{"x":"\\nline"}}`, []string{"nline", `"\\nline"`}},
		{`{"id":"a","raw":{"x":"\u0065rror"}}`, []string{"error", "rror", "raw.x:error", "raw.x=error"}},
		{`{"id":"a","summary":"\u0065rror","raw":{}}`, []string{"error", "summary:error", "rror"}},
		{`{"id":"a","summary":"\u212aelvin","raw":{}}`, []string{"kelvin", "/(?i)kelvin/", "\u212aelvin"}},
		{`{"id":"a","fields":{"note":"\u0065rror"}}`, []string{"error", "note:error", "note:/^error$/"}},
		{`{"id":"a","fields":{"note":"\u212aelvin"}}`, []string{"/kelvin/i", "note:/kelvin/i"}},
		{`{"id":"a","fields":{"note":1.50}}`, []string{"1.5", "1.50", "note:1.5", "note=1.50"}},
		{`{"id":"a","fields":{"note":1e3}}`, []string{"1000", "1e3", "note:1000"}},
		{`{"id":"a","fields":{"note":12345678901234567890}}`, []string{"12345678901234567890", "12345678901234567168"}},
		{`{"id":"a","fields":{"note":-0}}`, []string{`"-0"`, "0", "note:0", `note:"-0"`}},
		{`{"id":"a","fields":{"note":0.0000001}}`, []string{"1e", "0.0000001", "note:/e/"}},
		{`{"id":"a","fields":{"note":null}}`, []string{"null", "note:*", "note:null"}},
		{`{"id":"a","fields":{"note":["error",{"x":1}]}}`, []string{"error", "note:*error*", "x"}},
		{`{"id":"a","fields":{"n\u006fte":"error"}}`, []string{"note:error", "error"}},
		{`{"id":"a","fields":{"a_b":"x","ab":"error"}}`, []string{"ab:error", "ab:x", "a_b:*"}},
		{`{"id":"a","fields":{"ab":"","a_b":"error"}}`, []string{"ab:error", "-ab:*"}},
		{`{"fields":{"note":"error"},"id":"a"}`, []string{"note:error", "note:*", "error", "id:a"}},
		{`{"id":"a","raw":{"x":"error"},"fields":{"note":"x"}}`, []string{"raw.x:error", "note:x", "error"}},
		{`{"id":"a","fields":{"note":"x"},"job":"error"}`, []string{"error", "job:error", "note:x", "-note:*"}},
		{`{"id":"a","fields":{"note":"x"} , "raw" : {"x":"error"} }`, []string{"error", "raw.x:error", "note:x"}},
		{`{"id":"a","status":70000,"attempt":-3}`, []string{"status:70000", "status:>66000", "70000", "attempt:<0", "65535"}},
		{`{"id":"a","time":"1000-01-01T00:00:00Z"}`, []string{"time:<1500-01-01", "time:1000-01-01", "time:>2000-01-01"}},
		{`{"id":"a","time":"2026-11-21T02:14:05.120+02:00"}`, []string{"time:/05.120/", "time:2026-11-21T00:14", "time:*+02*"}},
		{`{"id":"a","raw":{"error":1,"x":":y"}}`, []string{"error", "y", "1", `":"`, `":y"`}},
		{`{"id":"a","raw":{"error":true,":true":false}}`, []string{"true", "rue", "false", "error"}},
		{`{"id":"a","raw":{"x":12,":12":3}}`, []string{"12", "2", "3"}},
		{`{"id":"a","raw":{":12":"x"}}`, []string{"12", "x"}},
		{`{"id":"a","raw":500}`, []string{"500", "50", "5xx"}},
		{`{"id":"a","raw":"error"}`, []string{"error", "raw.x:error"}},
		{`{"id":"a","raw":{"body":"{\"error\": \"time out\"}"}}`, []string{"error", `"time out"`, "raw.body.error:*", `"error\": "`, `"\"error\""`}},
		{`{"id":"a","level":"error","outcome":"failed","src":"algolia/x/error"}`, []string{"error", "level:error", "failed", "algolia"}},
		{`{"id":"a","what":"error","summary":"x"}`, []string{"error", "x", "what"}},
		{`{"id":"a","raw":{"x":"İstanbul"}}`, []string{"istanbul", "İSTANBUL", "raw.x:istanbul"}},
		{`{"id":"a","fields":{"note":1e999}}`, []string{"error", "note:*", "a", "1e999"}},
		{"{\"id\":\"a\",\"fields\":{\"note\":\"b\xffc\"}}", []string{"b", "note:b\uFFFDc", "c"}},
	} {
		s := New()
		if _, err := s.AppendPage(fmt.Appendf(nil, `{"entries":[%s]}`, c.entry)); err != nil {
			t.Fatalf("%s: %v", c.entry, err)
		}
		decoded := s.Entry(0)
		for _, text := range c.queries {
			q, err := query.Parse(text)
			if err != nil {
				t.Fatalf("%s: %v", text, err)
			}
			table := NewTable(s, query.Options{})
			table.SetQuery(q)
			table.Work(always)
			if got, want := table.Len() == 1, q.Match(&decoded); got != want {
				t.Errorf("%s keeps %s: %v, want %v", text, c.entry, got, want)
			}
		}
	}
}
