package part

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
)

func exportBox() Export {
	return Export{
		Box: ExportBox{Format: "csv"}, Loaded: 842, Targets: "Shop · Orders", Filter: `status:>=500 "a b"`,
		Span: "20 Nov 12:00 – 21 Nov 12:00", Moving: "Last 24 hours", Zone: "Europe/Berlin (UTC+1)", Columns: []string{"Time", "Status"},
		Notes: []string{"Algolia keeps the last 1,000 calls per server and no more."}, Command: "curl -OJ 'https://logs.example/logs.csv?q=a'",
	}
}

func TestExport_Choices(t *testing.T) {
	x := exportBox()
	golden(t, "export", x.UI(ignore))
	x.Box = ExportBox{Format: "json", Reveal: true}
	x.Filter, x.Moving, x.Copied, x.Loaded, x.Whole = "", "", true, 1, true
	html := markup(x.UI(ignore))
	for _, want := range []string{"All 1 entry that match", "will hold e-mails", "Copied", "none"} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing", want)
		}
	}
	for _, no := range []string{"It is fixed", "As in the table"} {
		if strings.Contains(html, no) {
			t.Errorf("%q is there", no)
		}
	}
}

func TestExport_WhatBecameOfIt(t *testing.T) {
	for want, run := range map[string]ExportRun{
		"Waiting for the first entries":         {},
		"3 entries · 1.2 MB · back to 08:12:00": {Entries: 3, Bytes: 1_234_567, Back: "08:12:00"},
		"Canceling":                                   {Canceled: true, Entries: 3, Bytes: 5},
		"41,200 entries · complete":                   {State: ExportSaved, Complete: true, Entries: 41_200},
		"1 entry · incomplete":                        {State: ExportSaved, Entries: 1, Reason: "Coveo answered 503", Again: true},
		"0 entries · canceled, which the file says":   {State: ExportSaved, Canceled: true, Reason: "canceled by the reader"},
		"Coveo cannot be reached.":                    {State: ExportFailed, Err: fault.New(fault.Unavailable, "export").Saying("Coveo cannot be reached")},
		"Coveo answered 503. The file says so at its": {State: ExportSaved, Reason: "Coveo answered 503", Again: true},
		"Personal data is shown in it.":               {State: ExportSaved, Complete: true},
		"Personal data is masked in it.":              {State: ExportSaved, Complete: true, Masked: true},
	} {
		run.Name = "logpane-algolia.csv"
		x := Export{Run: &run}
		html := markup(x.UI(ignore))
		if !strings.Contains(html, want) || !strings.Contains(html, run.Name) || strings.Count(html, `id="`+IDExport+`"`) != 1 {
			t.Errorf("%q is not in %s", want, html)
		}
	}
}

func TestExport_OffersFirstWhatHelps(t *testing.T) {
	for want, run := range map[string]ExportRun{
		"Export something else, Close":            {State: ExportSaved, Complete: true},
		"Close, Export something else":            {State: ExportSaved, Reason: "Algolia keeps no more"},
		"Try again, Export something else, Close": {State: ExportSaved, Reason: "Coveo answered 503", Again: true},
		"Try again, Change it, Close":             {State: ExportFailed, Err: fault.New(fault.Unavailable, "export")},
	} {
		x := Export{Run: &run}
		_, acts, _ := strings.Cut(markup(x.UI(ignore)), `class="export-acts"`)
		var got []string
		for _, b := range strings.Split(acts, "<button")[1:] {
			_, b, _ = strings.Cut(b, ">")
			b, _, _ = strings.Cut(b, "</button>")
			got = append(got, strings.TrimSpace(b))
		}
		if got := strings.Join(got, ", "); got != want || !strings.Contains(strings.Split(acts, "</button>")[0], `class="btn primary big"`) {
			t.Errorf("%+v offers %s, want %s first of all", run, got, want)
		}
	}
}

func TestStatus_AnExportGoesOnBesideTheTable(t *testing.T) {
	running := markup(Status{Export: &ExportRun{Name: "a.csv", Entries: 3, Bytes: 2000}}.UI(ignore))
	if !strings.Contains(running, "3 entries · 2 kB") || !strings.Contains(running, "Cancel") {
		t.Errorf("under way: %s", running)
	}
	ended := markup(Status{Export: &ExportRun{State: ExportSaved, Entries: 3}}.UI(ignore))
	if !strings.Contains(ended, "Export: 3 entries · incomplete") || !strings.Contains(ended, "Dismiss") || !strings.Contains(ended, "bad") {
		t.Errorf("incomplete: %s", ended)
	}
	if html := markup(Status{}.UI(ignore)); strings.Contains(html, "Cancel") {
		t.Errorf("nothing under way: %s", html)
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int]string{0: "0 B", 999: "999 B", 1000: "1 kB", 999_999: "999 kB", 1_000_000: "1.0 MB", 99_949_999: "99.9 MB", 100_000_000: "100 MB", 2_345_678_901: "2,345 MB"} {
		if got := Size(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}
