package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/item"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/view"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/bff/config"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/server"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/source/rest"
)

// exit ends the program with a code; what there is to say was said.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// Exit codes of the command assert, besides 0 for "all indexed".
const (
	exitFailed  exit = 1 // at least one item failed
	exitUnknown exit = 2 // none failed, and not all are known to be indexed
)

// assert runs the command assert: it asks the vendor itself, through the code that
// the server runs, so that a pipeline needs neither a server nor a session.
func assert(ctx context.Context, args []string, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	cfg, err := config.ParseAssert(args, env, stdout)
	if errors.Is(err, config.ErrHelp) {
		return nil
	}
	if err == nil {
		err = assertItems(ctx, cfg, env, stdin, stdout, stderr)
	}
	var code exit
	if err == nil || errors.As(err, &code) {
		return err
	}
	// Nothing is known of the items, which must not look like a verdict on them.
	msg := err.Error()
	if f := (*fault.Error)(nil); errors.As(err, &f) {
		if msg = f.Msg; f.Said != "" {
			msg += " (the vendor says: " + f.Said + ")"
		}
	}
	fmt.Fprintln(stderr, "logpane assert:", printable(msg))
	return exitUnknown
}

func assertItems(ctx context.Context, cfg config.Assert, env func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	list, err := readItems(cfg.Items, stdin)
	if err != nil {
		return err
	}
	now := time.Now()
	from, to, err := view.ParseSpan(cfg.Since, now, time.UTC)
	if err != nil {
		return fmt.Errorf("--since: %s", fault.Of(err).Msg)
	}
	a := source.Assertion{Items: list.Items}
	if a.Span, err = (view.View{From: from, To: to}).Span(now, time.UTC); err != nil {
		return fmt.Errorf("--since: %s", fault.Of(err).Msg)
	}
	var operator []string
	for _, e := range cfg.Endpoints {
		operator = append(operator, e.URL)
	}
	upstream := rest.NewNet(rest.Policy{Operator: operator})
	defer upstream.Close()
	if a.Ask, err = assertAsk(cfg, env, upstream); err != nil {
		return err
	}
	defer a.Ask.Source.Close()
	if keep := a.Ask.Source.Vendor().Capabilities.Retention; a.Span.From.IsZero() {
		a.Span.From = now.Add(-keep)
	}

	ctx, cancel := context.WithTimeout(ctx, cfg.Timeout)
	defer cancel()
	var told time.Time
	judged, coverage, p, err := source.NewSearcher(nil, time.Now).Assert(ctx, a, func(p source.Progress) {
		if !cfg.Quiet && time.Since(told) > wire.AssertBeat {
			if !told.IsZero() {
				fmt.Fprintf(stderr, "%d calls, %d entries read, %d of %d items settled\n", p.Calls, p.Read, p.Settled, len(list.Items))
			}
			told = time.Now()
		}
	})
	if err != nil {
		return err
	}
	out := wire.Verdicts{Verdicts: server.VerdictsOf(judged), Coverage: coverage, Calls: p.Calls, Scanned: p.Read}
	if cfg.JSON {
		enc := json.NewEncoder(stdout)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(out)
	} else {
		err = printVerdicts(stdout, judged, out, cfg.Quiet)
	}
	if err != nil {
		return err
	}
	return codeOf(judged)
}

// codeOf returns nil when every item is indexed.
func codeOf(judged []source.Judged) error {
	is := func(ok func(item.State) bool) bool {
		return slices.ContainsFunc(judged, func(j source.Judged) bool { return ok(j.State) })
	}
	switch {
	case is(func(s item.State) bool { return s == item.Failed }):
		return exitFailed
	case is(func(s item.State) bool { return s != item.Indexed }):
		return exitUnknown
	}
	return nil
}

func readItems(name string, stdin io.Reader) (item.List, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return item.List{}, fmt.Errorf("the list of items cannot be read: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, item.MaxListBytes+1))
	if err != nil {
		return item.List{}, fmt.Errorf("the list of items cannot be read: %w", err)
	}
	return item.ParseList(string(text))
}

// assertAsk opens the target. It makes no call.
func assertAsk(cfg config.Assert, env func(string) string, upstream *rest.Net) (source.Ask, error) {
	target, err := logs.ParseTarget(cfg.Src)
	if err != nil {
		return source.Ask{}, fmt.Errorf("--src: %w", err)
	}
	table, err := withEndpoints(vendors(upstream), cfg.Endpoints)
	if err != nil {
		return source.Ask{}, err
	}
	i := slices.IndexFunc(table, func(v driver.Vendor) bool { return v.Name == target.Vendor && v.Capabilities.Items })
	if i < 0 {
		return source.Ask{}, fmt.Errorf("--src %s: only coveo logs items that go through stages", cfg.Src)
	}
	v := table[i]
	at := slices.IndexFunc(v.Regions, func(r driver.Region) bool { return r.Name == target.Region })
	if at < 0 {
		var names []string
		for _, r := range v.Regions {
			names = append(names, r.Name)
		}
		return source.Ask{}, fmt.Errorf("--src %s: %s has no region %q; there is %s", cfg.Src, v.Title, target.Region, strings.Join(names, ", "))
	}
	creds := map[string]secret.Value{}
	for _, f := range v.Credentials {
		name := "LOGPANE_" + strings.ToUpper(v.Name+"_"+f.Name)
		value := env(name)
		if cfg.TokenFile != "" {
			b, err := os.ReadFile(cfg.TokenFile)
			if err != nil {
				return source.Ask{}, fmt.Errorf("--token-file: %w", err)
			}
			value = string(bytes.TrimSpace(b))
		}
		if value == "" {
			return source.Ask{}, fmt.Errorf("there is no token: set %s, or name a file with --token-file", name)
		}
		creds[f.Name] = secret.New(value)
	}
	src, err := source.Open(v, driver.Config{Region: v.Regions[at], Account: target.Account, Credentials: creds}, "assert", nil)
	if err != nil {
		return source.Ask{}, err
	}
	return source.Ask{Target: target, Source: src}, nil
}

// printVerdicts writes a table, then the counts, and what of the span was not read.
func printVerdicts(w io.Writer, judged []source.Judged, out wire.Verdicts, quiet bool) error {
	var b bytes.Buffer
	tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	counts := map[item.State]int{}
	for _, j := range judged {
		counts[j.State]++
		if quiet && j.State == item.Indexed {
			continue
		}
		reason := j.Reason
		if j.Code != "" {
			reason = strings.TrimSuffix(j.Code+": "+reason, ": ")
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", j.State, printable(j.Stage), printable(j.Item), printable(reason))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	var parts []string
	for _, s := range item.States {
		if n := counts[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	fmt.Fprintf(&b, "%d items: %s (%d calls, %d entries read)\n", len(judged), strings.Join(parts, ", "), out.Calls, out.Scanned)
	for _, c := range out.Coverage {
		if c.State != logs.Complete {
			fmt.Fprintf(&b, "%s: %s\n", c.State, printable(c.Reason))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// printable replaces what could command a terminal: vendors' texts are data.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
}
