package part

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// What the page of access tokens reports. ID is a token's.
type (
	TokenGiven  struct{}            // the form was sent
	TokenScoped struct{ ID string } // a connection, on or off
	TokenSeen   struct{}            // the new token was put somewhere safe
	RevokeAsked struct{ ID string } // once more, before it is done
	RevokeGiven struct{ ID string } // yes
	RevokeLeft  struct{ ID string } // no
)

// Ids of what the page reads, or gives the keyboard.
const (
	IDTokenLabel = "token-label"
	IDTokenDays  = "token-days"
	IDTokenMade  = "token-copy"
)

// What of the Copied event of a new token.
const (
	CopiedToken = "token"
	CopiedCurl  = "token-curl"
)

// TokenMade is a token that was made a moment ago, with its text, which cannot be
// shown again.
type TokenMade struct {
	Token  wire.Token
	Curl   string // a command that uses it, by a variable
	Does   string // what the command does
	Copied string // What of the last Copied that worked, for a moment
	Failed string // and of the one that did not
}

// UI shows it.
func (m *TokenMade) UI(send Send) app.UI {
	copier := func(id, what, label string) app.UI {
		picture, text := "copy", "Copy"
		switch what {
		case m.Copied:
			picture, text = "check", "Copied"
		case m.Failed:
			picture, text = "alert", "Not copied: select it"
		}
		return button("btn", send, Copied{what}, attrs{"id", id, "aria-label", text + ", " + label}, icon(picture), txt("span", "", text))
	}
	return aloud("section", "token-new", "", "Your new token",
		el("h2", "", icon("key"), app.Text("Your new token for “"+m.Token.Label+"”")),
		el("div", "token-line",
			elem("code", "token-text", attrs{"tabindex", "0", "aria-label", "Token"}, app.Text(m.Token.Token)),
			copier(IDTokenMade, CopiedToken, "the token"),
		),
		el("p", "token-once", icon("alert"), txt("span", "", "Put it where your script finds it, for example in a secret of your pipeline. You will not see it again: logpane keeps only a fingerprint.")),
		el("div", "token-try",
			txt("p", "mut", "With the token in $LOGPANE_TOKEN this "+m.Does+":"),
			el("div", "token-line",
				elem("pre", "request-curl", attrs{"tabindex", "0", "role", "region", "aria-label", "Command"}, txt("code", "", m.Curl)),
				copier("", CopiedCurl, "the command"),
			),
		),
		el("p", "acts", worded("btn", "I have it", send, TokenSeen{})),
	)
}

// TokenForm makes a token.
type TokenForm struct {
	Conns   []wire.Connection
	Titles  []string // of their vendors
	Regions []string // as people call them
	Off     []string // ids of those that the token is not for
	Missing string   // "label" or "connections", where that must be filled first
	Busy    bool
	Err     *fault.Error
}

// tokenDays are the lifetimes to choose from.
var tokenDays = []struct {
	days int
	says string
}{{1, "1 day"}, {7, "7 days"}, {30, "30 days"}, {90, "90 days"}, {365, "1 year"}}

