package page

import (
	"encoding/csv"
	"strings"
	"testing"
	"time"

	alogs "github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/web/part"
)

func records(t *testing.T, f *csvFile) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(string(f.b))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCSV_VerdictsAreNoFormulasAndHoldNoCredential(t *testing.T) {
	_, p := openLogs(t, "/logs?src=algolia/eu/APP&tz=%2B02:00", pages)
	rows := records(t, p.verdictsCSV([]wire.Verdict{
		{Item: "=cmd|'/c calc'!A0", Verdict: "failed", Stage: "STREAMING", Code: "X", Reason: "Authorization: Bearer abcdefghijklmnop0123456789", Time: noon},
		{Item: "https://shop.example/1", Removed: true},
	}))
	if len(rows) != 3 || rows[1][0] != "'=cmd|'/c calc'!A0" || rows[1][5] != "2026-11-21T14:00:00+02:00" || rows[2][0] != "https://shop.example/1" || rows[2][5] != "" {
		t.Errorf("%q", rows)
	}
	if strings.Contains(rows[1][4], "abcdefghijklmnop0123456789") {
		t.Errorf("a credential is in %q", rows[1][4])
	}
}

func TestCSV_ShapesAsTheyAreSorted(t *testing.T) {
	s, p := openLogs(t, "/algolia/shapes?src=algolia/eu/APP", calls)
	s.html()
	p.on(nil, part.ShapesSorted{Column: "calls"})
	rows := records(t, p.place.is.(*shapes).csv())
	if len(rows) != 3 || rows[1][0] != shapeOf(t, "20") || rows[1][4] != "30" || rows[1][8] != "428" || rows[2][4] != "5" || rows[2][10] != "5" {
		t.Errorf("%q", rows)
	}
	p.on(nil, part.ShapesGrouped{Index: true})
	if rows = records(t, p.place.is.(*shapes).csv()); len(rows) != 2 || rows[1][1] != "products" || rows[1][4] != "35" {
		t.Errorf("by index: %q", rows)
	}
	if !p.place.is.on(nil, part.TableSaved{}) {
		t.Error("the button does nothing")
	}
}

func TestCSV_ExceptionsSayWhatIsMissing(t *testing.T) {
	for state, whole := range map[alogs.State]bool{alogs.Complete: true, alogs.Failed: false} {
		s, p := openLogs(t, "/deepset/exceptions?src=deepset/eu/W/p&tz=UTC", pipeline(1, state))
		s.settle()
		x := p.place.is.(*exceptions)
		rows := records(t, x.csv())
		want := 3
		if !whole {
			want++
		}
		if len(rows) != want || rows[1][1] != "TypeError" || rows[1][5] != "33" || rows[1][7] != noon.Format(time.RFC3339) || rows[2][1] != "KeyError" {
			t.Errorf("%s: %q", state, rows)
		}
		if last := rows[len(rows)-1][0]; strings.HasPrefix(last, "# incomplete") == whole {
			t.Errorf("%s ends with %q", state, last)
		}
		if !x.on(nil, part.TableSaved{}) {
			t.Error("the button does nothing")
		}
	}
}
