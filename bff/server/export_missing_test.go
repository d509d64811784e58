package server

import (
	"strconv"
	"testing"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func TestCompleteness_FailuresAreToldBeforeWhatVendorsDoNotKeep(t *testing.T) {
	var page wire.Page
	for i := range 6 {
		page.Coverage = append(page.Coverage, logs.Coverage{Src: "c" + strconv.Itoa(i), State: logs.Capped, Reason: "no more"})
	}
	for _, src := range []string{"f1", "f2", "f1"} {
		page.Coverage = append(page.Coverage, logs.Coverage{Src: src, State: logs.Failed, Reason: "no answer"})
	}
	complete, reason := completeness(&page, logs.Span{})
	if want := "f1 failed: no answer; f2 failed: no answer; c0: no more; c1: no more; c2: no more; 3 more"; complete || reason != want {
		t.Errorf("%v, %q, want %q", complete, reason, want)
	}
}