// UI draws the form.
func (f TokenForm) UI(send Send) app.UI {
	var rows, days nodes
	for i := range f.Conns {
		c := &f.Conns[i]
		var demo app.UI
		if c.Demo {
			demo = demoMark()
		}
		rows.add(el("li", "", el("label", "token-conn",
			check("checkbox", !slices.Contains(f.Off, c.ID), send, TokenScoped{c.ID}, "name", "token-conn", "value", c.ID, "disabled", yes(f.Busy)),
			el("span", "ellipsis", txt("b", "", f.Titles[i]), txt("span", "mut", " "+c.Account+" · "+f.Regions[i])),
			demo,
		)))
	}
	for _, d := range tokenDays {
		days.add(lettered("option", "", d.says, "value", strconv.Itoa(d.days), "selected", yes(d.days == wire.TokenDays)))
	}
	var noLabel, noConn app.UI
	if f.Missing == "label" {
		noLabel = wrong(IDTokenLabel+"-help", "Say what it is for, so that you know it again.")
	}
	if f.Missing == "connections" {
		noConn = wrong("", "Choose at least one.")
	}
	label := "Make token"
	if f.Busy {
		label = "Making it…"
	}
	return posted("form", send, TokenGiven{}, attrs{"autocomplete", "off", "novalidate", "true"},
		el("div", "form-row",
			elem("label", "", attrs{"for", IDTokenLabel}, app.Text("What it is for")),
			input(IDTokenLabel, "text", "field", attrs{"maxlength", strconv.Itoa(wire.MaxTokenLabel), "placeholder", "nightly export", "disabled", yes(f.Busy),
				"aria-invalid", when(f.Missing == "label", "true"), "aria-describedby", when(f.Missing == "label", IDTokenLabel+"-help")}),
			noLabel,
		),
		aloud("fieldset", "form-row token-scope", "", "",
			txt("legend", "", "Reads through"),
			el("ul", "", rows...),
			noConn,
		),
		el("div", "form-row token-days",
			elem("label", "", attrs{"for", IDTokenDays}, app.Text("Expires after")),
			elem("select", "field", attrs{"id", IDTokenDays, "disabled", yes(f.Busy)}, days...),
		),
		Fault{Err: f.Err}.UI(send),
		el("div", "form-acts", submit("btn primary big", label).Attr("disabled", f.Busy)),
		el("p", "where mut", icon("lock"),
			txt("span", "", "It holds a copy of these credentials as they are now, encrypted on this server. It reads logs and changes nothing. It keeps working after you log out or forget a connection, until it expires or is revoked.")),
	)
}

// TokenRow is one token in the list.
type TokenRow struct {
	Token  wire.Token
	Names  []string // of what it reads
	Now    time.Time
	Asking bool // whether to revoke it
	Busy   bool
	Err    *fault.Error
}

const (
	day  = 24 * time.Hour
	soon = 3 * day // before its end, a token is worth a warning
)

// UI draws it.
func (r TokenRow) UI(send Send) app.UI {
	t := &r.Token
	left := t.Expires.Sub(r.Now)
	ends := "expires in " + Length(left)
	if left >= 2*day {
		ends = "expires in " + Length(left.Round(day)) // 30 days are not 29 a moment later
	}
	class := ""
	switch {
	case left <= 0:
		ends, class = "expired", "err"
	case left < soon:
		class = "warn"
	}
	used := tip("", "", "never used")
	if !t.Used.IsZero() {
		used = tip("", tokenTime(t.Used), "used "+Age(r.Now, t.Used))
	}
	return elem("li", "card token", attrs{"data-id", t.ID},
		el("div", "card-head",
			el("div", "card-name",
				el("h3", "ellipsis", app.Text(t.Label)),
				txt("p", "mut", "Reads "+strings.Join(r.Names, ", ")),
			),
			elem("code", "token-last", attrs{"title", "The last four characters"}, app.Text("…"+t.Last)),
		),
		r.foot(send,
			el("p", "token-facts mut grow",
				tip("", tokenTime(t.Created), "made "+Age(r.Now, t.Created)),
				tip(class, tokenTime(t.Expires), ends),
				used,
			)),
		Fault{Err: r.Err, Small: true}.UI(send),
	)
}

func (r *TokenRow) foot(send Send, facts app.UI) app.UI {
	id, label := r.Token.ID, r.Token.Label
	if r.Asking {
		return group("card-foot ask", "Revoke the token "+label+"?",
			txt("span", "grow", "Scripts that use it are refused from now on, and exports that run end. There is no way back."),
			worded("btn", "Keep", send, RevokeLeft{id}).Attr("id", "keep-"+id),
			worded("btn danger", "Revoke", send, RevokeGiven{id}).Attr("disabled", r.Busy),
		)
	}
	return el("div", "card-foot", facts,
		worded("btn quiet", "Revoke", send, RevokeAsked{id}).Attr("id", "revoke-"+id).Attr("aria-label", "Revoke "+label))
}

func tokenTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// Tokens is the list of tokens.
func Tokens(rows []app.UI) app.UI {
	if len(rows) == 0 {
		return el("div", "token-none",
			icon("key"),
			el("div", "", txt("strong", "", "No tokens yet"), txt("p", "mut", "With one, a script, a cron job or a pipeline reads what you read here: every view is an address that answers in NDJSON, CSV, JSON or Markdown.")),
		)
	}
	return el("div", "block",
		el("ul", "token-list", rows...),
		txt("p", "foot mut", "Whoever is connected with one of a token's credentials sees it here and may revoke it."),
	)
}
