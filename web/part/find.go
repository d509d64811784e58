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
		return hidden("div", "findbar")
	}
	off := yes(f.Count == 0)
	step := func(sign, says, key string, msg any) app.UI {
		return button("btn icon quiet", send, msg, attrs{"aria-label", says, "title", says + " (" + key + ")", "disabled", off}, icon(sign))
	}
	const label = "Find in the loaded rows"
	return el("div", "findbar",
		posted("", send, viewer.FindStepped{}, attrs{"role", "search", "aria-label", label},
			icon("search"),
			field(IDFindText, label, label, send, "autocapitalize", "off", "enterkeyhint", "next"),
			elem("span", "find-count"+when(f.Text != "" && f.Count == 0 && f.Done, " err"), attrs{"aria-live", "polite"}, app.Text(f.said())),
		),
		step("prev", "Previous match", "Shift+Enter", viewer.FindStepped{Back: true}),
		step("down", "Next match", "Enter", viewer.FindStepped{}),
		pictured("btn icon quiet", "close", "Close the find bar", "Close (Esc)", send, viewer.FindClosed{}),
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
