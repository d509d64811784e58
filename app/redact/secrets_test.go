package redact

import "testing"

func TestSecrets(t *testing.T) {
	const key = "0123456789abcdef0123456789abcdef"
	for in, want := range map[string]string{
		"/1/x?a=1&x-algolia-api-key=" + key + "&b=2":                      "/1/x?a=1&x-algolia-api-key=[masked…cdef]&b=2",
		"/1/x?x-algolia-api-key=ce11****************************":         "/1/x?x-algolia-api-key=ce11****************************",
		"Host: a\nx-algolia-api-key: " + key + "\nAccept: b":              "Host: a\nx-algolia-api-key: [masked…cdef]\nAccept: b",
		"Authorization: Bearer " + key + "\r\nA: b":                       "Authorization: Bearer [masked…cdef]\r\nA: b",
		"Cookie: sid=1; theme=dark\nA: b":                                 "Cookie: [masked]\nA: b",
		`{"url":"\/1\/x?x-algolia-api-key=` + key + `"}`:                  `{"url":"\/1\/x?x-algolia-api-key=[masked…cdef]"}`,
		`{"query_headers":"Host: a\nX-Api-Key: ` + key + `\nB: c"}`:       `{"query_headers":"Host: a\nX-Api-Key: [masked…cdef]\nB: c"}`,
		`{"secret_key":"s3cr3t","a":1}`:                                   `{"secret_key":"[masked]","a":1}`,
		`{"body":"{\"api_key\":\"` + key + `\",\"a\":1}"}`:                `{"body":"{\"api_key\":\"[masked…cdef]\",\"a\":1}"}`,
		"params=apiKey%3D" + key + "%26query%3Dshoes":                     "params=apiKey%3D[masked…cdef]%26query%3Dshoes",
		"curl -H 'Authorization: Bearer " + key + "' https://a":           "curl -H 'Authorization: Bearer [masked…cdef]' https://a",
		"failed with Bearer " + key + ": expired":                         "failed with Bearer [masked…cdef]: expired",
		"password=hunter2 user=bob":                                       "password=[masked] user=bob",
		"Invalid Application-ID or API key":                               "Invalid Application-ID or API key",
		"basic information about the bearer instrument":                   "basic information about the bearer instrument",
		`{"userToken":"user_58","token_origin":"API","max_tokens":"512"}`: `{"userToken":"user_58","token_origin":"API","max_tokens":"512"}`,
		`{"set-cookie":["a=1", "b=2"],"password": 12345678, "x":"y"}`:     `{"set-cookie":["[masked]", "[masked]"],"password": "[masked]", "x":"y"}`,
		`{"b":"{\"password\":\"a\\\"b\\\\\",\"n\":1}"}`:                   `{"b":"{\"password\":\"[masked]\",\"n\":1}"}`,
		`{"h":"Cookie: a=\"b c\"; d\nHost: x","password":"q\"w"}`:         `{"h":"Cookie: [masked]\nHost: x","password":"[masked]"}`,
		"Authorization: Digest username=\"u\", response=\"r\"\nHost: x":   "Authorization: [masked]\nHost: x",
		`{"password":null,"has_password":true,"n":1}`:                     `{"password":null,"has_password":true,"n":1}`,
	} {
		got := Secrets(in)
		if got != want {
			t.Errorf("Secrets(%q)\n     = %q\n want %q", in, got, want)
		}
		if again := Secrets(got); again != got {
			t.Errorf("masked twice: %q", again)
		}
	}
}

func TestIsSecret(t *testing.T) {
	for _, name := range []string{"x-algolia-api-key", "Authorization", "Set-Cookie", "aws_secret_access_key", "APIKEY"} {
		if !IsSecret(name) {
			t.Errorf("%s is shown", name)
		}
	}
	for _, name := range []string{"key", "userToken", "token_origin", "objectID", "Accept", ""} {
		if IsSecret(name) {
			t.Errorf("%s is hidden", name)
		}
	}
}
