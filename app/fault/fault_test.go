package fault_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/logpane/logpane/app/fault"
)

func TestKind_StatusRoundTrips(t *testing.T) {
	seen := map[int]fault.Kind{}
	for _, k := range fault.Kinds() {
		if other, dup := seen[k.Status()]; dup {
			t.Errorf("%s and %s share status %d: the browser could not tell them apart", k, other, k.Status())
		}
		seen[k.Status()] = k
		if got := fault.KindOfStatus(k.Status()); got != k {
			t.Errorf("KindOfStatus(%d) = %s, want %s", k.Status(), got, k)
		}
	}
	if got := fault.KindOfStatus(418); got != fault.Invalid {
		t.Errorf("KindOfStatus(418) = %s, want invalid", got)
	}
	if got := fault.KindOfStatus(599); got != fault.Internal {
		t.Errorf("KindOfStatus(599) = %s, want internal", got)
	}
}

func TestOf_FindsTheFaultAndKeepsTheCause(t *testing.T) {
	cause := errors.New("boom")
	err := fmt.Errorf("wrapped: %w", fault.New(fault.NotFound, "read").Because(cause))
	if fault.KindOf(err) != fault.NotFound || !errors.Is(err, cause) {
		t.Errorf("kind %q, is cause %v", fault.KindOf(err), errors.Is(err, cause))
	}
	for _, c := range []struct {
		err  error
		want fault.Kind
	}{
		{nil, ""},
		{fmt.Errorf("x: %w", context.Canceled), fault.Canceled},
		{fmt.Errorf("x: %w", context.DeadlineExceeded), fault.Timeout},
		{errors.New("plain"), fault.Internal},
	} {
		if got := fault.KindOf(c.err); got != c.want {
			t.Errorf("KindOf(%v) = %q, want %q", c.err, got, c.want)
		}
	}
}

func TestQuoting_IsBoundedCleanText(t *testing.T) {
	got := fault.New(fault.Invalid, "").Quoting("a\x00b\n\tc\xff" + strings.Repeat("é", 1000)).Said
	if len(got) > fault.MaxSaid || !utf8.ValidString(got) || !strings.HasSuffix(got, "…") {
		t.Errorf("len %d, valid %v, %q", len(got), utf8.ValidString(got), got[len(got)-8:])
	}
	if !strings.HasPrefix(got, "a b c") {
		t.Errorf("starts %q, want %q", got[:10], "a b c")
	}
}
