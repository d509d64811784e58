package part

import (
	"github.com/logpane/logpane/app/redact"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// RevealChosen says whether personal data is to be shown.
type RevealChosen struct{ On bool }

// lensTool is the switch among the tools of the table. While personal data is shown
// it says so, and one click covers it again.
func lensTool(l redact.Lens, send Send) app.UI {
	class, picture, word, says := "tool", "masked", "Masked", "Personal data is masked. Show it in this tab"
	if l.Reveal {
		class, picture, word, says = "tool revealed", "eye", "Revealed", "Personal data is shown in this tab. Mask it again"
	}
	return button(class, send, RevealChosen{!l.Reveal}, attrs{"aria-pressed", yes(l.Reveal), "aria-label", says, "title", says}, icon(picture), txt("span", "tool-word", word))
}

// covered says how many values of the entry are masked, and offers to show them.
func (d *Details) covered(t *told, send Send) app.UI {
	if d.Lens.Reveal {
		return el("p", "lens-says shown", icon("eye"), app.Text("Personal data is shown · "), worded("link", "Mask it", send, RevealChosen{}))
	}
	n := t.tags()
	if n == 0 {
		return nil
	}
	are := " values are masked · "
	if n == 1 {
		are = " value is masked · "
	}
	return el("p", "lens-says", icon("masked"), app.Text(Count(n)+are), worded("link", "Reveal", send, RevealChosen{true}))
}
