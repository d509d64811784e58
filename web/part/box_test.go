package part

import (
	"slices"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/query"
)

func TestRemember_LatestFirstOnceAndBounded(t *testing.T) {
	got := Remember([]string{"a", "b", "c"}, "b")
	if !slices.Equal(got, []string{"b", "a", "c"}) {
		t.Errorf("%q", got)
	}
	if got := Remember(got, ""); len(got) != 3 {
		t.Errorf("an empty filter is kept: %q", got)
	}
	var all []string
	for i := range MaxRecent + 5 {
		all = Remember(all, strings.Repeat("x", i+1))
	}
	if len(all) != MaxRecent || len(all[0]) != MaxRecent+5 {
		t.Errorf("%d kept, the first of %d", len(all), len(all[0]))
	}
}

// boxed plays a reader: what is typed, and the keys pressed, against a box.
type boxed struct {
	b      SearchBox
	text   string
	caret  int
	recent []string
	sent   string // what was committed
}

var fields = query.Catalog{Names: []query.Name{{Name: "status_text", Vendor: "Coveo"}}}

func (x *boxed) types(text string) {
	x.text, x.caret = text, len(text)
	x.b.Edited(text, x.caret, fields)
}

func (x *boxed) press(t *testing.T, keys ...string) (used bool) {
	t.Helper()
	for _, key := range keys {
		name, ctrl := strings.CutPrefix(key, "Ctrl+")
		var edit *Edit
		used, edit = x.b.Key(name, false, ctrl, x.text, x.caret, x.recent, fields)
		x.apply(edit)
		if name == "Enter" && !used {
			x.sent = x.text
		}
	}
	return used
}

func (x *boxed) apply(e *Edit) {
	switch {
	case e == nil:
	case e.Forgot != "":
		x.recent = Forget(x.recent, e.Forgot)
	default:
		x.text, x.caret = e.Text, e.Caret
		if e.Submit {
			x.sent = e.Text
		}
	}
}

func TestSearchBox_EnterWithoutAChoiceCommits(t *testing.T) {
	x := &boxed{}
	x.types("sta")
	if !x.b.Open() || x.b.At != -1 {
		t.Fatalf("typing offers %+v", x.b)
	}
	if used := x.press(t, "Enter"); used || x.b.Open() || x.sent != "sta" {
		t.Errorf("used %v, open %v, sent %q", used, x.b.Open(), x.sent)
	}
}

func TestSearchBox_ChosenIsTakenByTabAndEnter(t *testing.T) {
	for _, key := range []string{"Tab", "Enter"} {
		x := &boxed{}
		x.types("sta")
		if used := x.press(t, "ArrowDown", "ArrowDown", key); !used || x.text != "status:" || x.caret != len("status:") || x.sent != "" {
			t.Errorf("%s: %q at %d, sent %q", key, x.text, x.caret, x.sent)
		}
		if !x.b.Open() || x.b.Offers[0].Label != "5xx" || x.b.At != -1 {
			t.Errorf("%s: after a name its values are not offered: %+v", key, x.b.Offers)
		}
	}
}

func TestSearchBox_TabWithoutAChoiceGoesOn(t *testing.T) {
	x := &boxed{}
	x.types("sta")
	if used := x.press(t, "Tab"); used || x.b.Open() || x.text != "sta" {
		t.Errorf("used %v, open %v, %q", used, x.b.Open(), x.text)
	}
}

func TestSearchBox_EscapeClosesTheListOnly(t *testing.T) {
	x := &boxed{}
	x.types("sta")
	if !x.press(t, "Escape") || x.b.Open() || x.text != "sta" {
		t.Error("the first Escape does not close the list")
	}
	if x.press(t, "Escape") {
		t.Error("the second Escape is used up")
	}
}

