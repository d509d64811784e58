package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"strings"

	"github.com/logpane/logpane/bff/secret"
)

// TokenPrefix is how every access token begins, so that scanners for leaked
// secrets know one when they see it.
const TokenPrefix = "lgp_"

const (
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tokenRandom = 43 // characters of base 62: 256 bits
	tokenCheck  = 6  // characters of base 62: a CRC-32 of what stands before
	tokenLen    = len(TokenPrefix) + tokenRandom + tokenCheck
)

// newTokenText returns a fresh token: prefix, 256 random bits and a checksum, by
// which a mistyped token is known without asking the store.
func newTokenText() secret.Value {
	text := make([]byte, 0, tokenLen)
	text = append(text, TokenPrefix...)
	var b [tokenRandom]byte
	for len(text) < len(TokenPrefix)+tokenRandom {
		_, _ = rand.Read(b[:]) // never fails, per crypto/rand
		for _, c := range b {
			// The largest multiple of 62 in a byte: what is beyond would make some
			// characters likelier.
			if c < 248 && len(text) < len(TokenPrefix)+tokenRandom {
				text = append(text, base62[c%62])
			}
		}
	}
	return secret.New(string(appendCheck(text, string(text))))
}

func appendCheck(b []byte, of string) []byte {
	var check [tokenCheck]byte
	sum := crc32.ChecksumIEEE([]byte(of))
	for i := tokenCheck - 1; i >= 0; i-- {
		check[i] = base62[sum%62]
		sum /= 62
	}
	return append(b, check[:]...)
}

// tokenKey returns the store key of a token, its SHA-256; ok is false for a text
// that cannot be a token.
func tokenKey(text string) (key string, ok bool) {
	if len(text) != tokenLen || !strings.HasPrefix(text, TokenPrefix) {
		return "", false
	}
	body := text[:tokenLen-tokenCheck]
	if string(appendCheck(nil, body)) != text[tokenLen-tokenCheck:] {
		return "", false
	}
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:]), true
}
