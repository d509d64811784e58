package part

import "github.com/maxence-charriere/go-app/v9/pkg/app"

// What most of a page is made of. A chain of go-app's methods says the same, in
// several times the code: this file is there for the size of the download.

// el is an element with children; nil ones are left out.
func el(tag, class string, kids ...app.UI) app.UI {
	return app.Elem(tag).Class(class).Body(kids...)
}

// txt is an element with text.
func txt(tag, class, text string) app.UI {
	return app.Elem(tag).Class(class).Text(text)
}

// group is what belongs together, with what it is called aloud.
func group(class, label string, kids ...app.UI) app.UI {
	return app.Div().Class(class).Role("group").Aria("label", label).Body(kids...)
}

// press is a button that sends msg. What it shows is up to the caller.
func press(class string, send Send, msg any) app.HTMLButton {
	return app.Button().Type("button").Class(class).OnClick(send.on(msg))
}
