package elasticpath

import (
	"bytes"
	"testing"

	"github.com/logpane/logpane/bff/secret"
	"github.com/logpane/logpane/bff/source/rest"
)

// BenchmarkDecode measures all that Read does with a body: covering secrets,
// splitting, converting. The budget is 80 MB/s on one core.
func BenchmarkDecode(b *testing.B) {
	for name, body := range map[string][]byte{
		"plain":   page100(),
		"escaped": bytes.ReplaceAll(page100(), []byte("<"), []byte(`\u003c`)),
	} {
		for token, text := range map[string]string{"hex": "3f9a1c55e0b84d2f9a1c55e0b84d2f00", "base64": "3f9a/c55e+b84d2f9a/c55e+b84d2f00=="} {
			b.Run(name+"/"+token, func(b *testing.B) {
				mask := rest.NewMask(secret.New("WsqKxqwvzZq6kVzZq6kVzZq6kVzZq6kV"), secret.New("bDYvzZq6kVzZq6kVzZq6kVzZq6kV99xyz"), secret.New(text))
				b.SetBytes(int64(len(body)))
				b.ReportAllocs()
				for b.Loop() {
					l, err := parseList(mask.Raw(body))
					if err != nil || len(convert(l, 0, nil).Entries) != 100 {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
