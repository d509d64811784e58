//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/simulate"
)

// failure is what the test itself reads of an entry: nothing of how cards are made.
type failure struct {
	Message    string
	Exceptions []struct {
		Type  string
		Trace []struct {
			Filename string
			Line     int `json:"line_number"`
			Name     string
		}
	}
}

// raisedAs says which card an entry belongs on, "" for none: what the simulators
// raise is a TypeError in a file of its own, now and then without a trace, and a
// PdfReadError in a library.
func raisedAs(t *testing.T, e logs.Entry) string {
	t.Helper()
	var f failure
	if err := json.Unmarshal(e.Raw, &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Exceptions) == 0 {
		return ""
	}
	kind, own, last := "", "", ""
	for _, x := range f.Exceptions {
		if x.Type != "PipelineRuntimeError" {
			kind = x.Type
		}
		for _, frame := range x.Trace {
			last = fmt.Sprintf("%s:%d %s", frame.Filename, frame.Line, frame.Name)
			if strings.HasPrefix(frame.Filename, "/app/custom_nodes/") {
				own = last
			}
		}
	}
	switch {
	case own != "":
		return kind + " @ " + own
	case last != "":
		return kind + " @ " + last
	}
	return kind + " without a trace"
}

// drawnCard is a card as it stands on the page.
type drawnCard struct {
	Title, Count, Frame, Times, Print, Href string
	Tags                                    []string
	Bars                                    int
}

// exceptionCards waits until the cards are those of these entries, and returns them.
func (b *tab) exceptionCards(entries []logs.Entry, atLeast string) []drawnCard {
	b.t.Helper()
	want := map[string][]logs.Entry{}
	for _, e := range entries {
		if as := raisedAs(b.t, e); as != "" {
			want[as] = append(want[as], e)
		}
	}
	var cards []drawnCard
	b.until(fmt.Sprintf("%d cards", len(want)), func() (bool, string) {
		b.eval(`[...document.querySelectorAll(".xcard")].map((c) => ({
			Title: c.querySelector(".xcard-link").innerText, Count: c.querySelector(".xcard-n").innerText, Frame: c.querySelector(".xcard-frame").innerText,
			Times: c.querySelector(".xcard-times").innerText, Print: c.querySelector(".xcard-print").innerText, Href: c.querySelector(".xcard-link").getAttribute("href"),
			Tags: [...c.querySelectorAll(".xtag")].map((e) => e.innerText.replaceAll("\n", " ")), Bars: (c.querySelector(".spark path")?.getAttribute("d").match(/M/g) ?? []).length,
		}))`, &cards)
		total := 0
		for _, c := range cards {
			var n int
			fmt.Sscanf(strings.TrimPrefix(c.Count, atLeast), "%d×", &n)
			total += n
		}
		sum := 0
		for _, list := range want {
			sum += len(list)
		}
		return len(cards) == len(want) && total == sum, fmt.Sprintf("%d cards of %d, want %d of %d: %+v", len(cards), total, len(want), sum, cards)
	})
	for as, list := range want {
		kind, frame, traced := strings.Cut(as, " @ ")
		i := slices.IndexFunc(cards, func(c drawnCard) bool {
			return strings.HasPrefix(c.Title, strings.TrimSuffix(kind, " without a trace")) && (traced && strings.HasPrefix(c.Frame, short(frame)) || !traced && c.Frame == "no trace given")
		})
		if i < 0 {
			b.t.Errorf("%s has no card: %+v", as, cards)
			continue
		}
		c := cards[i]
		first, last := list[len(list)-1].Time, list[0].Time
		if want := fmt.Sprintf("%s%d×", atLeast, len(list)); c.Count != want {
			b.t.Errorf("%s: %s, want %s", as, c.Count, want)
		}
		if !strings.Contains(c.Times, first.Format("15:04:05")) || !strings.HasSuffix(c.Times, last.Format("15:04:05")) {
			b.t.Errorf("%s: seen %s, want %s to %s", as, c.Times, first, last)
		}
		tags := map[string]int{}
		for _, e := range list {
			for _, name := range []string{"pipeline", "index", "origin"} {
				if v := e.Fields.Text(name); v != "" {
					tags[name+" "+v]++
				}
			}
		}
		for tag, n := range tags {
			if want := fmt.Sprintf("%s %s%d", tag, atLeast, n); !slices.Contains(c.Tags, want) {
				b.t.Errorf("%s: tags %q, want %q", as, c.Tags, want)
			}
		}
		if len(c.Tags) != len(tags) || len(c.Print) != 10 || c.Bars == 0 {
			b.t.Errorf("%s: %+v", as, c)
		}
	}
	return cards
}