func TestSearchBox_ArrowsGoRoundThroughTheText(t *testing.T) {
	x := &boxed{}
	x.types("sta") // stage, status, status_text
	var got []int
	for range 5 {
		x.press(t, "ArrowDown")
		got = append(got, x.b.At)
	}
	x.press(t, "ArrowUp", "ArrowUp")
	if !slices.Equal(got, []int{0, 1, 2, -1, 0}) || x.b.At != 2 {
		t.Errorf("%v, then %d", got, x.b.At)
	}
}

func TestSearchBox_NamesAtTheBeginningOfAWordOnlyForWhoAsks(t *testing.T) {
	x := &boxed{}
	x.types("timeout ")
	if x.b.Open() {
		t.Fatal("a list opens at each space")
	}
	if !x.press(t, "ArrowDown") || !x.b.Open() || x.b.At != 0 {
		t.Errorf("asked for names: %+v", x.b)
	}
}

func TestSearchBox_RecentFiltersOfAnEmptyBox(t *testing.T) {
	x := &boxed{recent: []string{"a", "b", "c"}}
	x.b.Entered("", x.recent)
	if !x.b.Open() || x.b.At != -1 {
		t.Fatalf("%+v", x.b)
	}
	x.press(t, "ArrowDown", "ArrowDown", "Delete")
	if !slices.Equal(x.recent, []string{"a", "c"}) || !slices.Equal(x.b.Recent, x.recent) || x.b.At != 1 {
		t.Errorf("after Delete: %q, list %q at %d", x.recent, x.b.Recent, x.b.At)
	}
	x.press(t, "Enter")
	if x.sent != "c" || x.b.Open() {
		t.Errorf("sent %q", x.sent)
	}
	x = &boxed{recent: []string{"a"}}
	if !x.press(t, "ArrowUp") || !x.b.Open() || x.b.At != 0 {
		t.Error("ArrowUp in an empty box does not open the recent filters")
	}
	x = &boxed{recent: []string{"a"}}
	x.b.Entered("text", x.recent)
	if x.b.Open() {
		t.Error("a box with text opens the recent filters")
	}
}

func TestSearchBox_CtrlArrowsRecallAndComeBack(t *testing.T) {
	x := &boxed{recent: []string{"b", "a"}}
	x.types("mine")
	var got []string
	for _, key := range []string{"Ctrl+ArrowUp", "Ctrl+ArrowUp", "Ctrl+ArrowUp", "Ctrl+ArrowDown", "Ctrl+ArrowDown", "Ctrl+ArrowDown"} {
		if !x.press(t, key) {
			t.Errorf("%s is not used", key)
		}
		got = append(got, x.text)
	}
	if !slices.Equal(got, []string{"b", "a", "a", "b", "mine", "mine"}) {
		t.Errorf("%q", got)
	}
}

func TestSearchBox_RecallSkipsWhatStandsThere(t *testing.T) {
	x := &boxed{recent: []string{"b", "a"}}
	x.types("b")
	if x.press(t, "Ctrl+ArrowUp"); x.text != "a" {
		t.Errorf("%q", x.text)
	}
}

func TestSearchBox_ClicksOnLines(t *testing.T) {
	x := &boxed{recent: []string{"a", "b"}}
	x.types("sta")
	if x.apply(x.b.Take(0, fields)); x.text != "stage:" {
		t.Errorf("%q", x.text)
	}
	x.b.Entered("", x.recent)
	x.apply(x.b.Drop(0))
	if x.apply(x.b.Take(0, fields)); x.sent != "b" {
		t.Errorf("sent %q", x.sent)
	}
	if x.b.Take(9, fields) != nil || x.b.Drop(9) != nil || x.b.Take(-1, fields) != nil {
		t.Error("a line that is not there is taken")
	}
}

func TestSearchBox_MovingTheCaretClosesTheList(t *testing.T) {
	for _, key := range []string{"ArrowLeft", "ArrowRight", "Home", "End"} {
		x := &boxed{}
		x.types("sta")
		if x.press(t, key) || x.b.Open() {
			t.Errorf("%s: the list stays", key)
		}
	}
}
