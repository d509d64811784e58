package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/logpane/logpane/bff/config"
	"github.com/logpane/logpane/bff/engine"
	"github.com/logpane/logpane/bff/feed"
	"github.com/logpane/logpane/bff/lease"
	"github.com/logpane/logpane/bff/permit"
	"github.com/logpane/logpane/bff/poll"
	"github.com/logpane/logpane/bff/presence"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
	"github.com/logpane/logpane/bff/tail"
)

// live is the parts that stand on the engine and know the vendors' pace.
type live struct {
	permits *permit.Permits

	feed    *feed.Feed
	leases  *lease.Leases
	present *presence.Presence
	pollers *poll.Pollers
	hub     *tail.Hub
}

func openLive(ctx context.Context, eng *engine.Engine, keys *session.Keyring, cfg config.Config, log *slog.Logger) (*live, error) {
	permits, err := permit.Open(ctx, eng, permit.Config{Logger: log})
	if err != nil {
		return nil, err
	}
	frames, err := feed.Open(ctx, eng, feed.Config{Sealer: keys, Logger: log})
	if err != nil {
		permits.Close()
		return nil, err
	}
	leases, err := lease.Open(ctx, eng, lease.Config{Logger: log})
	if err != nil {
		frames.Close()
		permits.Close()
		return nil, err
	}
	present, err := presence.Open(ctx, eng, presence.Config{Sealer: keys})
	if err != nil {
		leases.Close()
		frames.Close()
		permits.Close()
		return nil, err
	}
	return &live{
		permits: permits, feed: frames, leases: leases, present: present,
		pollers: poll.New(poll.Config{Feed: frames, Leases: leases, Presence: present, Least: cfg.PollMin, Logger: log}),
		hub:     tail.New(tail.Config{Feed: frames, Logger: log}),
	}, nil
}

// close ends what is left of sockets and pollers at once.
func (l *live) close() {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	l.hub.Drain(now)
	l.present.Close()
	l.leases.Close()
	l.feed.Close()
	l.permits.Close()
}

// budget returns the budget of a name in the whole cluster.
func (l *live) budget(name string, c driver.Capabilities) (source.Budget, error) {
	return l.permits.Budget(name, permit.Limits{
		PerSecond: c.PerSecond, InFlight: c.InFlight,
		Hold: source.CallLimit + 5*time.Second, // a call that was cut off has ended by then
	})
}

// counters are the metrics of following live.
func (l *live) counters() []prometheus.Collector {
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f)
	}
	count := func(name, help string, f func() int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(f()) })
	}
	return []prometheus.Collector{
		gauge("logpane_tail_sockets", "Open sockets.", func() float64 { return float64(l.hub.Stats().Sockets) }),
		gauge("logpane_tail_streams", "Streams that sockets here follow.", func() float64 { return float64(l.hub.Stats().Streams) }),
		gauge("logpane_tail_pollers", "Pollers that run here.", func() float64 { return float64(l.pollers.Stats().Running) }),
		count("logpane_tail_messages_total", "Messages sent to sockets.", func() int64 { return l.hub.Stats().Sent }),
		count("logpane_tail_entries_sent_total", "Entries sent to sockets.", func() int64 { return l.hub.Stats().Entries }),
		count("logpane_tail_gaps_sent_total", "Gaps sent to sockets, filled ones included.", func() int64 { return l.hub.Stats().Gaps }),
		count("logpane_polls_total", "Polls of vendors, those that failed included.", func() int64 { return l.pollers.Stats().Polls }),
		count("logpane_polls_failed_total", "Polls of vendors that failed.", func() int64 { return l.pollers.Stats().Failed }),
		count("logpane_polled_entries_total", "New entries that polls found.", func() int64 { return l.pollers.Stats().Entries }),
		count("logpane_polled_gaps_total", "Gaps that polls left.", func() int64 { return l.pollers.Stats().Gaps }),
	}
}
