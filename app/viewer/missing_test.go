package viewer

import (
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
)

func TestStatus_WhatIsOnlyNotConnectedDidNotFail(t *testing.T) {
	const third = "moltin/eu/shop"
	lane := func(src string) logs.Coverage {
		return logs.Coverage{Src: src, State: logs.Failed, Kind: string(fault.Unauthenticated), Reason: "not connected"}
	}
	conn := func(src string) wire.Connection {
		x, err := logs.ParseTarget(src)
		if err != nil {
			t.Fatal(err)
		}
		return wire.Connection{ID: src, Vendor: x.Vendor, Region: x.Region, Account: x.Account}
	}
	refused := fault.New(fault.Unauthenticated, "x").Saying("the key was refused")
	for _, c := range []struct {
		name  string
		src   []string
		conns []wire.Connection
		msg   Msg
		want  string
	}{
		{"one, as a failed search", []string{third}, nil, PageFailed{1, refused}, "Not connected to shop"},
		{"one, as a lane", []string{third}, nil, PageLoaded{1, body(t, wire.Page{Coverage: []logs.Coverage{lane(third)}})}, "Not connected to shop"},
		{"two", []string{third, algolia}, nil, PageFailed{1, refused}, "Not connected to shop and APP"},
		{"three", []string{third, algolia, coveo}, nil, PageFailed{1, refused}, "Not connected to 3 targets"},
		{"one of two", []string{third, algolia}, []wire.Connection{conn(algolia)}, PageLoaded{1, body(t, wire.Page{
			Entries: entries(algolia, 0, 3), Coverage: []logs.Coverage{{Src: algolia, State: logs.Complete}, lane(third)},
		})}, "3 entries · not connected to shop"},
		{"a credential that is refused", []string{third}, []wire.Connection{conn(third)}, PageFailed{1, refused}, "The search failed"},
	} {
		s, _ := open(t, viewOf(c.src...))
		s.tell(ConnectionsLoaded{Connections: c.conns}, c.msg)
		if got := s.Status(); got != c.want {
			t.Errorf("%s: the status line says %q, want %q", c.name, got, c.want)
		}
		if got := s.Lanes()[0].Missing; got != (c.want != "The search failed") {
			t.Errorf("%s: the lane is missing its connection: %v", c.name, got)
		}
	}
}
