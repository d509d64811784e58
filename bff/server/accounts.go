package server

import (
	"context"
	"strings"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/session"
	"github.com/logpane/logpane/bff/source"
	"github.com/logpane/logpane/bff/source/driver"
)

// maxSources bounds the opened sources; the one unused longest is closed.
const maxSources = 512

// accounts opens sources and shares each among all sessions that hold the same
// credential, so that they share its budget too. Possession is the proof: the key
// is made of the credential itself, so who does not hold it cannot name it.
type accounts struct {
	o    Options
	mu   sync.Mutex
	open *simplelru.LRU[string, opened]
	// reads remembers which connection can read an account other than its own,
	// as proved by a call: source id → account.
	reads *simplelru.LRU[string, bool]
}

// opened is a source and the name of the credential it was opened with.
type opened struct {
	*source.Source
	held string
}

func newAccounts(o Options) *accounts {
	a := &accounts{o: o}
	a.open, _ = simplelru.NewLRU(maxSources, func(_ string, o opened) { o.Close() })
	a.reads, _ = simplelru.NewLRU[string, bool](maxSources, nil)
	return a
}

func (a *accounts) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.open.Purge()
}

// vendor returns a vendor and one of its regions. Invalid, naming what there is.
func (a *accounts) vendor(name, region string) (driver.Vendor, driver.Region, error) {
	known := ""
	for _, v := range a.o.Vendors {
		if v.Name == name {
			regions := ""
			for _, r := range v.Regions {
				if r.Name == region {
					return v, r, nil
				}
				regions += ", " + r.Name
			}
			if regions == "" {
				regions = ", none"
			}
			return v, driver.Region{}, fault.New(fault.Invalid, "find region").
				Saying(v.Title + " has no region \"" + cut(region) + "\" here; there is " + regions[2:])
		}
		known += ", " + v.Name
	}
	return driver.Vendor{}, driver.Region{}, fault.New(fault.Invalid, "find vendor").
		Saying("there is no vendor \"" + cut(name) + "\"; there is " + known[2:])
}

// source returns the shared source of a credential, opened if need be. It makes
// no network call.
func (a *accounts) source(vendor, region, account string, creds map[string]secret.Value) (*source.Source, error) {
	v, r, err := a.vendor(vendor, region)
	if err != nil {
		return nil, err
	}
	id := a.o.Sessions.CredentialID(vendor, r.URL, account, creds)
	a.mu.Lock()
	defer a.mu.Unlock()
	if o, ok := a.open.Get(id); ok {
		return o.Source, nil
	}
	// The name of a budget tells nobody which account it is of.
	budget := id
	if v.Capabilities.PerAccount {
		budget = a.o.Sessions.CredentialID(vendor, r.URL, strings.ToLower(account), nil)
	}
	var b source.Budget
	if a.o.Budgets != nil {
		if b, err = a.o.Budgets(budget, v.Capabilities); err != nil {
			return nil, err
		}
	}
	s, err := source.Open(v, driver.Config{Region: r, Account: account, Credentials: creds}, id, b)
	if err != nil {
		return nil, err
	}
	a.open.Add(id, opened{s, a.held(vendor, region, creds)})
	return s, nil
}

// ask resolves a target to a source of the session: the connection of the same
// vendor, region and account; else the one of that vendor and region which turns
// out to be able to read it, which a call may have to prove.
func (a *accounts) ask(ctx context.Context, who session.View, t logs.Target, call bool) source.Ask {
	src, err := a.resolve(ctx, who, t, call)
	return source.Ask{Target: t, Source: src, Err: err}
}

func (a *accounts) resolve(ctx context.Context, who session.View, t logs.Target, call bool) (*source.Source, error) {
	v, _, err := a.vendor(t.Vendor, t.Region)
	if err != nil {
		return nil, err
	}
	var others []session.Connection
	for _, c := range who.Connections() {
		if c.Vendor != t.Vendor || c.Region != t.Region {
			continue
		}
		if c.Account == t.Account {
			return a.connected(who, c.ID, t.Account)
		}
		others = append(others, c)
	}
	var refused error
	for _, c := range others {
		src, err := a.connected(who, c.ID, t.Account)
		if err == nil {
			if err = a.proves(ctx, src, t, call); err == nil {
				return src, nil
			}
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		refused = err
	}
	if who.IsToken() {
		return nil, fault.New(fault.Unauthenticated, "find connection").Because(refused).
			Saying("this access token does not include " + v.Title + " \"" + t.Account + "\" in region " + t.Region + "; make one that does at /tokens")
	}
	f := fault.New(fault.Unauthenticated, "find connection").
		Saying("not connected to " + v.Title + " \"" + t.Account + "\" in region " + t.Region + "; connect it to see this").Because(refused)
	if refused != nil {
		f.Said = fault.Of(refused).Said
	}
	return nil, f
}

// connected opens the source of a connection for an account, which is the
// connection's own or another that its credential may be able to read.
func (a *accounts) connected(who session.View, id, account string) (*source.Source, error) {
	c, creds, err := who.Credentials(id)
	if err != nil {
		return nil, err
	}
	return a.source(c.Vendor, c.Region, account, creds)
}

// errUnproved stands for a call that was not to be made.
var errUnproved = fault.New(fault.Unauthenticated, "find connection").Saying("nobody has read this with these connections yet")

// proves makes one small call to see whether a source can read a target, and
// remembers that it can. Without call, only what is remembered counts.
func (a *accounts) proves(ctx context.Context, src *source.Source, t logs.Target, call bool) error {
	key := src.ID() + " " + t.String()
	a.mu.Lock()
	_, ok := a.reads.Get(key)
	a.mu.Unlock()
	if ok {
		return nil
	}
	if !call {
		return errUnproved
	}
	ctx, cancel := context.WithTimeout(ctx, verifyLimit)
	defer cancel()
	if err := src.Reads(ctx, t.Path); err != nil {
		return err
	}
	a.mu.Lock()
	a.reads.Add(key, true)
	a.mu.Unlock()
	return nil
}

// forgotten drops what was opened with the credential of a connection, and what was
// proved of it. Other sessions that hold the same credential open it again.
func (a *accounts) forgotten(who session.View, id string) {
	c, creds, err := who.Credentials(id)
	if err != nil {
		return
	}
	held := a.held(c.Vendor, c.Region, creds)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, id := range a.open.Keys() {
		if o, ok := a.open.Peek(id); ok && o.held == held {
			a.open.Remove(id)
		}
	}
	a.reads.Purge()
}

// held names a credential, whatever accounts it reads.
func (a *accounts) held(vendor, region string, creds map[string]secret.Value) string {
	return a.o.Sessions.CredentialID(vendor, region, "", creds)
}
