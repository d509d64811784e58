package rest

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestValue_OddValues(t *testing.T) {
	for _, c := range []struct {
		in    string
		whole any // int, or nil for none
		field any
	}{
		{`"a\nb"`, nil, "a\nb"},
		{`"404"`, 404, "404"},
		{`404`, 404, 404.0},
		{`404.0`, 404, 404.0},
		{`4.5`, nil, 4.5},
		{`null`, nil, nil},
		{``, nil, nil},
		{`true`, nil, true},
		{`1e999`, nil, "1e999"},
		{`1e300`, nil, "1e300"},
		{`-9007199254740993`, nil, "-9007199254740993"},
		{`7046029254386353131`, nil, "7046029254386353131"},
		{`{"a":1}`, nil, `{"a":1}`},
		{"[\"\xff\"]", nil, "[\"\uFFFD\"]"},
	} {
		var whole any
		if n, ok := Value(c.in).Whole(); ok {
			whole = n
		}
		if got := Value(c.in).Field(); got != c.field || !reflect.DeepEqual(whole, c.whole) {
			t.Errorf("%s: whole %v, field %#v; want %v, %#v", c.in, whole, got, c.whole, c.field)
		}
	}
	if d, ok := Value(`"0.2529"`).Seconds(); d != 252900*time.Microsecond || !ok {
		t.Errorf("0.2529 s is %v, %v", d, ok)
	}
	for _, odd := range []string{`-1`, `1e18`, `"soon"`, `null`, ``} {
		if d, ok := Value(odd).Seconds(); ok {
			t.Errorf("%s s is %v", odd, d)
		}
	}
}

func TestTime_VendorForms(t *testing.T) {
	want := time.Date(2025, 5, 23, 10, 33, 4, 157182001, time.UTC)
	for _, s := range []string{
		"2025-05-23T10:33:04.157182001Z", "2025-05-23T12:33:04.157182001+02:00", "2025-05-23T12:33:04.157182001+0200",
		"2025-05-23T10:33:04.157182001", "2025-05-23 10:33:04.157182001", "2025-05-23 10:33:04.157182001+00:00",
	} {
		if got := Time(s); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s is %v", s, got)
		}
	}
	for _, s := range []string{"", "string", "yesterday", "1747996384"} {
		if got := Time(s); !got.IsZero() {
			t.Errorf("%q is %v", s, got)
		}
	}
}

func TestLine_OneBoundedLine(t *testing.T) {
	for in, want := range map[string]string{
		"\n\n  first \t line\x00 here \r\nsecond": "first line here",
		"":                                 "",
		"\n ":                              "",
		strings.Repeat("é", 600):           strings.Repeat("é", 510) + "…",
		strings.Repeat("a ", 600) + "\xff": strings.Repeat("a ", 510) + "a…",
	} {
		got := Line(in, 1024)
		if got != want || len(got) > 1024 || !utf8.ValidString(got) {
			t.Errorf("Line(%.20q) = %.40q… (%d bytes), want %.40q…", in, got, len(got), want)
		}
	}
}
