// Package part draws the pieces of the pages: values in, markup out, events up.
// A part is a plain struct with a UI method. It keeps no state, so what is on
// the screen follows from what the page put in:
//
//	part.Card{Conn: c, Title: "Algolia", Now: now}.UI(p.on)
//
// Events go up as values: the page has one [Send] function, and each part names
// what happened with a small type of its own (CardOpened, ForgetAsked …), which
// makes a page testable without a browser. Parts are not go-app components,
// except where a page must not redraw them with itself.
//
// A part must not load anything, know an address of the API, touch JavaScript
// values, use Style (the page's policy refuses inline styles), or show vendor
// text as anything but text.
package part

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// Send is the function of a page that takes what happened in its parts. It is
// called on the UI goroutine.
type Send func(ctx app.Context, msg any)

// on returns the handler that sends msg, and the scope that tells go-app it
// apart from the handlers of other messages: it compares functions by their
// code alone, and would keep the first one for ever.
func (s Send) on(msg any) (app.EventHandler, any) {
	return func(ctx app.Context, e app.Event) { s(ctx, msg) }, fmt.Sprintf("%T%v", msg, msg)
}

// submit is on for a form: the browser does not send it as well.
func (s Send) submit(msg any) (app.EventHandler, any) {
	return func(ctx app.Context, e app.Event) {
		e.PreventDefault()
		s(ctx, msg)
	}, fmt.Sprintf("%T%v", msg, msg)
}

// inside is on for what stands inside of something that takes clicks itself.
func (s Send) inside(msg any) (app.EventHandler, any) {
	return func(ctx app.Context, e app.Event) {
		e.StopImmediatePropagation()
		s(ctx, msg)
	}, fmt.Sprintf("%T%v", msg, msg)
}

// Typed says that the text of the field with that id changed. The page reads
// it from the document: what is a secret stays there until it is sent.
type Typed struct{ ID string }

// icon is a picture from the style sheet. It says nothing to a screen reader.
func icon(name string) app.UI {
	return mute("i", "i i-"+name)
}

// Mark is the letter by which a vendor is told from the others.
func Mark(title string) app.UI {
	letter := "?"
	for _, r := range title {
		letter = string(r)
		break
	}
	return mute("span", "mark", app.Text(letter))
}

// demoMark says that what it stands beside is simulated.
func demoMark() app.UI {
	return tip("demo", "Simulated data, no real account", "DEMO")
}
