//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/redact"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// lens is what the page shows through while personal data is masked.
func (b *tab) lens() redact.Lens {
	b.t.Helper()
	var vs wire.Vendors
	b.api(wire.PathVendors, &vs)
	key, err := strconv.ParseUint(vs.MaskKey, 16, 64)
	if err != nil || key == 0 {
		b.t.Fatalf("the key of tags is %q: %v", vs.MaskKey, err)
	}
	return redact.Lens{Key: key}
}

// What is planted with the vendors: personal data, and credentials.
var (
	plantedData = []string{
		"zebedee@planted.example", "zebedee%40planted.example", "203.0.113.199", "2001:db8:7e57::be77", "zebedee-user", "Zebedee Quux", "7 Quux Lane", "Quuxham", "QX1 2ZB", "5550199",
	}
	plantedKeys = []string{"feedfacefeedfacefeedfacefeed0001", "feedfacefeedfacefeedfacefeed0002", "zebedee-password", "sk_live_Zebedee0123456789"}
)

// plant has each of three vendors log an entry, and returns what is in their summaries.
func plant(t *testing.T, sim *simulate.Server) (summaries map[string]string) {
	t.Helper()
	body, err := json.Marshal(`{"id":"evt_1","customer":{"name":"Zebedee Quux","email":"zebedee@planted.example","id":"zebedee-user"},` +
		`"shipping_address":{"first_name":"Zebedee Quux","line_1":"7 Quux Lane","city":"Quuxham","postcode":"QX1 2ZB","phone_number":5550199},"api_key":"` + plantedKeys[0] + `","password":"zebedee-password"}`)
	if err != nil {
		t.Fatal(err)
	}
	for vendor, raw := range map[string]string{
		"algolia": `{"method":"POST","answer_code":"200","query_body":"{\"params\":\"query=zebedee%40planted.example&userToken=zebedee-user\"}","answer":"{\"hits\":[],\"nbHits\":0}","query_nb_hits":"0",` +
			`"url":"/1/indexes/products/query?x-algolia-application-id=APP&x-algolia-api-key=` + plantedKeys[0] + `","ip":"203.0.113.199","index":"products","processing_time_ms":"7",` +
			`"query_headers":"Host: x\nX-Algolia-API-Key: ` + plantedKeys[1] + `\nX-Algolia-UserToken: zebedee-user\nX-Forwarded-For: 203.0.113.199, 2001:db8:7e57::be77\n","inner_queries":[{"index_name":"products","user_token":"zebedee-user"}]}`,
		"elasticpath": `{"type":"integration-log","succeeded":false,"attempt":1,"processing_time":0.1,"status_code":500,"body":` + string(body) +
			`,"error_detail":"could not notify zebedee@planted.example with sk_live_Zebedee0123456789","relationships":{"integration":{"data":{"type":"integration","id":"8edd44ef-1856-4456-90ec-d9fab8a25049"}}}}`,
		"deepset/production/rag-prod": `{"message":"Query of zebedee@planted.example from 203.0.113.199 failed","level":"error","extra_fields":{"user_id":"zebedee-user","_logger":"x"}}`,
	} {
		if err := sim.Append(vendor, json.RawMessage(raw)); err != nil {
			t.Fatal(err)
		}
	}
	return map[string]string{"algolia": "POST", "elasticpath": "could not notify", "deepset": "Query of"}
}

// watches has the page note which words ever were in it, be it for a moment.
func (b *tab) watches(words []string) {
	b.t.Helper()
	list, err := json.Marshal(words)
	if err != nil {
		b.t.Fatal(err)
	}
	script := `(() => {
		const words = ` + string(list) + `, seen = window.plantedSeen = new Set();
		const look = (text) => { for (const w of words) if (text && text.includes(w)) seen.add(w); };
		new MutationObserver((all) => {
			for (const m of all) {
				look(m.type === "attributes" ? m.target.getAttribute(m.attributeName) : m.target.textContent);
				for (const n of m.addedNodes) look(n.outerHTML ?? n.textContent);
			}
		}).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
	})()`
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
}

// seen returns which of the watched words ever were in the page, or are in a field.
func (b *tab) seen(words []string) []string {
	b.t.Helper()
	list, err := json.Marshal(words)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	b.eval(`(() => {
		const now = document.documentElement.outerHTML + document.title + [...document.querySelectorAll("input, textarea")].map((e) => e.value).join("\n");
		return `+string(list)+`.filter((w) => window.plantedSeen.has(w) || now.includes(w));
	})()`, &out)
	return out
}