// short leaves out where a library is installed.
func short(frame string) string {
	if _, rest, ok := strings.Cut(frame, "/site-packages/"); ok {
		return rest
	}
	return frame
}

// occurrence waits until a card shows an occurrence: its place among so many, and its
// entry.
func (b *tab) occurrence(says, id string) {
	b.t.Helper()
	b.until(says, func() (bool, string) {
		var got [2]string
		err := b.try(`[document.querySelector("#occurrence")?.ariaLabel ?? "", document.querySelector("#occurrence")?.dataset.entry ?? ""]`, &got)
		return got[0] == says && got[1] == id, fmt.Sprintf("it is %q of %q, want %q: %v", got[0], got[1], id, err)
	})
}

// TestE2EDrill_ExceptionStory is an engineer's way from a failing pipeline to the
// frame, its occurrences, the lines around one, and a link for the team.
func TestE2EDrill_ExceptionStory(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "deepset")
	b.visit(logsOf(src))
	b.loaded()
	b.click("link", "Exceptions")
	b.at("/deepset/exceptions")
	all := b.entries()
	cards := b.exceptionCards(all, "")
	if !strings.HasPrefix(cards[0].Title, "TypeError in component prompt_builder") || cards[0].Frame != "/app/custom_nodes/prompt_tools.py:42 join_context" {
		t.Fatalf("the first card is %+v", cards[0])
	}
	b.sees("new since deploy ")
	var of []logs.Entry
	for _, e := range all {
		if strings.HasSuffix(raisedAs(t, e), "prompt_tools.py:42 join_context") {
			of = append(of, e)
		}
	}

	// By keyboard to the card, and to the next occurrence.
	b.press("j")
	b.holds("the keyboard at the first card", `document.activeElement.id === "exception-0"`)
	b.press(kb.Enter)
	b.at("/deepset/exceptions/" + cards[0].Print)
	n := len(of)
	say := func(i int) string { return fmt.Sprintf("Occurrence %d of %d", i, n) }
	b.occurrence(say(1), of[0].ID)
	b.press("o")
	b.occurrence(say(2), of[1].ID)
	b.has("sel", of[1].ID)
	b.press("o")
	b.occurrence(say(3), of[2].ID)
	b.press("O")
	b.occurrence(say(2), of[1].ID)
	chained := slices.IndexFunc(of, func(e logs.Entry) bool { return strings.Contains(string(e.Raw), "PipelineRuntimeError") })
	single := slices.IndexFunc(of, func(e logs.Entry) bool { return !strings.Contains(string(e.Raw), "PipelineRuntimeError") })
	for i := 1; i < single; i++ {
		b.press("o")
	}
	b.occurrence(say(single+1), of[single].ID)
	for i := single; i > chained; i-- {
		b.press("O")
	}
	b.occurrence(say(chained+1), of[chained].ID)

	// The chain, outermost first; own frames open, those of libraries folded, Haystack's
	// linked to their source.
	var order []string
	b.eval(`[...document.querySelectorAll("#occurrence .exc-head")].map((e) => e.innerText.split("\n")[0])`, &order)
	if strings.Join(order, " / ") != "PipelineRuntimeError / caused by" && strings.Join(order, " / ") != "PipelineRuntimeError / caused by TypeError" {
		t.Errorf("exceptions in the order %q", order)
	}
	b.sees("/app/custom_nodes/prompt_tools.py:42 join_context", "component prompt_builder (PromptBuilder)")
	if strings.Contains(b.text(), "_run_component") {
		t.Error("a library's frame is shown at once")
	}
	b.click("button", "2 library frames")
	b.sees("_run_component")
	links := func() []string {
		var out []string
		b.eval(`[...document.querySelectorAll("#occurrence .frame a")].map((a) => a.href)`, &out)
		return out
	}
	if got := links(); !slices.Contains(got, "https://github.com/deepset-ai/haystack/blob/main/haystack/core/pipeline/base.py#L71") {
		t.Errorf("links to sources: %q", got)
	}
	if got := b.copied("Copy frame"); got != "/app/custom_nodes/prompt_tools.py:42 join_context" {
		t.Errorf("the frame is copied as %q", got)
	}

	// One's own files link where the reader says.
	b.click("button", "Link my files to their source")
	b.fill("textbox", "Files under", "/app/")
	b.fill("textbox", "are at", "git.example.com/rag/{path}#L{line}")
	b.click("button", "Keep")
	b.sees("Begin the address with https:// or http://.")
	b.fill("textbox", "are at", "https://git.example.com/rag/{path}#L{line}")
	b.click("button", "Keep")
	b.until("a link to an own file", func() (bool, string) {
		got := links()
		return slices.Contains(got, "https://git.example.com/rag/custom_nodes/prompt_tools.py#L42"), fmt.Sprint(got)
	})

	// The trace for an issue, with a link that opens this card.
	md := b.copied("Copy as Markdown")
	for _, want := range []string{"### `TypeError` in component `prompt_builder", "**caused by `TypeError`**", fmt.Sprintf("seen: %d, from", n), "… 2 library frames", "/app/custom_nodes/prompt_tools.py:42 join_context", "[`" + cards[0].Print + "`](http"} {
		if !strings.Contains(md, want) {
			t.Errorf("no %q in\n%s", want, md)
		}
	}

	// What happened around it: all origins, with the entry open; and back to where one was.
	b.press("a")
	b.at("/logs")
	b.until("30 seconds before and after", func() (bool, string) {
		from, err := time.Parse(time.RFC3339Nano, b.param("from"))
		to, err2 := time.Parse(time.RFC3339Nano, b.param("to"))
		at := of[chained].Time
		return err == nil && err2 == nil && at.Sub(from) >= 30*time.Second && at.Sub(from) < 31*time.Second && to.Sub(at) >= 30*time.Second && to.Sub(at) < 31*time.Second && b.param("q") == "", b.address().RawQuery
	})
	b.details(of[chained].ID)
	around := b.entries()
	b.until("the lines around it", func() (bool, string) {
		got := b.table()
		return len(got.Rows) > 2 && got.Count-1 >= len(around), fmt.Sprint(got.Count, len(around))
	})
	origins := map[string]bool{}
	for _, e := range around {
		origins[e.Fields.Text("origin")] = true
	}
	if !origins["haystack"] || !origins["querypipeline"] {
		t.Errorf("origins around it: %v", origins)
	}
	b.back()
	b.at("/deepset/exceptions/" + cards[0].Print)
	b.occurrence(say(chained+1), of[chained].ID)

	// A failing and a good run side by side.
	b.press("x", "o")
	b.occurrence(say(chained+2), of[chained+1].ID)
	b.press("x", "=")
	b.at("/compare")
	b.back()
	b.at("/deepset/exceptions/" + cards[0].Print)
	b.occurrence(say(chained+2), of[chained+1].ID)

	// Filtering goes on working: with the tags, and by what deepset calls extra fields.
	b.click("link", "All exceptions")
	b.exceptionCards(all, "")
	tag := b.boxOf(b.find(0, "button", "Only origin querypipeline")[0])
	b.run(mouse(tag.X+tag.Width/2, tag.Y+tag.Height/2))
	b.pill("origin:querypipeline", "")
	b.exceptionCards(b.entries(), "")
	b.filter(`exception:/Runtime/ origin:querypipeline`)
	b.pill("exception:/Runtime/", "here, on ")
	b.exceptionCards(b.entries(), "")
	var raw struct {
		Extra map[string]string `json:"extra_fields"`
	}
	if err := json.Unmarshal(of[0].Raw, &raw); err != nil {
		t.Fatal(err)
	}
	b.press(kb.Escape) // out of the filter box
	b.filter("user_id:" + raw.Extra["user_id"])
	b.pill("user_id:", "")
	b.exceptionCards(b.entries(), "")
	b.press(kb.Escape)
	b.filter("origin:nowhere")
	b.until("an empty page that says why", func() (bool, string) {
		return strings.Contains(b.text(), "Remove the filter"), b.text()
	})
	b.click("button", "Remove the filter")
	b.exceptionCards(all, "")

	// The vendor times out: the cards stay, a word on it and a retry.
	b.expect("status of 504")
	sim.Fault("deepset", simulate.Fault{Status: 504, Body: `{"detail":"Fetching logs timed out."}`})
	b.press("r")
	b.sees("Fetching logs timed out.")
	if got := b.find(0, "button", "Try again"); len(got) == 0 {
		t.Errorf("there is no way to try again: %s", b.text())
	}
	b.sees(cards[0].Print)
	sim.ClearFaults("deepset")
	b.click("button", "Try again")
	b.until("the notice to go", func() (bool, string) { return !strings.Contains(b.text(), "timed out"), b.text() })
	b.exceptionCards(all, "")
}

