//go:build e2e

package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/simulate"
)

// downloads has the browser keep downloads in a folder of the test's, which it
// returns. Nobody is there to answer a dialog for a file: pages find none.
func (b *tab) downloads() string {
	b.t.Helper()
	dir := b.t.TempDir()
	all := process(b.t)
	var of *target.Info
	b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		of, err = target.GetTargetInfo().WithTargetID(chromedp.FromContext(ctx).Target.TargetID).Do(ctx)
		return err
	}))
	err := browser.SetDownloadBehavior(browser.SetDownloadBehaviorBehaviorAllow).WithBrowserContextID(of.BrowserContextID).WithDownloadPath(dir).
		Do(cdp.WithExecutor(all, chromedp.FromContext(all).Browser))
	if err != nil {
		b.t.Fatal(err)
	}
	b.atStart(`delete globalThis.showSaveFilePicker`)
	b.expect("blob:")
	return dir
}

// atStart has every page run a script before its own.
func (b *tab) atStart(script string) {
	b.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
		return err
	}))
}

// file waits until a download is complete, takes it out of its folder, and returns it.
func (b *tab) file(dir, end string) (text string) {
	b.t.Helper()
	b.until("a file *"+end, func() (bool, string) {
		files, _ := filepath.Glob(filepath.Join(dir, "*"+end))
		if len(files) != 1 {
			return false, fmt.Sprintf("%q; the page says %s", files, b.text())
		}
		body, err := os.ReadFile(files[0])
		if err != nil {
			return false, err.Error()
		}
		text = string(body)
		return os.Remove(files[0]) == nil, ""
	})
	return text
}

// export begins an export of what the dialog says.
func (b *tab) export(format string, more ...string) {
	b.t.Helper()
	b.click("button", "Export")
	for _, choice := range append([]string{format}, more...) {
		b.click("radio", choice+"*")
	}
	b.clickIn(b.one(0, "dialog", "Export").id, "button", "Export")
}

// exportLine is a line of NDJSON: an entry, or the end.
type exportLine struct {
	ID       string `json:"id"`
	When     string `json:"time"`
	End      bool   `json:"end"`
	Complete bool   `json:"complete"`
	Reason   string `json:"reason"`
	Entries  int    `json:"entries"`
	Masked   bool   `json:"masked"`
	Zone     string `json:"zone"`
}

// exportLines reads an NDJSON file: the entries, and the last line.
func exportLines(t *testing.T, text string) (entries []exportLine, end exportLine) {
	t.Helper()
	for line := range strings.Lines(text) {
		var l exportLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		entries = append(entries, l)
	}
	if len(entries) == 0 || !entries[len(entries)-1].End {
		t.Fatalf("the file does not end: …%q", text[max(0, len(text)-300):])
	}
	return entries[:len(entries)-1], entries[len(entries)-1]
}

// csvRows reads a CSV file of the page: after the mark that says how it is encoded.
func csvRows(t *testing.T, text string) [][]string {
	t.Helper()
	text, marked := strings.CutPrefix(text, "\ufeff")
	if !marked {
		t.Errorf("the file begins with %.20q, and not with a byte order mark", text)
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	return rows
}

// idsOf returns the ids of entries in order.
func idsOf(entries []logs.Entry) []string {
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].ID
	}
	slices.Sort(ids)
	return ids
}