func TestE2EMask_PersonalDataUntilRevealed(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "algolia", "elasticpath", "deepset")
	begin := plant(t, sim)
	b.watches(append(append([]string(nil), plantedData...), plantedKeys...))
	b.visit(logsOf(src, "cols", "time,ip,user_token,user_id,summary"))
	b.loaded()
	var words []string // what the vendors' own stories hold
	for _, e := range b.entries() {
		for _, name := range [...]string{"ip", "user_token"} {
			if text := e.Fields.Text(name); text != "" && !strings.Contains(text, ",") {
				words = append(words, text)
			}
		}
	}
	if len(words) < 10 {
		t.Fatalf("only %d addresses and users are in what the vendors log", len(words))
	}

	rows := map[string]string{}
	for vendor, summary := range begin {
		for _, r := range b.table().Rows {
			if rows[vendor] == "" && strings.Contains(r.Text, summary) && (strings.Contains(r.Text, "[e-mail ") || vendor != "algolia") {
				rows[vendor] = r.ID
			}
		}
		if rows[vendor] == "" {
			t.Fatalf("no row of %s says %q with an e-mail address masked: %+v", vendor, summary, b.table().Rows)
		}
	}
	for vendor, id := range rows {
		b.clickRow(id)
		_, text := b.details(id)
		if !strings.Contains(text, "values are masked") {
			t.Errorf("%s: the panel does not say that values are masked: %.300s", vendor, text)
		}
		raw := b.copied("Copy raw")
		for _, w := range append(plantedData, plantedKeys...) {
			if strings.Contains(raw, w) {
				t.Errorf("%s: a copy holds %q: %s", vendor, w, raw)
			}
		}
	}
	if got := b.seen(append(append(words, plantedData...), plantedKeys...)); len(got) > 0 {
		t.Errorf("the page shows %q", got)
	}

	// Deliberately shown, in sight and in copies; credentials never are.
	b.clickRow(rows["elasticpath"])
	b.details(rows["elasticpath"])
	b.click("button", "Reveal")
	b.one(0, "button", "Personal data is shown in this tab. Mask it again")
	b.sees("zebedee@planted.example", "Revealed")
	raw := b.copied("Copy raw")
	if !strings.Contains(raw, "zebedee@planted.example") || !strings.Contains(raw, "7 Quux Lane") || strings.Contains(raw, plantedKeys[0]) || strings.Contains(raw, "zebedee-password") {
		t.Errorf("revealed, a copy holds %s", raw)
	}
	b.clickRow(rows["algolia"])
	_, text := b.details(rows["algolia"])
	if !strings.Contains(text, "203.0.113.199") || !strings.Contains(text, "zebedee-user") {
		t.Errorf("revealed, the panel says %s", text)
	}
	if got := b.seen(plantedKeys); len(got) > 0 {
		t.Errorf("revealed, the page shows the credentials %q", got)
	}
	if at := b.address().String(); strings.Contains(at, "reveal") {
		t.Errorf("the address says that personal data is shown: %s", at)
	}

	// Off again with one click, and after a reload.
	b.click("button", "Personal data is shown in this tab. Mask it again")
	b.one(0, "button", "Personal data is masked. Show it in this tab")
	b.press(kb.Escape)
	b.run(chromedp.Reload())
	b.loaded()
	if got := b.seen(append(append(words, plantedData...), plantedKeys...)); len(got) > 0 {
		t.Errorf("after a reload the page shows %q", got)
	}
}

// Who chooses a masked value filters by what it stands for.
func TestE2EMask_FilterByAMaskedValue(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "algolia")
	plant(t, sim)
	b.visit(logsOf(src, "cols", "time,ip,summary"))
	b.loaded()
	id := b.table().Rows[0].ID
	b.clickRow(id)
	fields, _ := b.details(id)
	want := b.lens().Field("ip", "203.0.113.199")
	if got := fields["ip"]; len(got) == 0 || got[0] != want {
		t.Fatalf("the field ip shows %q, want %q", got, want)
	}
	common := b.one(0, "region", "Common fields")
	b.clickIn(common.id, "button", "ip: actions")
	b.clickIn(common.id, "button", "Only this ip")
	b.pill("ip:"+want, "")
	b.loaded()
	var all []logs.Entry
	for _, e := range b.entries() {
		if e.Fields.Text("ip") != "203.0.113.199" {
			t.Errorf("the filter keeps an entry of %s", e.Fields.Text("ip"))
		}
		all = append(all, e)
	}
	if len(all) == 0 || b.table().Rows[0].ID != id {
		t.Errorf("the filter keeps %d entries", len(all))
	}
}
