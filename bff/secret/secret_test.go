package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/logpane/logpane/bff/secret"
)

const planted = "sk-planted-4711"

type hidden struct{ key secret.Value }

type shown struct{ Key secret.Value }

func TestValue_NoPrintedFormShowsTheText(t *testing.T) {
	v := secret.New(planted)
	var out []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T", "% x", "%10s", "%U"} {
		for _, arg := range []any{
			v, &v, hidden{v}, &hidden{v}, shown{v}, &shown{v},
			[]secret.Value{v}, []hidden{{v}}, map[string]secret.Value{"k": v}, map[string]hidden{"k": {v}},
			struct{ any }{v}, struct{ in any }{hidden{v}},
		} {
			out = append(out, fmt.Sprintf(verb, arg))
		}
	}
	for _, arg := range []any{v, &v, shown{v}, hidden{v}, map[string]secret.Value{"k": v}} {
		b, err := json.Marshal(arg)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	if b, err := xml.Marshal(shown{v}); err == nil {
		out = append(out, string(b))
	}
	var gobbed bytes.Buffer
	_ = gob.NewEncoder(&gobbed).Encode(shown{v})
	out = append(out, gobbed.String())

	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("m", "v", v, "p", &v, "shown", shown{v}, "hidden", hidden{v}, "err", fmt.Errorf("with %v: %w", v, errors.New("x")))
	}
	out = append(out, log.String(), fmt.Sprint(v), fmt.Sprintln(v), v.String(), v.GoString())

	hex := fmt.Sprintf("%x", planted)
	for _, s := range out {
		if strings.Contains(s, planted) || strings.Contains(strings.ToLower(s), hex) {
			t.Errorf("the text shows in %q", s)
		}
	}
	for _, s := range []string{fmt.Sprint(v), fmt.Sprintf("%x", v), fmt.Sprintf("%#v", v)} {
		if s != secret.Redacted {
			t.Errorf("printed %q, want %q", s, secret.Redacted)
		}
	}
	if b, _ := json.Marshal(shown{v}); string(b) != `{"Key":"[redacted]"}` {
		t.Errorf("JSON is %s", b)
	}
}

func TestValue_RevealAndEqual(t *testing.T) {
	for _, c := range []struct {
		a, b  string
		equal bool
	}{
		{"", "", true},
		{planted, planted, true},
		{planted, "", false},
		{planted, planted + "x", false},
		{planted, strings.ToUpper(planted), false},
	} {
		a, b := secret.New(c.a), secret.New(c.b)
		if a.Reveal() != c.a || a.Empty() != (c.a == "") {
			t.Errorf("%q came back as %q, empty %v", c.a, a.Reveal(), a.Empty())
		}
		if got := a.Equal(b); got != c.equal {
			t.Errorf("Equal(%q, %q) = %v", c.a, c.b, got)
		}
	}
	var zero secret.Value
	if !zero.Empty() || zero.Reveal() != "" || !zero.Equal(secret.New("")) {
		t.Error("the zero Value is not the empty secret")
	}
}
