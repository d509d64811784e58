package rest

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/logpane/logpane/app/fault"
)

func TestPublic_Addresses(t *testing.T) {
	for _, a := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1", "172.31.255.255",
		"192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:10::1",
		"2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
	} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as public", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "::ffff:8.8.8.8", "2606:4700::1111", "2a00:1450::1"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s does not count as public", a)
		}
	}
	for _, a := range []string{"", "x", "127.0.0.1", "vendor.example:443"} {
		if publicOnly("tcp", a, nil) == nil {
			t.Errorf("%q was let through", a)
		}
	}
}

// localhost is a public-looking name as far as the allow-list goes; what it
// resolves to is not.
func TestDo_PrivateAddressesAfterResolution(t *testing.T) {
	n := NewNet(Policy{Operator: []string{"http://127.0.0.1:9400", "no url", "%zz"}})
	defer n.Close()
	c := n.Client(options())
	for _, base := range []string{
		"https://localhost", "https://127.0.0.1", "https://[::1]", "https://169.254.169.254", "https://10.0.0.1", "https://[::ffff:127.0.0.1]", "https://[fe80::1%25lo]",
	} {
		_, err := c.Do(t.Context(), Call{Op: "read", Method: "GET", Base: base})
		if e := fault.Of(err); e == nil || e.Kind != fault.Unavailable || !strings.Contains(e.Msg, "private address") {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestNewNet_OperatorHosts(t *testing.T) {
	n := NewNet(Policy{Operator: []string{"HTTP://LocalHost:9400/algolia", "https://Logs.Example/x"}})
	defer n.Close()
	if want := "localhost:9400 logs.example:443"; strings.Join(n.operator, " ") != want {
		t.Errorf("operator's hosts are %q, want %q", n.operator, want)
	}
}
