package shape

import (
	"strings"
	"testing"
)

const key = "0123456789abcdef0123456789abcdef"

func TestCurl(t *testing.T) {
	for _, c := range []struct {
		about, want string
		members     map[string]any
	}{
		{"a query", `curl --globoff -X POST 'https://APP1-dsn.algolia.net/1/indexes/products/query?x-algolia-agent=Go%20(4)' \
  -H 'x-algolia-application-id: ''APP1' \
  -H 'x-algolia-api-key: '"$ALGOLIA_API_KEY" \
  -H 'content-type: application/json' \
  --data-raw '{"params":"query=l'\''eau&hitsPerPage=20"}'`,
			map[string]any{"method": "POST", "url": "/1/indexes/products/query?x-algolia-agent=Go%20(4)&x-algolia-application-id=APP1&x-algolia-api-key=" + key, "query_body": `{"params":"query=l'eau&hitsPerPage=20"}`}},
		{"keys in the body and in the headers, no application", `curl --globoff -X GET 'https://TARGET-dsn.algolia.net/1/indexes/products?query=x' \
  -H 'x-algolia-application-id: ''TARGET' \
  -H 'x-algolia-api-key: '"$ALGOLIA_API_KEY" \
  -H 'content-type: application/json' \
  --data-raw '{"apiKey":"[masked…cdef]","params":"x-algolia-api-key=[masked…cdef]"}'`,
			map[string]any{"method": "GET", "url": "/1/indexes/products?query=x&apiKey=" + key, "query_body": `{"apiKey":"` + key + `","params":"x-algolia-api-key=` + key + `"}`, "query_headers": "Host: a\nx-algolia-api-key: " + key}},
		{"a key in the path, and a change", `# This may change the index.
curl --globoff -X DELETE 'https://TARGET.algolia.net/1/keys/[masked]' \
  -H 'x-algolia-application-id: ''TARGET' \
  -H 'x-algolia-api-key: '"$ALGOLIA_API_KEY"`,
			map[string]any{"method": "DELETE", "url": "/1/keys/" + key}},
	} {
		call, ok := Read(logged(t, c.members))
		if !ok {
			t.Fatal(c.about)
		}
		if got := call.Curl("TARGET"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.about, got, c.want)
		}
	}
}

func TestCurl_CutBodyAndUnknownApplication(t *testing.T) {
	call, _ := Read(logged(t, map[string]any{"method": "POST", "url": "/1/indexes/a/query?x-algolia-application-id=$(reboot)", "query_body": `{"params":"query=` + strings.Repeat("x", 2000)}))
	got := call.Curl("")
	if !strings.HasPrefix(got, "# Algolia cut the body: complete it before you send this.\ncurl ") || !strings.Contains(got, `"https://$ALGOLIA_APPLICATION_ID"'-dsn.algolia.net/1/indexes/a/query'`) || strings.Contains(got, "reboot") {
		t.Error(got)
	}
}
