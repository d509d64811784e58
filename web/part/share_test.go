package part

import (
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

func TestShare_Markup(t *testing.T) {
	golden(t, "share-closed", (&Share{}).anchored(false, ignore))
	golden(t, "share", (&Share{
		Exact: "21 Nov 2026 11:45 to 21 Nov 2026 12:00, Europe/Paris", Moving: "Last 15 minutes, whenever it is opened",
		Warn: []string{"The filter holds an e-mail address; it will be in the link.", "Algolia deletes these on 28 Nov."},
	}).anchored(true, ignore))
	golden(t, "share-fixed", (&Share{Exact: "21 Nov 2026 11:45 to 21 Nov 2026 12:00, UTC"}).anchored(true, ignore))
}

func TestStand_Markup(t *testing.T) {
	golden(t, "stand-refused", (&Stand{
		Sign: "lock", Head: "Your connection may not read this", Text: `This API key lacks the ACL "logs".`, Said: "Method not allowed <b>with this</b> API key",
		Facts: []Field{{Name: "Account", Value: "Algolia, account APP (Europe)"}}, Acts: []StandAct{{"Try again", ActionGiven{viewer.ActReload}}}, Shut: NoticesClosed{},
	}).UI(ignore))
	vendors := []wire.Vendor{{Name: "algolia", Title: "Algolia", Account: wire.Field{Name: "account", Label: "Application ID"}, Regions: []wire.Region{{Name: "eu", Label: "Europe"}, {Name: "us", Label: "US"}},
		Credentials: []wire.Field{{Name: "api_key", Label: "API key", Secret: true}}, Needs: "An API key"}}
	golden(t, "stand-connect", (&Stand{
		Sign: "key", Head: "Connect Algolia to see this", Text: "This view reads Algolia.", Form: &Form{Vendors: vendors, Vendor: "algolia", Region: "eu", Account: "APP", Only: true},
	}).UI(ignore))
}

func TestDetails_CopyMenu(t *testing.T) {
	d := Details{Entry: logs.Entry{ID: "1", Src: "algolia/eu/APP", Time: time.Date(2026, 11, 21, 2, 14, 0, 0, time.UTC), Raw: []byte(`{"n":1}`)}, Zone: time.UTC}
	draw := func() string { return app.HTMLString(d.copyMenu(d.told(), ignore)) }
	html := draw()
	for _, want := range []string{"Link to this entry", ">JSON<", ">Text<", ">Markdown<", "cURL of the log call", `aria-label="Copy this entry"`, `role="menu"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	if strings.Contains(html, "logged request") || strings.Contains(html, "deletes") {
		t.Errorf("of an entry that is no call, at a vendor that does not say how long it keeps entries: %s", html)
	}
	d.Gone = "Algolia deletes this on 28 Nov."
	for _, what := range []string{CopiedEntry, CopiedJSON, CopiedText, CopiedMD, CopiedCall} {
		d.Copied, d.Failed = what, ""
		if html := draw(); !strings.Contains(html, `aria-label="Copied"`) || !strings.Contains(html, d.Gone) {
			t.Errorf("%s: %s", what, html)
		}
		d.Copied, d.Failed = "", what
		if html := draw(); !strings.Contains(html, "The browser refused to copy") {
			t.Errorf("%s refused: %s", what, html)
		}
	}
	d.Copied = "field:id"
	if html := draw(); strings.Contains(html, `aria-label="Copied"`) {
		t.Error("a field that was copied is told as the entry")
	}
}
