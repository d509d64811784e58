package part

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/exception"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/shape"
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/app/wire"
)

const (
	aMail   = "zebedee@planted.example"
	anIP    = "203.0.113.199"
	aUser   = "zebedee-user"
	aSecret = "feedfacefeedfacefeedfacefeed0001"
)

func personal() logs.Entry {
	return logs.Entry{
		ID: "1", Src: "algolia/eu/APP", Time: noon, Summary: `POST query products "` + aMail + `" 0 hits`, Item: "products",
		Fields: logs.Fields{{Name: "ip", Value: anIP}, {Name: "index", Value: "products"}, {Name: "user_token", Value: aUser}, {Name: "url", Value: "/1/indexes/products/query"}},
		Raw: json.RawMessage(`{"method":"POST","ip":"` + anIP + `","index":"products","url":"/1/indexes/products/query?x-algolia-api-key=` + aSecret + `","query_body":"{\"params\":\"query=` + aMail +
			`&userToken=` + aUser + `\"}","query_headers":"Host: x\nX-Algolia-API-Key: ` + aSecret + `\nX-Forwarded-For: ` + anIP + `\n","answer":"{\"hits\":[{\"email\":\"` + aMail + `\"}]}"}`),
	}
}

// shows tells which of what was planted stands in a text.
func shows(text string) (out []string) {
	for _, s := range []string{aMail, anIP, aUser, aSecret} {
		if strings.Contains(text, s) {
			out = append(out, s)
		}
	}
	return out
}

func TestDetails_MaskUntilRevealed(t *testing.T) {
	e := personal()
	d := panelOf(e)
	d.State = d.State.On(e, d.Lens)
	html := markup(d.UI(ignore))
	if got := shows(html); got != nil {
		t.Errorf("the panel shows %q", got)
	}
	if !strings.Contains(html, "values are masked · ") || !strings.Contains(html, "Reveal") {
		t.Error("the panel does not say that something is masked")
	}
	for _, what := range []string{"raw", "curl", "field:ip", "field:user_token", "block:query_headers", "block:query_body", "block:answer"} {
		text := d.Copy(what)
		if got := shows(text); got != nil || text == "" {
			t.Errorf("a copy of %s shows %q: %q", what, got, text)
		}
	}
	for _, f := range Fields(e, "", d.Lens) {
		if a := fieldValue(e, f); f.Name == "user_token" && (a.text != aUser || a.field != f.Name) {
			t.Errorf("a filter for the user would be %s:%s", a.field, a.text)
		}
	}

	d.Lens.Reveal = true
	html = markup(d.UI(ignore))
	if got := shows(html); len(got) != 3 {
		t.Errorf("revealed, the panel shows %q", got)
	}
	if !strings.Contains(html, "Personal data is shown") || d.Copy("field:ip") != anIP {
		t.Error("the panel does not say that personal data is shown, or a copy masks it")
	}
	if strings.Contains(d.Copy("raw"), aSecret) || strings.Contains(d.Copy("curl"), aSecret) {
		t.Error("revealed, a copy holds a credential")
	}
}

func TestLens_PartsShowNothingPlanted(t *testing.T) {
	facets := Facets{Open: true, Facets: []viewer.Facet{
		{Field: "ip", Title: "IP", Values: []viewer.FacetValue{{Value: anIP, Label: anIP, Count: 3, Vendor: -1, Chosen: true}}},
		{Field: "user_token", Title: "User token", Values: []viewer.FacetValue{{Value: aUser, Label: aUser, Count: 3, Vendor: -1, Excluded: true}}},
	}}
	pills := Pills{Pills: []viewer.Pill{
		{Text: "-ip:" + anIP, Field: "ip", Values: []string{anIP}, Negated: true}, {Text: "user_token:(" + aUser + " OR x)", Field: "user_token", Values: []string{aUser, "x"}},
		{Text: `"` + aMail + `"`},
	}}
	card := exception.Card{Type: "ValueError", Value: "no mail to " + aMail, Fingerprint: "0123456789", Count: 2, Messages: []exception.Count{{Name: "from " + anIP, N: 2}}}
	a := personal()
	b := a
	b.ID, b.Summary = "2", "other "+aMail
	for name, html := range map[string]string{
		"facets":   markup(facets.UI(ignore)),
		"pills":    markup(pills.UI(ignore)),
		"requests": markup(RequestsDialog{Requests: []wire.Request{{Src: "a", Curl: "curl https://x/?q=" + aMail}}}.UI(ignore)),
		"cards":    markup(Exceptions{Cards: []exception.Card{card}, Zone: time.UTC, Now: noon}.UI(ignore)),
		"compare":  drawCompare(CompareEntries(redact.Lens{}, a, b, pause), CompareState{same: map[string]bool{"raw": true, "fields": true}}),
		"shapes":   markup(Shapes{Zero: []shape.Text{{Text: aMail, N: 2}}, Texts: 1, Groups: []*shape.Group{{Zero: 1, Counted: 1}}, URL: func(*shape.Group) string { return "" }, ZeroURL: func(string, bool) string { return "" }}.UI(ignore)),
		"passport": markup(Passport{URI: "https://x.example/" + aMail, Zone: time.UTC, Now: noon}.UI(ignore)),
		"timeline": markup((&Timeline{Zone: time.UTC, Stories: []Story{{Steps: []Step{{Summary: "by " + aMail, Missing: []string{"no call of " + anIP}}, {From: []StepLink{{Why: "both hold " + aMail}}}}}}, Chosen: -1, Lanes: []TimelineLane{{}}}).UI(ignore)),
	} {
		if got := shows(html); got != nil {
			t.Errorf("%s: shows %q", name, got)
		}
		if !strings.Contains(html, "[e-mail ") && !strings.Contains(html, "[ip ") {
			t.Errorf("%s: nothing tells of what is masked: %s", name, html)
		}
	}
}

func TestSearch_OffersTagsOfMaskedValues(t *testing.T) {
	for text, want := range map[string]bool{"user_token:": true, "level:error -user_token:(x OR ": true, "level:error ": false} {
		s := Search{Box: SearchBox{text: text, Offers: []query.Completion{{From: len(text), To: len(text), Text: "zebra", Label: "zebra"}}}}
		if html := markup(s.UI(ignore)); strings.Contains(html, "[user ") != want || strings.Contains(html, "zebra") == want {
			t.Errorf("behind %q: %s", text, html)
		}
	}
}

func TestTools_SayThatPersonalDataIsShown(t *testing.T) {
	masked, shown := markup(Tools{}.UI(nil, ignore)), markup(Tools{Lens: redact.Lens{Reveal: true}}.UI(nil, ignore))
	if !strings.Contains(masked, "Masked") || strings.Contains(masked, "Revealed") {
		t.Error("the switch does not say that data is masked")
	}
	if !strings.Contains(shown, "Revealed") || !strings.Contains(shown, "tool revealed") {
		t.Error("the switch does not say that data is shown")
	}
}
