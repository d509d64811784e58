package client

import (
	"net/url"
	"sync"
)

// FakeSockets is a [Dial] whose other end a test holds.
type FakeSockets struct {
	mu   sync.Mutex
	open []*FakeSocket
}

// FakeSocket is one socket that was dialed.
type FakeSocket struct {
	Query  url.Values
	Open   func()
	Send   func(frames ...string) // to the page, as one batch
	End    func(code int, reason string)
	Got    []string // what the page sent
	Closed bool     // by the page
}

// Dial is the [Dial].
func (f *FakeSockets) Dial(path string, opened func(), batch func([][]byte), closed func(code int, reason string)) (send func([]byte), stop func()) {
	u, err := url.Parse(path)
	if err != nil {
		panic(err)
	}
	s := &FakeSocket{Query: u.Query(), Open: opened, End: closed, Send: func(frames ...string) {
		var all [][]byte
		for _, text := range frames {
			all = append(all, []byte(text))
		}
		batch(all)
	}}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open = append(f.open, s)
	return func(b []byte) { s.Got = append(s.Got, string(b)) }, func() { s.Closed = true }
}

// All returns the sockets so far.
func (f *FakeSockets) All() []*FakeSocket {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*FakeSocket(nil), f.open...)
}
