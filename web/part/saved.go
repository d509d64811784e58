package part

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// What the saved views report. I counts from 0, as in Saved.Views.
type (
	SavedGiven       struct{}        // this view is to be saved under the text of IDSavedName
	SavedOpened      struct{ I int } // with the address of the view
	SavedRenameAsked struct{ I int }
	SavedRenamed     struct{ I int } // to the text of IDRename
	SavedDropAsked   struct{ I int }
	SavedDropped     struct{ I int }
	SavedLeft        struct{} // neither renamed nor deleted
)

// SavedView is a view that the reader gave a name.
type SavedView struct {
	Name string
	URL  string // its address, path and query
}

// Saved is the menu of saved views.
type Saved struct {
	Views    []SavedView
	Here     string // the address of the view that is shown
	Renaming int    // the view that is being renamed, counted from 1; 0 for none
	Dropping int    // the view that is to be deleted, counted from 1; 0 for none
	Wrong    string // why the name cannot be taken
}

// UI draws the menu.
func (s Saved) UI(send Send) app.UI {
	rows := make([]app.UI, len(s.Views))
	for i := range s.Views {
		rows[i] = el("li", "saved-row", s.row(i, &s.Views[i], send)...)
	}
	var list, why app.UI
	if len(rows) > 0 {
		list = aloud("ul", "menu-rows saved-rows", "", "Saved views", rows...)
	} else {
		list = txt("p", "mut saved-none", "No view is saved in this browser yet. A saved view keeps targets, filter, time and columns.")
	}
	invalid, by := "", ""
	if s.Wrong != "" {
		invalid, by = "true", "saved-wrong"
		why = wrong(by, s.Wrong)
	}
	return float("right saved", "Saved views",
		menuHead("Saved views", "saved-back", send),
		posted("joined", send, SavedGiven{}, nil,
			input(IDSavedName, "text", "field", attrs{"aria-label", "Name for this view", "autocomplete", "off", "placeholder", "Name this view",
				"aria-invalid", invalid, "aria-describedby", by}),
			submit("btn primary", "Save")),
		why,
		list,
	)
}

func (s *Saved) row(i int, v *SavedView, send Send) []app.UI {
	switch i + 1 {
	case s.Renaming:
		return []app.UI{posted("joined grow", send, SavedRenamed{i}, nil,
			input(IDRename, "text", "field", attrs{"aria-label", "New name of " + v.Name, "autocomplete", "off"}).Attr("value", v.Name),
			submit("btn", "Rename"),
			worded("btn quiet", "Cancel", send, SavedLeft{}),
		)}
	case s.Dropping:
		return []app.UI{
			txt("span", "grow ellipsis saved-ask", "Delete “"+v.Name+"”?"),
			worded("btn quiet", "Keep", send, SavedLeft{}),
			worded("btn danger", "Delete", send, SavedDropped{i}),
		}
	}
	here := v.URL == s.Here
	return []app.UI{
		button("menu-row grow", send, SavedOpened{i}, attrs{"title", v.URL, "aria-current", when(here, "page")},
			icon("star"), txt("span", "grow ellipsis", v.Name), iff(here, icon("check"))),
		pictured("btn icon quiet", "pen", "Rename "+v.Name, "Rename", send, SavedRenameAsked{i}),
		pictured("btn icon quiet", "close", "Delete "+v.Name, "Delete", send, SavedDropAsked{i}),
	}
}
