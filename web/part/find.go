package part

import (
	"github.com/logpane/logpane/app/viewer"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// FindBar finds text in the loaded rows without filtering them. The page gives it
// what the model says: part.FindBar(m.Find()).UI(send). Its text is Typed of
// IDFindText, and goes on as viewer.FindEdited.
type FindBar viewer.FindState

// UI draws the bar, or a hidden element while it is closed.
func (f FindBar) UI(send Send) app.UI {
	if !f.Open {
		return app.Div().Class("findbar").Hidden(true)
	}
	step := func(sign, says, key string, msg any) app.UI {
		return press("btn icon quiet", send, msg).Aria("label", says).Title(says + " (" + key + ")").Disabled(f.Count == 0).Body(icon(sign))
	}
	count := app.Span().Class("find-count").Aria("live", "polite")
	if f.Text != "" && f.Count == 0 && f.Done {
		count = count.Class("err")
	}
	return el("div", "findbar",
		app.Form().Role("search").Aria("label", "Find in the loaded rows").OnSubmit(send.submit(viewer.FindStepped{})).Body(
			icon("search"),
			app.Input().ID(IDFindText).Type("text").Class("field").Aria("label", "Find in the loaded rows").Attr("autocomplete", "off").Attr("autocapitalize", "off").
				Attr("spellcheck", "false").Attr("enterkeyhint", "next").Placeholder("Find in the loaded rows").OnInput(send.on(Typed{IDFindText})),
			count.Text(f.said()),
		),
		step("prev", "Previous match", "Shift+Enter", viewer.FindStepped{Back: true}),
		step("down", "Next match", "Enter", viewer.FindStepped{}),
		press("btn icon quiet", send, viewer.FindClosed{}).Aria("label", "Close the find bar").Title("Close (Esc)").Body(icon("close")),
	)
}

// said is "3 of 57", and "3 of 57+" while rows are still looked through.
func (f FindBar) said() string {
	n := Count(f.Count)
	if !f.Done {
		n += "+"
	}
	switch {
	case f.Text == "":
		return ""
	case f.Count == 0 && !f.Done:
		return "…"
	case f.Count == 0:
		return "None"
	case f.At > 0:
		return Count(f.At) + " of " + n
	case f.Count == 1 && f.Done:
		return "1 match"
	}
	return n + " matches"
}
