package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"
)

// Assert is what the command assert runs with. Credentials are not among it: they
// come from the environment or from TokenFile, never from a flag, which every user
// of the machine could read in the list of processes.
type Assert struct {
	Src       string // address of the target: coveo/REGION/ORGANIZATION[/sources/ID]
	Items     string // file of the list, "-" for the standard input
	Since     string // span, in the words of the time box
	TokenFile string // file that holds the token; "" for the environment
	JSON      bool   // print what POST /api/assert answers
	Quiet     bool   // print only what is not indexed, and no progress
	Timeout   time.Duration
	Endpoints []Endpoint
}

// AssertUsage explains the command.
const AssertUsage = `logpane assert says whether items are in Coveo's index, by the source logs.

  logpane assert --src coveo/us/myorg --since 2h items.txt
  curl -s https://www.example.com/sitemap.xml | logpane assert --src coveo/eu/myorg/sources/ID --json

Items are one URI a line, CSV with a column of URIs, or a sitemap; at most 5,000.
The token is read from LOGPANE_COVEO_TOKEN, or from the file that --token-file names.

Exit code:
  0  every item is indexed
  1  at least one item failed
  2  no item failed, and not every one is known to be indexed: under way, removed,
     not seen, unknown. Also when nothing could be asked: wrong flags, no token,
     no items, a vendor that refuses or cannot be reached

Each flag --some-thing has the setting LOGPANE_SOME_THING.
`

// ParseAssert reads the settings of the command assert. Errors as of Parse.
func ParseAssert(args []string, env func(string) string, out io.Writer) (Assert, error) {
	var c Assert
	var endpoints list
	fs := flag.NewFlagSet("logpane assert", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.Src, "src", "", "where the items should be, `coveo/REGION/ORGANIZATION[/sources/ID]`")
	fs.StringVar(&c.Items, "items", "-", "`file` of the list; - for the standard input")
	fs.StringVar(&c.Since, "since", "24h", "`span` to look at: 2h, 14:05, yesterday 17:30, 2026-11-20T08:00Z .. 2026-11-21T08:00Z")
	fs.StringVar(&c.TokenFile, "token-file", "", "`file` that holds the token")
	fs.BoolVar(&c.JSON, "json", false, "print the answer as JSON")
	fs.BoolVar(&c.Quiet, "quiet", false, "print only what is not indexed, and no progress")
	fs.DurationVar(&c.Timeout, "timeout", 20*time.Minute, "how long to read; what is not known by then is unknown")
	fs.Var(&endpoints, "endpoint", "add a region of a vendor, `vendor/region=URL`; repeatable")
	if err := fromEnv(fs, env); err != nil {
		return c, err
	}
	given := endpoints
	endpoints = nil
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fs.SetOutput(out)
		fmt.Fprint(out, AssertUsage)
		fs.PrintDefaults()
		return c, ErrHelp
	case err != nil:
		return c, err
	}
	if len(endpoints) == 0 {
		endpoints = given
	}
	switch fs.NArg() {
	case 0:
	case 1:
		c.Items = fs.Arg(0)
	default:
		return c, fmt.Errorf("logpane assert takes one file of items; %q is another argument", fs.Arg(1))
	}
	if c.Src == "" {
		return c, errors.New("--src is missing: name where the items should be, coveo/REGION/ORGANIZATION[/sources/ID]")
	}
	if c.Timeout <= 0 {
		return c, fmt.Errorf("--timeout %s is not a time to wait", c.Timeout)
	}
	for _, s := range endpoints {
		e, err := parseEndpoint(s)
		if err != nil {
			return c, err
		}
		c.Endpoints = append(c.Endpoints, e)
	}
	return c, nil
}

// fromEnv sets flags from the environment.
func fromEnv(fs *flag.FlagSet, env func(string) string) error {
	var bad error
	fs.VisitAll(func(f *flag.Flag) {
		v := env(envName(f.Name))
		if v == "" {
			return
		}
		values := []string{v}
		if _, many := f.Value.(*list); many {
			values = strings.FieldsFunc(v, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' })
		}
		for _, s := range values {
			if err := f.Value.Set(s); err != nil {
				bad = errors.Join(bad, fmt.Errorf("%s=%q is not a value for --%s (%s)", envName(f.Name), s, f.Name, f.Usage))
			}
		}
	})
	return bad
}
