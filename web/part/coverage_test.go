package part

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
)

func TestCoverage_LaneThatLacksAConnectionDidNotFail(t *testing.T) {
	html := markup(Coverage{To: noon, Lanes: []viewer.Lane{{Src: "a", Label: "shop", State: logs.Failed, Missing: true}, {Src: "b", Label: "APP", State: logs.Failed}}}.UI(ignore))
	if !strings.Contains(html, "shop: not connected") || !strings.Contains(html, "APP: failed") || strings.Contains(html, "shop: failed") {
		t.Errorf("the lanes say %s", html)
	}
}
