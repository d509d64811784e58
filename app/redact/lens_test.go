package redact

import (
	"strings"
	"testing"
)

// short replaces the tags and tails in a text by their kinds: [ip 7c2] by <ip>.
func short(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		if n := tagAt(s, i); n > 0 {
			b.WriteString("<" + s[i+1:i+n-5] + ">")
			i += n
			continue
		}
		if strings.HasPrefix(s[i:], masked) {
			b.WriteString("<x>")
			i += strings.IndexByte(s[i:], ']') + 1
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}

func TestText_CoversWhatItFinds(t *testing.T) {
	for in, want := range map[string]string{
		// By its looks.
		"mail to bob.o+x@shop.example.com.":                                  "mail to <e-mail>.",
		"<a@b.co>, 'c@d.org';e_f@g-h.io":                                     "<<e-mail>>, '<e-mail>';<e-mail>",
		"email=bob%40shop.example&x=1":                                       "email=<e-mail>&x=1",
		"params=email%3Dbob%2540shop.example%26x%3D1":                        "params=email%3D<e-mail>%26x%3D1",
		`{"m":"\nbob@shop.example\n"}`:                                       `{"m":"\n<e-mail>\n"}`,
		`{"m":"{\"m\":\"\\tbob@shop.example\\u003e\"}"}`:                     `{"m":"{\"m\":\"\\t<e-mail>\\u003e\"}"}`,
		`{"m":"\u003cbob\u0040shop.example\u003e"}`:                          `{"m":"\u003c<e-mail>\u003e"}`,
		"müller@größe.example":                                               "<e-mail>",
		"mailto:bob%2Btag%40shop.example":                                    "mailto:<e-mail>",
		"GET /x 203.0.113.7:443 and 10.0.0.5":                                "GET /x <ip>:443 and <ip>",
		"http://203.0.113.7:8080/x?y=198.51.100.1":                           "http://<ip>:8080/x?y=<ip>",
		"X-Forwarded-For: 203.0.113.7, 198.51.100.1\nHost: a.b":              "X-Forwarded-For: <ip>, <ip>\nHost: a.b",
		"a%3D203.0.113.7%26b":                                                "a%3D<ip>%26b",
		"db.example.com/203.0.113.7:5432 client-203.0.113.7":                 "db.example.com/<ip>:5432 client-<ip>",
		"203.0.113.7-203.0.113.9/24":                                         "<ip>-<ip>/24",
		"from 2001:db8::8a2e:370:7334 to [fe80::1]:443":                      "from <ip> to [<ip>]:443",
		"2001:0db8:85a3:0000:0000:8a2e:0370:7334, ::ffff:192.0.2.1":          "<ip>, <ip>",
		"from:2001:db8::1 x=2001%3Adb8%3A%3A1":                               "from:<ip> x=<ip>",
		"card 4111 1111 1111 1111, 5555-5555-5555-4444 378282246310005":      "card <x>, <x> <x>",
		`{"card":4111111111111111,"l":[4111111111111111]}`:                   `{"card":"<x>","l":[0]}`,
		`{"b":"{\"n\": 4111111111111111}"}`:                                  `{"b":"{\"n\": \"<x>\"}"}`,
		"postgres://app:s3cr%40et@db.example.com:5432/x":                     "postgres://<x>@db.example.com:5432/x",
		`https:\/\/user:pass@host.example\/x`:                                `https:\/\/<x>@host.example\/x`,
		"u=https%3A%2F%2Fuser%3Apass%40host.example%2Fx":                     "u=https%3A%2F%2F<x>%40host.example%2Fx",
		"Incorrect API key provided: sk-proj-abcdefghijklmnop0123456789ABCD": "Incorrect API key provided: <x>",
		"token ghp_abcdefghijklmnop0123456789 sk_live_abcdefghij0123456789\nAKIAIOSFODNN7EXAMPLE AIzaSyA-abcdefghijklmnopqrstuvwxyz0123456 xoxb-123456789012-abcdefghijkl": "token <x> <x>\n<x> <x> <x>",
		"key xx564559b1-0045-48e1-953c-3addd1ee4457":                                               "key <x>",
		"lgp_0123456789abcdefghijklmnop":                                                           "<x>",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk expired": "<x> expired",
		"GET /1/keys/0123456789abcdef0123456789abcdef":                                             "GET /1/keys/<x>",
		`-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n`:       `-----BEGIN RSA PRIVATE KEY-----<x>-----END RSA PRIVATE KEY-----\n`,
		`{"pem":"-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n"}`:                                `{"pem":"-----BEGIN PRIVATE KEY-----<x>"}`,

		// By names.
		`{"ip":"84.14.205.82","sha1":"26c53bd7e38ca71f4741b71994cd94a600b7ac68"}`:                                                      `{"ip":"<ip>","sha1":"26c53bd7e38ca71f4741b71994cd94a600b7ac68"}`,
		`{"userToken":"user_1","query_id":"a","user_id":12345,"n":[{"user_token":"u"}]}`:                                               `{"userToken":"<user>","query_id":"a","user_id":"<user>","n":[{"user_token":"<user>"}]}`,
		`{"query_body":"{\"params\":\"query=a&userToken=user_58&x=1\"}"}`:                                                              `{"query_body":"{\"params\":\"query=a&userToken=<user>&x=1\"}"}`,
		`{"query_headers":"Host: a\nX-Algolia-UserToken: user_58\nA: b"}`:                                                              `{"query_headers":"Host: a\nX-Algolia-UserToken: <user>\nA: b"}`,
		`{"extra_fields":{"user_id":"0000","organization_id":"11","organization_name":"Acme","workspace_id":"w"}}`:                     `{"extra_fields":{"user_id":"<user>","organization_id":"<organization>","organization_name":"<organization>","workspace_id":"w"}}`,
		`{"customer":{"id":"c1","name":"Bob"},"name":"orders","id":"x"}`:                                                               `{"customer":{"id":"<user>","name":"<name>"},"name":"orders","id":"x"}`,
		`{"shipping_address":{"first_name":"A","line_1":"B 2","city":"C","postcode":"D","phone_number":49,"country":"DE"},"city":"x"}`: `{"shipping_address":{"first_name":"<name>","line_1":"<address>","city":"<address>","postcode":"<address>","phone_number":"<phone>","country":"DE"},"city":"x"}`,
		`{"body":"{\"customer\":{\"name\":\"B\",\"x\":[{\"name\":\"C\"}]},\"name\":\"n\"}","name":"m"}`:                                `{"body":"{\"customer\":{\"name\":\"<name>\",\"x\":[{\"name\":\"<name>\"}]},\"name\":\"n\"}","name":"m"}`,
		`{"body":"{\"customer\":{\"name\":\"Bo","name":"m"}`:                                                                           `{"body":"{\"customer\":{\"name\":\"<name>","name":"m"}`,
		`{"body":"{\"api_key\":\"0123456789abcdef0123456","name":"m"}`:                                                                 `{"body":"{\"api_key\":\"<x>","name":"m"}`,
		`{"m":"password='abc","name":"m"}`:                                                                                             `{"m":"password='<x>","name":"m"}`,
		`{"user_ids":[1,"2", 3],"emails":["x y"]}`:                                                                                     `{"user_ids":["<user>","<user>", "<user>"],"emails":["<e-mail>"]}`,
		"user_id=42 first_name: Bob failed":                                                                                            "user_id=<user> first_name: <name> failed",
		"x?customer[email]=bob&customer%5Bfirst_name%5D=Al":                                                                            "x?customer[email]=<e-mail>&customer%5Bfirst_name%5D=<name>",
		"%7B%22user_id%22%3A12345%2C%22first_name%22%3A%22Al%22%7D":                                                                    "%7B%22user_id%22%3A%22<user>%22%2C%22first_name%22%3A%22<name>%22%7D",
		"<order><first_name>Bob</first_name><name>x</name></order>":                                                                    "<order><first_name><name></first_name><name>x</name></order>",
		"aroundLatLng=48.85,2.35&x":                                                                                                    "aroundLatLng=<address>&x",
		`{"token":"0123456789abcdef","user_token":"ab","token_count":"12"}`:                                                            `{"token":"<x>","user_token":"<user>","token_count":"12"}`,
		"{'user_id': 'x', 'name': 'pipe'}":                                                                                             "{'user_id': '<user>', 'name': 'pipe'}",
		`{"createdBy":{"given_name":"A","user_id":"b"},"created_by":"c"}`:                                                              `{"createdBy":{"given_name":"<name>","user_id":"<user>"},"created_by":"<user>"}`,
	} {
		got := Lens{}.Text(in)
		if short(got) != want {
			t.Errorf("Text(%q)\n     = %q\n want %q", in, short(got), want)
		}
		if again := (Lens{}).Text(got); again != got {
			t.Errorf("twice: %q\nonce:  %q", again, got)
		}
	}
}

// What people look for in logs stays.
func TestText_LeavesTheRest(t *testing.T) {
	for _, s := range []string{
		"",
		"version 1.2.3.4, v1.2.3.4 and 1.2.3.4.5, lib-1.2.3.4.jar",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
		`{"query_headers":"User-Agent: AppleWebKit\/537.36 Chrome\/131.0.0.0 Safari"}`,
		`curl -H 'x-algolia-api-key: '"$ALGOLIA_API_KEY" -H "Authorization: Bearer $COVEO_TOKEN"`,
		`curl -H 'Authorization: Bearer '"$ELASTICPATH_TOKEN"`,
		`sec-ch-ua: "Chromium";v="120.0.0.0"`,
		`{"version":"10.20.30.40"}`,
		"2025-05-23T10:33:04.157182Z 12:34:56 08:00-09:30 00:1a:2b:3c:4d:5e",
		"8edd44ef-1856-4456-90ec-d9fab8a25049 26c53bd7e38ca71f4741b71994cd94a600b7ac68 UHG0_JYBbpf1V-YKI8YQ",
		"1732280000000 1732280000000000 1732280000000000000 4111111111111112",
		`{"dd.trace_id":"4111111111111111","span_id":4111111111111111}`,
		`{"name":"orders","pipeline_name":"rag-prod","indexName":"products","objectID":"o","sourceName":"s","city":"Paris"}`,
		`{"organizationId":"acme","requestId":"r","sourceId":"s","guid":"g","task":"MAPPING"}`,
		"file://shares/x/y.pdf https://shop.example.com:8443/@team/page?x=y#z",
		"std::string Net::HTTP a::b Foo::Bar ::before 127.0.0.1:5432 [::1]:80 0.0.0.0",
		"logo@2x.png react@18.2.0 @types/node",
		`{"email":null,"user_id":"","has_email":true,"ip":"-","description":"x","zip_file":"y"}`,
		"attempt 3 took 9.8s of 10s: HTTP 500, 1,234 hits, 0.2529",
		"basic information about the bearer instrument; max_tokens=512",
		"x-algolia-api-key=ce11****************************",
		`Error in /usr/local/lib/python3.12/site-packages/haystack/core.py line 42`,
		"user says: name is city",
		`{"address":"db:5432","microphone":"x","iphone":"y","token":"hello"}`,
	} {
		if got := (Lens{}).Text(s); got != s {
			t.Errorf("Text(%q)\n     = %q", s, got)
		}
	}
}

func TestText_RevealKeepsCredentialsCovered(t *testing.T) {
	in := `{"email":"bob@shop.example","ip":"203.0.113.7","user_id":7,"password":"hunter2","h":"Bearer 0123456789abcdef","u":"https://a:b@c.example"}`
	want := `{"email":"bob@shop.example","ip":"203.0.113.7","user_id":7,"password":"<x>","h":"Bearer <x>","u":"https://<x>@c.example"}`
	if got := short(Lens{Reveal: true, Key: 5}.Text(in)); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestTags_EqualForEqualValuesUnderOneKey(t *testing.T) {
	l := Lens{Key: 0x1234}
	one := l.Text("bob@shop.example")
	for _, s := range []string{"Bob@Shop.example", "bob%40shop.example", `bob\u0040shop.example`} {
		if got := l.Text(s); got != one {
			t.Errorf("%q has the tag %q, not %q", s, got, one)
		}
	}
	if got := l.Text(`{"user_id":42}`); got != `{"user_id":"`+l.Field("user_token", "42")+`"}` {
		t.Errorf("a number and a text differ: %s", got)
	}
	same := 0
	for key := range uint64(64) {
		if (Lens{Key: key}).Text("bob@shop.example") == one {
			same++
		}
	}
	if same > 2 {
		t.Errorf("%d of 64 keys give the same tag", same)
	}
	seen := map[string]bool{}
	for i := range 1000 {
		seen[l.tag(user, "user_"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+strings.Repeat("y", i/26))] = true
	}
	if len(seen) < 800 { // of 4,096: about 890 are expected
		t.Errorf("1,000 values have %d tags", len(seen))
	}
}

func TestField_KnowsByName(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"ip", "203.0.113.7", "<ip>"},
		{"user_token", "user_1, user_2", "<user>, <user>"},
		{"email", "not an address", "<e-mail>"},
		{"authorization", "Bearer 0123456789abcdef", "Bearer <x>"},
		{"name", "rag-prod", "rag-prod"},
		{"body.customer.name", "Bob", "<name>"},
		{"body.customer.address.city", "Paris", "<address>"},
		{"city", "Paris", "Paris"},
		{"customer", `{"name":"Bob"}`, `{"name":"<name>"}`},
		{"summary", "by bob@shop.example", "by <e-mail>"},
		{"job", "8edd44ef-1856-4456-90ec-d9fab8a25049", "8edd44ef-1856-4456-90ec-d9fab8a25049"},
		{"extra_fields.user_id", "x", "<user>"},
		{"", "x", "x"},
	} {
		if got := short(Lens{}.Field(c.name, c.value)); got != c.want {
			t.Errorf("Field(%q, %q) = %q, want %q", c.name, c.value, got, c.want)
		}
	}
}
