//go:build e2e

package main

import (
	"strings"
	"testing"
)

func TestE2EHome_NewcomerSeesTheDemo(t *testing.T) {
	t.Parallel()
	p := demo(t)
	b := browse(t, p.base)
	b.visit("/")
	b.one(0, "button", "Try all five")
	b.one(0, "region", "Demo")
	b.sees("DEMO", "No account, no token")
	for _, name := range []string{"Algolia", "Coveo", "deepset", "Elastic Path", "Moltin"} {
		if len(b.find(0, "button", name)) != 1 {
			t.Errorf("there is no one-click demo of %s", name)
		}
		if len(b.find(0, "link", name+"*")) != 1 {
			t.Errorf("there is no way to connect %s", name)
		}
	}
	b.none("region", "Your connections")
	var title, policy string
	b.eval(`document.title`, &title)
	if !strings.Contains(title, "logpane") {
		t.Errorf("the title is %q", title)
	}
	b.eval(`fetch("/").then((r) => r.headers.get("content-security-policy"))`, &policy)
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "'unsafe-inline'") || strings.Contains(policy, "'unsafe-eval'") {
		t.Errorf("the policy is %q", policy)
	}
}
