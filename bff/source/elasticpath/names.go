package elasticpath

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// Logs name their integration by id only. People know it by name and by where it
// delivers to, so the driver learns both from the list of integrations, once, and
// again when a log names one that it does not know.
const (
	learnAgain = 5 * time.Minute // between two lists asked for on behalf of logs
	learnLimit = 5 * time.Second // of such a list; entries do without names rather than wait
)

// known is what the driver keeps of an integration.
type known struct{ name, host string }

// title is what people call it: its name, or the host that it delivers to.
func (k known) title() string { return cmp.Or(k.name, k.host) }

// names holds what is known of a store's integrations. The zero value knows
// nothing. It is safe for concurrent use.
type names struct {
	mu    sync.Mutex
	byID  map[string]known // replaced, never changed in place
	tried time.Time        // when a list was last asked for on behalf of logs
}

func (n *names) get() map[string]known {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.byID
}

func (n *names) set(byID map[string]known) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.byID = byID
}

// due reports whether a list should be asked for now, and notes that it is.
func (n *names) due(now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.tried.IsZero() && now.Sub(n.tried) < learnAgain {
		return false
	}
	n.tried = now
	return true
}

// unknown reports whether some row names an integration that is not known.
func (n *names) unknown(l list) bool {
	byID := n.get()
	for _, row := range l.rows {
		id := row.Get("relationships", "integration", "data", "id").Text()
		if _, ok := byID[id]; !ok && id != "" {
			return true
		}
	}
	return false
}

// learn asks for the list of integrations if it is due. Failing is no failure of
// the logs: they are shown without names.
func (s *store) learn(ctx context.Context) {
	if !s.names.due(time.Now()) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, learnLimit)
	defer cancel()
	_, _ = s.Targets(ctx)
}
