package part

import (
	"github.com/logpane/logpane/app/fault"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the way out reports.
type (
	LogoutAsked struct{} // once more, before it is done
	LogoutGiven struct{} // yes
	LogoutLeft  struct{} // no
)

// Logout is the way out of the session, below the connections that it forgets.
type Logout struct {
	Asking bool
	Busy   bool
	Err    *fault.Error
}

// UI draws the button, with the way to the access tokens beside it, or the question.
func (l Logout) UI(send Send) app.UI {
	if l.Asking {
		return group("card-foot ask", "Log out?",
			txt("span", "grow", "The server forgets all these connections, and live ends in every tab. To come back you enter the credentials again. Access tokens keep working."),
			worded("btn", "Stay", send, LogoutLeft{}),
			worded("btn danger", "Log out", send, LogoutGiven{}).Attr("disabled", l.Busy),
			Fault{Err: l.Err, Small: true}.UI(send),
		)
	}
	return el("div", "card-foot",
		link("btn quiet", "/tokens", "", icon("key"), app.Text("Access tokens for scripts")),
		grow(),
		worded("btn quiet", "Log out", send, LogoutAsked{}),
	)
}
