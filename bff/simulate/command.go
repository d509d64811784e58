package simulate

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// accounts tells what a client needs to know.
const accounts = `  /algolia         application ` + AlgoliaApp + `, API key ` + AlgoliaKey + `
  /coveo           organization ` + CoveoOrg + `, token ` + CoveoToken + ` (its platform API: /coveo-platform)
  /deepset         workspace ` + DeepsetWorkspace + `, API key ` + DeepsetKey + `
  /elasticpath     client id ` + ElasticPathClient + `, client secret ` + ElasticPathSecret + `
  /moltin          the same
  /control/VENDOR  entries, faults and calls, from this machine only
`

// Main runs `logpane simulate` with the arguments after that word until ctx ends, and returns the exit code: 0 after an
// orderly stop, 1 when it cannot serve, 2 for wrong arguments. It prints the chosen address to stdout.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("logpane simulate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	addr := flags.String("addr", "127.0.0.1:9400", "where to listen; port 0 chooses one")
	rate := flags.Float64("rate", 1, "new entries per second and vendor")
	seed := flags.Uint64("seed", 1, "chooses the content")
	entries := flags.Int("entries", 0, "entries per vendor at the start; 0 means a default of each")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	if flags.NArg() > 0 || *rate < 0 || *rate > 1e6 || *entries < 0 {
		fmt.Fprintln(stderr, "logpane simulate: takes no arguments; -rate must be 0 to 1000000, -entries at least 0")
		return 2
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		fmt.Fprintln(stderr, "logpane simulate:", err)
		return 1
	}
	sim := New(Options{Rate: *rate, Seed: *seed, Entries: *entries})
	running, stop := context.WithCancel(ctx)
	defer stop()
	go sim.Run(running)
	// No write timeout: delayed answers are what the simulator is for.
	server := &http.Server{Handler: sim, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		BaseContext: func(net.Listener) context.Context { return running }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Fprintf(stdout, "simulated vendors on http://%s\n%s", listener.Addr(), accounts)
	select {
	case err := <-served:
		fmt.Fprintln(stderr, "logpane simulate:", err)
		return 1
	case <-ctx.Done():
	}
	// Delayed answers end with running, so this does not wait for them.
	grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		_ = server.Close()
	}
	return 0
}
