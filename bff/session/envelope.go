package session

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"
)

// envelope is what is sealed: 1 byte version, 8 bytes expiry, 16 bytes handle, blob.
type envelope struct {
	expires time.Time
	handle  string
	blob    []byte
}

const (
	envelopeVersion = 1
	handleBytes     = 16
	envelopeHeader  = 1 + 8 + handleBytes
)

func (s *store) seal(key string, e envelope) []byte {
	plain := make([]byte, 0, envelopeHeader+len(e.blob))
	plain = append(plain, envelopeVersion)
	plain = append(plain, timeBytes(e.expires)...)
	raw, _ := base64.RawURLEncoding.DecodeString(e.handle) // of newHandle or unseal
	plain = append(plain, raw...)
	return s.keys.Seal(bucketSess+"/"+key, append(plain, e.blob...))
}

func (s *store) unseal(key string, sealed []byte) (envelope, bool) {
	plain, err := s.keys.Open(bucketSess+"/"+key, sealed)
	if err != nil || len(plain) < envelopeHeader || plain[0] != envelopeVersion {
		return envelope{}, false
	}
	return envelope{
		expires: time.Unix(0, int64(binary.BigEndian.Uint64(plain[1:9]))),
		handle:  base64.RawURLEncoding.EncodeToString(plain[9:envelopeHeader]),
		blob:    plain[envelopeHeader:],
	}, true
}

func newHandle() string {
	var b [handleBytes]byte
	_, _ = rand.Read(b[:]) // never fails, per crypto/rand
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func timeBytes(t time.Time) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(t.UnixNano()))
}

// validKey admits base64url, which both kinds of key are made of: nothing in it
// has a meaning in a subject.
func validKey(key string) bool {
	if key == "" || len(key) > 64 {
		return false
	}
	for i := range len(key) {
		c := key[i]
		if (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
