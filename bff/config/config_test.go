package config_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/logpane/logpane/bff/config"
)

func parse(env map[string]string, args ...string) (config.Config, error) {
	return config.Parse(args, func(k string) string { return env[k] }, &bytes.Buffer{})
}

func TestParse_FlagWinsOverEnvironment(t *testing.T) {
	env := map[string]string{
		"LOGPANE_ADDR": "127.0.0.1:1", "LOGPANE_DEMO": "true",
		"LOGPANE_ENDPOINT": "algolia/x=http://127.0.0.1:9/a coveo-platform/y=http://127.0.0.1:9/p",
	}
	c, err := parse(env, "--addr", "127.0.0.1:2")
	if err != nil {
		t.Fatal(err)
	}
	if c.Addr != "127.0.0.1:2" || !c.Demo || len(c.Endpoints) != 2 {
		t.Errorf("got %+v", c)
	}
	if e := c.Endpoints[1]; e.Vendor != "coveo" || !e.Platform || e.URL != "http://127.0.0.1:9/p" {
		t.Errorf("second endpoint %+v", e)
	}
	c, err = parse(env, "--endpoint", "deepset/z=https://h/prefix/")
	if err != nil || len(c.Endpoints) != 1 || c.Endpoints[0].URL != "https://h/prefix" {
		t.Errorf("a flag must replace the environment's list: %+v, %v", c.Endpoints, err)
	}
}

func TestParse_RefusesWhatCannotWork(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--addr", "nowhere"}, "--addr"},
		{[]string{"--addr", "0.0.0.0:80"}, "--insecure-http"},
		{[]string{"--public-url", "http://logs.example.com"}, "--insecure-http"},
		{[]string{"--public-url", "https://logs.example.com/path"}, "--public-url"},
		{[]string{"--endpoint", "algolia=http://x"}, "vendor/region=URL"},
		{[]string{"--endpoint", "splunk/x=http://x"}, "one of algolia"},
		{[]string{"--endpoint", "algolia/x=ftp://x"}, "http(s)"},
		{[]string{"--endpoint", "algolia/x=http://u:secretpw@x"}, "no credentials"},
		{[]string{"--endpoint", "algolia/x=http://a", "--endpoint", "algolia/x=http://b"}, "twice"},
		{[]string{"--nats-url", "http://x"}, "--nats-url"},
		{[]string{"--poll-min", "-1s"}, "--poll-min"},
		{[]string{"--log-level", "loud"}, "--log-level"},
		{[]string{"--no-such"}, "no-such"},
		{[]string{"extra"}, "extra"},
	} {
		_, err := parse(nil, append([]string{"--data-dir", "/d"}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: got %v, want it to name %q", c.args, err, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "secretpw") {
			t.Errorf("%v: the error shows a password: %v", c.args, err)
		}
	}
}

func TestParse_PublicHTTPSAllowsAnyAddress(t *testing.T) {
	c, err := parse(nil, "--data-dir", "/d", "--addr", "0.0.0.0:80", "--public-url", "https://logs.example.com/")
	if err != nil || c.PublicURL.String() != "https://logs.example.com" {
		t.Errorf("got %v, %v", c.PublicURL, err)
	}
}

func TestParse_HelpListsEveryFlag(t *testing.T) {
	var out bytes.Buffer
	_, err := config.Parse([]string{"-h"}, func(string) string { return "" }, &out)
	if !errors.Is(err, config.ErrHelp) || !strings.Contains(out.String(), "-public-url") {
		t.Errorf("err %v, out %q", err, out.String())
	}
}
