package session

import (
	"strings"
	"testing"

	"github.com/logpane/logpane/bff/secret"
)

func TestTokenText_ChecksumCatchesTypos(t *testing.T) {
	text := newTokenText().Reveal()
	if len(text) != 53 || strings.Trim(text[4:], base62) != "" || newTokenText().Equal(secret.New(text)) {
		t.Fatalf("%q", text)
	}
	if key, ok := tokenKey(text); !ok || key != hashed(text) || !validKey(key) {
		t.Fatalf("the key of a fresh token is %q, %v", key, ok)
	}
	for i := range text {
		for _, c := range []byte("0aZ_-. ") {
			wrong := []byte(text)
			if wrong[i] == c {
				continue
			}
			wrong[i] = c
			if _, ok := tokenKey(string(wrong)); ok {
				t.Errorf("taken with %q at %d", c, i)
			}
		}
		if i > 0 && text[i] != text[i-1] {
			swapped := []byte(text)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			if _, ok := tokenKey(string(swapped)); ok {
				t.Errorf("taken with two characters swapped at %d", i)
			}
		}
	}
}
