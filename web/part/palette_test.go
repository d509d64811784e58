package part

import (
	"strings"
	"testing"
)

var shelf = []PaletteItem{
	{"filter", "Edit the filter", "Actions", []string{"/"}, ""},
	{"save", "Save this view", "Actions", nil, ""},
	{"error", "Next error", "Actions", []string{"e"}, ""},
	{"saved:0", "Failed webhooks", "Saved views", nil, ""},
	{"recent:0", "status:>=500 -vendor:algolia", "Recent filters", nil, ""},
	{"saved:1", "Save", "Saved views", nil, ""},
}

func ids(items []PaletteItem) string {
	var out []string
	for _, x := range items {
		out = append(out, x.ID)
	}
	return strings.Join(out, " ")
}

func TestRank_BestFirst(t *testing.T) {
	for text, want := range map[string]string{
		"":             ids(shelf),
		"  ":           ids(shelf),
		"save":         "saved:1 save recent:0 saved:0", // the whole title, its beginning, its letters, only the group
		"sa vi":        "save saved:1 saved:0",
		"nxt err":      "error",
		"ne":           "error",
		"5":            "recent:0",
		"algolia stat": "recent:0",
		"WEBHOOKS":     "saved:0",
		"zebra":        "",
		"sf":           "",
	} {
		if got := ids(Rank(shelf, text)); got != want {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
}

func TestRank_Bounded(t *testing.T) {
	many := make([]PaletteItem, 3*maxItems)
	for i := range many {
		many[i].Title = "Next"
	}
	if a, b := len(Rank(many, "")), len(Rank(many, "n")); a != maxItems || b != maxItems {
		t.Errorf("%d and %d items", a, b)
	}
}

func TestPaletteBox_Keys(t *testing.T) {
	var b PaletteBox
	press := func(name string) (bool, string) { return b.Key(name, shelf) }
	press("ArrowUp")
	if b.At != len(shelf)-1 {
		t.Errorf("up from the first: %d", b.At)
	}
	press("ArrowDown")
	press("ArrowDown")
	if used, id := press("Enter"); !used || id != "save" {
		t.Errorf("Enter takes %q", id)
	}
	press("PageDown")
	if _, id := press("Enter"); id != "saved:1" {
		t.Errorf("the last one is %q", id)
	}
	b.Edited("zebra")
	for _, name := range []string{"ArrowDown", "ArrowUp", "PageDown", "PageUp"} {
		press(name)
	}
	if used, id := press("Enter"); !used || id != "" || b.At != 0 {
		t.Errorf("nothing found: %v %q at %d", used, id, b.At)
	}
	if used, _ := press("a"); used {
		t.Error("letters are used up")
	}
}

func TestPalette_GroupedAndFound(t *testing.T) {
	golden(t, "palette", Palette{Items: shelf[:4]}.UI(ignore))
	golden(t, "palette-found", Palette{Items: shelf, Box: PaletteBox{Text: "save", At: 1}}.UI(ignore))
	html := markup(Palette{Items: shelf, Box: PaletteBox{Text: "zebra"}}.UI(ignore))
	if !strings.Contains(html, "Nothing is called that.") || strings.Contains(html, "activedescendant") {
		t.Errorf("nothing found is drawn as %s", html)
	}
}
