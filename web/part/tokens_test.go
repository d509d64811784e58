package part

import (
	"testing"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

func TestTokens_AsDrawn(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	tok := wire.Token{ID: "t1", Label: "nightly <b>", Last: "8rIQ", Created: now.Add(-time.Hour), Expires: now.Add(90*24*time.Hour - time.Minute), Used: now.Add(-2 * time.Minute)}
	send := Send(func(app.Context, any) {})
	row := TokenRow{Token: tok, Names: []string{"Algolia APP", "Coveo org"}, Now: now}
	asked := row
	asked.Asking, asked.Busy, asked.Err = true, true, fault.New(fault.Unavailable, "").Saying("not now")
	golden(t, "token-list", Tokens([]app.UI{row.UI(send), asked.UI(send)}))
	golden(t, "token-none", Tokens(nil))
	tok.Token = "lgp_x8rIQ"
	made := TokenMade{Token: tok, Curl: "curl …", Does: "reads the last hour of Algolia APP", Copied: CopiedToken, Failed: CopiedCurl}
	golden(t, "token-made", made.UI(send))
	form := TokenForm{
		Conns:  []wire.Connection{{ID: "c1", Vendor: "algolia", Region: "eu", Account: "APP"}, {ID: "c2", Vendor: "coveo", Region: "demo", Account: "org", Demo: true}},
		Titles: []string{"Algolia", "Coveo"}, Regions: []string{"Europe", "Demo"}, Off: []string{"c2"}, Missing: "label",
	}
	golden(t, "token-form", form.UI(send))
}
