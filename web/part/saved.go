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
		rows = append(rows, app.Li().Class("saved-row").Body(s.row(i, v, send)...))
	}
	list := app.UI(app.Ul().Class("menu-rows saved-rows").Aria("label", "Saved views").Body(rows...))
	if len(rows) == 0 {
		list = app.P().Class("mut saved-none").Text("No view is saved in this browser yet. A saved view keeps targets, filter, time and columns.")
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
			app.Button().Type("button").Class("btn quiet").OnClick(send.on(SavedLeft{})).Text("Cancel"),
		)}
	case s.Dropping:
		return []app.UI{
			app.Span().Class("grow ellipsis saved-ask").Text("Delete “" + v.Name + "”?"),
			app.Button().Type("button").Class("btn quiet").OnClick(send.on(SavedLeft{})).Text("Keep"),
			app.Button().Type("button").Class("btn danger").OnClick(send.on(SavedDropped{i})).Text("Delete"),
		}
	}
	here := v.URL == s.Here
	open := app.Button().Type("button").Class("menu-row grow").Title(v.URL).OnClick(send.on(SavedOpened{i})).Body(
		icon("star"), app.Span().Class("grow ellipsis").Text(v.Name), iff(here, icon("check")),
	)
	if here {
		open = open.Aria("current", "page")
	}
	return []app.UI{
		open,
		app.Button().Type("button").Class("btn icon quiet").Aria("label", "Rename "+v.Name).Title("Rename").OnClick(send.on(SavedRenameAsked{i})).Body(icon("pen")),
		app.Button().Type("button").Class("btn icon quiet").Aria("label", "Delete "+v.Name).Title("Delete").OnClick(send.on(SavedDropAsked{i})).Body(icon("close")),
	}
}