// TestE2EDrill_ExceptionWithoutATrace opens what says little, and a message of 2,000
// lines.
func TestE2EDrill_ExceptionWithoutATrace(t *testing.T) {
	t.Parallel()
	b, sim, src := connected(t, "deepset")
	lines := make([]string, 2000)
	for i := range lines {
		lines[i] = fmt.Sprintf("line %d of the prompt", i+1)
	}
	text, err := json.Marshal(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{
		`{"message":` + string(text) + `,"level":"error","exceptions":[{"type":"PromptTooLong","value":"2000 lines"}]}`,
		`{"message":"nothing was raised","level":"error","exceptions":null}`,
		`{"message":"no trace","level":"error","exceptions":[{"type":"PodLost","value":"pod 17 is gone","trace":null}]}`,
		`{"message":"no trace","level":"error","exceptions":[{"type":"PodLost","value":"pod 23 is gone"}]}`,
	} {
		if err := sim.Append("deepset/production/rag-prod", json.RawMessage(body)); err != nil {
			t.Fatal(err)
		}
	}
	b.visit("/deepset/exceptions?" + url.Values{"src": {strings.Join(src, ",")}}.Encode())
	b.sees("That is everything", "PodLost", "PromptTooLong", "2×", "1 error without an exception")
	only := func(kind string) { // one card, which no other one pushes aside
		b.visit("/deepset/exceptions?" + url.Values{"src": {strings.Join(src, ",")}, "q": {"exception:" + kind}}.Encode())
		b.click("link", kind)
	}
	only("PodLost")
	b.occurrenceOf(1, 2)
	b.sees("No trace was given.", "pod 23 is gone")
	b.press(kb.Escape)
	b.at("/deepset/exceptions")
	only("PromptTooLong")
	b.occurrenceOf(1, 1)
	b.sees("line 10 of the prompt")
	if strings.Contains(b.text(), "line 11 of the prompt\n") {
		t.Error("more than ten lines are shown at once")
	}
	b.click("button", "Show 1,990 more lines")
	b.sees("line 2000 of the prompt")
}

// occurrenceOf waits until a card shows the i-th of n occurrences.
func (b *tab) occurrenceOf(i, n int) {
	b.t.Helper()
	b.holds(fmt.Sprintf("occurrence %d of %d", i, n), fmt.Sprintf(`document.querySelector("#occurrence")?.ariaLabel === "Occurrence %d of %d"`, i, n))
}

// TestE2EDrill_ExceptionLink opens the link to a card: as somebody who is connected,
// as somebody who must connect first, and where the card lies far back.
func TestE2EDrill_ExceptionLink(t *testing.T) {
	t.Parallel()
	b, _, src := connectedTo(t, simulate.Options{Seed: 5, Entries: 6000}, "deepset")
	b.visit("/deepset/exceptions?" + url.Values{"src": {strings.Join(src, ",")}, "from": {"all"}}.Encode())

	// It reads on by itself, and counts what it read as what it is.
	b.until("cards of a part", func() (bool, string) {
		var n, rows int
		b.eval(`[document.querySelectorAll(".xcard-n").length, 0][0]`, &n)
		rows = b.table().Count - 1
		return n > 0 && rows >= 1000, fmt.Sprint(n, rows)
	})
	b.until("counts that say that there may be more", func() (bool, string) {
		var count string
		b.eval(`document.querySelector(".xcard-n").innerText`, &count)
		return strings.HasPrefix(count, "≥ "), count
	})
	b.click("link", "TypeError in component*")
	b.sees("or before")
	link := b.copied("Copy link")
	print := strings.Split(strings.Split(link, "/deepset/exceptions/")[1], "?")[0]
	if len(print) != 10 || !strings.Contains(link, "from=") {
		t.Fatalf("the link is %s", link)
	}

	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	other, _ := b.another(running(b), "deepset")
	other.visit(u.RequestURI())
	other.sees("TypeError", "Occurrence 1 of ", print)
	other.press(kb.Escape) // nothing to go back to: up, to all cards
	other.at("/deepset/exceptions")
	other.sees("occurrences in")

	stranger := browse(t, b.base)
	stranger.expect("status of 4")
	stranger.visit(u.RequestURI())
	stranger.sees("Connect deepset to see this")
	stranger.filled("Workspace", simulate.DeepsetWorkspace)
	stranger.at("/deepset/exceptions/" + print)

	// A card of which nothing is shown says so.
	b.visit("/deepset/exceptions/0123456789?" + url.Values{"src": {strings.Join(src, ",")}}.Encode())
	b.sees("No occurrence among the ")
	b.visit("/deepset/exceptions/what?" + url.Values{"src": {strings.Join(src, ",")}}.Encode())
	b.sees("is no fingerprint of an exception")
}
