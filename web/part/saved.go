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
	var rows []app.UI
	for i, v := range s.Views {
		rows = append(rows, el("li", "saved-row", s.row(i, v, send)...))
	}
	list := app.UI(app.Ul().Class("menu-rows saved-rows").Aria("label", "Saved views").Body(rows...))
	if len(rows) == 0 {
		list = txt("p", "mut saved-none", "No view is saved in this browser yet. A saved view keeps targets, filter, time and columns.")
	}
	in := app.Input().ID(IDSavedName).Type("text").Class("field").Aria("label", "Name for this view").Attr("autocomplete", "off").Placeholder("Name this view")
	var wrong app.UI
	if s.Wrong != "" {
		in = in.Aria("invalid", "true").Aria("describedby", "saved-wrong")
		wrong = app.P().ID("saved-wrong").Class("help err").Role("alert").Text(Sentence(s.Wrong))
	}
	return app.Div().Class("float menu right saved").Role("dialog").Aria("label", "Saved views").Body(
		menuHead("Saved views", "saved-back", send),
		app.Form().Class("joined").OnSubmit(send.submit(SavedGiven{})).Body(in, app.Button().Type("submit").Class("btn primary").Text("Save")),
		wrong,
		list,
	)
}

func (s Saved) row(i int, v SavedView, send Send) []app.UI {
	switch i + 1 {
	case s.Renaming:
		return []app.UI{app.Form().Class("joined grow").OnSubmit(send.submit(SavedRenamed{i})).Body(
			app.Input().ID(IDRename).Type("text").Class("field").Aria("label", "New name of "+v.Name).Attr("autocomplete", "off").Value(v.Name),
			app.Button().Type("submit").Class("btn").Text("Rename"),
			press("btn quiet", send, SavedLeft{}).Text("Cancel"),
		)}
	case s.Dropping:
		return []app.UI{
			txt("span", "grow ellipsis saved-ask", "Delete “"+v.Name+"”?"),
			press("btn quiet", send, SavedLeft{}).Text("Keep"),
			press("btn danger", send, SavedDropped{i}).Text("Delete"),
		}
	}
	here := v.URL == s.Here
	open := press("menu-row grow", send, SavedOpened{i}).Title(v.URL).Body(
		icon("star"), txt("span", "grow ellipsis", v.Name), iff(here, icon("check")),
	)
	if here {
		open = open.Aria("current", "page")
	}
	return []app.UI{
		open,
		press("btn icon quiet", send, SavedRenameAsked{i}).Aria("label", "Rename "+v.Name).Title("Rename").Body(icon("pen")),
		press("btn icon quiet", send, SavedDropAsked{i}).Aria("label", "Delete "+v.Name).Title("Delete").Body(icon("close")),
	}
}