func TestE2EExport_EveryMatchOnceMaskedAndInTheZone(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "algolia", "coveo")
	dir := b.downloads()
	b.visit(exported(src) + "&tz=Asia/Kathmandu")
	loaded := len(b.loaded().Rows)
	want := idsOf(b.entries())
	if len(want) < 10*loaded {
		t.Fatalf("%d entries match, of which %d are loaded", len(want), loaded)
	}

	b.click("button", "Export")
	b.sees("Everything that matches is exported, not only the 10", "Asia/Kathmandu (UTC+5:45)", "Algolia keeps the last 1,000 calls per server and no more.")
	b.press(kb.Escape)
	b.none("dialog", "Export")

	b.export("CSV", "All usual ones")
	rows := csvRows(t, b.file(dir, ".csv"))
	head := rows[0]
	var ids []string
	for _, r := range rows[1:] {
		ids = append(ids, r[slices.Index(head, "id")])
		if when := r[slices.Index(head, "time")]; !strings.HasSuffix(when, "+05:45") {
			t.Fatalf("an entry is of %q", when)
		}
	}
	if slices.Sort(ids); !slices.Equal(ids, want) {
		t.Errorf("the CSV has %d entries, want %d, each once", len(ids), len(want))
	}
	said := fmt.Sprintf("%d,%03d entries · complete", len(want)/1000, len(want)%1000)
	b.sees(said, "Personal data is masked in it.")

	b.click("button", "Export something else")
	b.click("radio", "NDJSON*")
	b.clickIn(b.one(0, "dialog", "Export").id, "button", "Export")
	text := b.file(dir, ".ndjson")
	entries, end := exportLines(t, text)
	ids = ids[:0]
	for i := range entries {
		ids = append(ids, entries[i].ID)
		if !strings.HasSuffix(entries[i].When, "+05:45") {
			t.Fatalf("an entry is of %q", entries[i].When)
		}
	}
	if slices.Sort(ids); !slices.Equal(ids, want) {
		t.Errorf("the NDJSON has %d entries, want %d, each once", len(ids), len(want))
	}
	if !end.Complete || end.Entries != len(want) || !end.Masked || end.Zone != "Asia/Kathmandu" {
		t.Errorf("it ends with %+v", end)
	}
	if !strings.Contains(text, `"ip":"[ip `) || strings.Contains(text, simulate.AlgoliaKey) {
		t.Error("it is not masked")
	}
	b.sees(said)

	b.click("button", "Export something else")
	b.click("radio", "Shown")
	b.clickIn(b.one(0, "dialog", "Export").id, "button", "Export")
	text = b.file(dir, ".ndjson")
	if _, end = exportLines(t, text); end.Masked || strings.Contains(text, `"ip":"[ip `) || strings.Contains(text, simulate.AlgoliaKey) {
		t.Errorf("with personal data it ends with %+v, or a credential is in it", end)
	}
	b.sees("Personal data is shown in it.")
}

// exported is the address of all that is there, as fixed as an export: what a moving
// span shows is another thing a second later.
func exported(src []string) string {
	return "/logs?src=" + strings.Join(src, ",") + "&from=" + time.Now().Add(-20*time.Hour).UTC().Format(time.RFC3339)
}

// slow has a vendor take its time, so that an export can be watched.
func slow(sim *simulate.Server, vendor string) {
	sim.Fault(vendor, simulate.Fault{DelayMS: 400})
}

func TestE2EExport_CanceledBesideTheTableKeepsWhatCame(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 6000}, "deepset")
	dir := b.downloads()
	b.visit(exported(src))
	b.loaded()
	all := len(b.entries())
	slow(sim, "deepset")
	b.export("NDJSON")
	b.one(0, "progressbar", "Stretch of time that was read")
	b.sees(" · back to ", "Canceling keeps what came.")
	b.holds("leaving to be warned of", `!dispatchEvent(new Event("beforeunload", {cancelable: true}))`)
	b.press(kb.Escape)
	b.none("dialog", "Export")
	b.types("level:error") // what is shown meanwhile is no matter of the export's
	b.press(kb.Enter)
	b.has("q", "level:error")
	chip := b.one(0, "group", "Export")
	b.sees("entries · ")
	b.clickIn(chip.id, "button", "Cancel")
	entries, end := exportLines(t, b.file(dir, ".ndjson"))
	if len(entries) == 0 || len(entries) >= all || end.Complete || end.Entries != len(entries) || end.Reason != "canceled by the reader" {
		t.Errorf("%d of %d entries, then %+v", len(entries), all, end)
	}
	b.sees("canceled, which the file says")
	b.holds("leaving to be free again", `dispatchEvent(new Event("beforeunload", {cancelable: true}))`)
	b.click("button", "Dismiss")
	b.none("group", "Export")
}

func TestE2EExport_AVendorThatFailsMidway(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 6000}, "deepset")
	dir := b.downloads()
	b.visit(exported(src))
	b.loaded()
	all := len(b.entries())
	slow(sim, "deepset")
	b.export("CSV")
	b.sees(" · back to ")
	sim.ClearFaults("deepset")
	sim.Fault("deepset", simulate.Fault{Status: http.StatusForbidden})
	rows := csvRows(t, b.file(dir, ".csv"))
	n := len(rows) - 2
	if last := rows[len(rows)-1][0]; n < 1 || n >= all || !strings.HasPrefix(last, "# incomplete: ") || !strings.Contains(last, "failed") {
		t.Errorf("%d of %d entries, then %q", n, all, last)
	}
	b.sees(" · incomplete", "The file says so at its end.")
	sim.ClearFaults("deepset")
	b.click("button", "Try again")
	if rows = csvRows(t, b.file(dir, ".csv")); len(rows) != all+1 {
		t.Errorf("once more: %d rows for %d entries", len(rows), all)
	}
	b.sees(" · complete")
}

func TestE2EExport_RefusedBeforeAnythingCame(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "elasticpath")
	dir := b.downloads()
	b.expect("the server responded with a status of ")
	b.visit(exported(src))
	b.loaded()
	sim.Fault("elasticpath", simulate.Fault{Status: http.StatusForbidden})
	b.export("Markdown")
	b.one(b.one(0, "dialog", "Export").id, "alert", "")
	if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
		t.Errorf("%v %v", files, err)
	}
	sim.ClearFaults("elasticpath")
	b.click("button", "Try again")
	if text := b.file(dir, ".md"); !strings.HasPrefix(text, "| time |") || !strings.Contains(text, "Complete.") {
		t.Errorf("the file is %.300q", text)
	}
}

// TestE2EExport_StraightIntoTheFileThatTheReaderChose puts the browser's own files in
// the place of those of a dialog that nobody could answer.
func TestE2EExport_StraightIntoTheFileThatTheReaderChose(t *testing.T) {
	t.Parallel()
	b, sim, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 6000}, "deepset")
	b.atStart(`globalThis.chosen = [];
		globalThis.showSaveFilePicker = async (o) => {
			chosen.push(o);
			if (chosen.length === 1) throw new DOMException("nothing chosen", "AbortError");
			return (await navigator.storage.getDirectory()).getFileHandle(o.suggestedName, {create: true});
		}`)
	b.visit(exported(src))
	b.loaded()
	all := len(b.entries())
	b.export("JSON")
	b.holds("the dialog to have come", `chosen.length === 1`)
	b.one(0, "radio", "JSON*") // the choices are still there
	b.clickIn(b.one(0, "dialog", "Export").id, "button", "Export")
	b.sees(" · complete")
	read := func() (text string) {
		b.eval(`navigator.storage.getDirectory().then((d) => d.getFileHandle(chosen.at(-1).suggestedName)).then((h) => h.getFile()).then((f) => f.text())`, &text)
		return text
	}
	var doc struct {
		Entries []json.RawMessage
		End     exportLine
	}
	if err := json.Unmarshal([]byte(read()), &doc); err != nil || len(doc.Entries) != all || !doc.End.Complete || doc.End.Entries != all {
		t.Errorf("%v: %d entries of %d, then %+v", err, len(doc.Entries), all, doc.End)
	}

	// Canceled in the middle, it is JSON all the same.
	slow(sim, "deepset")
	b.click("button", "Export something else")
	b.clickIn(b.one(0, "dialog", "Export").id, "button", "Export")
	b.sees(" · back to ")
	b.clickIn(b.one(0, "dialog", "Export").id, "button", "Cancel")
	b.sees("canceled, which the file says")
	doc.Entries, doc.End = nil, exportLine{}
	if err := json.Unmarshal([]byte(read()), &doc); err != nil || len(doc.Entries) == 0 || len(doc.Entries) >= all || doc.End.Complete || doc.End.Entries != len(doc.Entries) {
		t.Errorf("canceled: %v: %d entries of %d, then %+v", err, len(doc.Entries), all, doc.End)
	}
}

func TestE2EExport_KeyboardStaysInTheDialog(t *testing.T) {
	t.Parallel()
	b, _, src := connected(t, "algolia")
	b.downloads()
	b.visit(exported(src))
	id := b.loaded().Rows[0].ID
	b.press("j", kb.Enter)
	b.details(id)
	b.ctrl("k")
	b.press("export all")
	b.press(kb.Enter)
	b.one(0, "dialog", "Export")
	b.holds("the keyboard at the format", `document.activeElement.name === "export-format"`)
	b.press(kb.ArrowDown)
	b.holds("the next format", `document.activeElement.checked && document.activeElement.closest("label").innerText.startsWith("JSON")`)
	for range 14 {
		b.press(kb.Tab)
		b.holds("the keyboard in the dialog", `document.getElementById("dialog").contains(document.activeElement)`)
	}
	b.press(kb.Escape)
	b.none("dialog", "Export")
	b.details(id) // still open
	command := func() string { b.click("button", "Export"); return b.copied("Copy: the command") }()
	if !strings.HasPrefix(command, `curl -OJ -H "Authorization: Bearer $LOGPANE_TOKEN" '`+b.base+"/logs.json?src="+src[0]+"&from=") || strings.Contains(command, wire.Header) {
		t.Errorf("the command is %s", command)
	}
}
