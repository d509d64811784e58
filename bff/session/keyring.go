package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
)

const (
	keyIDLen   = 4  // bytes of a key id
	keyLen     = 32 // bytes of a key
	firstKeyID = "k001"
	keyFile    = "keys"
	maxKeyFile = 16 << 10 // bytes; far more keys than anybody rotates through
)

// Keyring seals what is stored and derives the other keys of the server. The
// first key seals; every key opens. It is immutable and safe for concurrent use;
// make one with [ParseKeys] or [OpenKeys].
//
// To rotate: add the new key at the end on every replica, then put it first,
// then drop the old one after the longest session lifetime. Access tokens live
// longer: every replica seals them anew with its first key when it starts, and every
// quarter of an hour. Give ids in
// ascending order (k001, k002, …): [Keyring.Derive] uses the lowest, so that
// replicas agree while a rotation is under way.
type Keyring struct {
	keys   []key // the first seals
	lowest int   // index of the key with the lowest id
}

// Format writes "[keys]" for every verb: a key ring never prints its keys.
func (*Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[keys]") }

type key struct {
	id  string
	prk []byte // HKDF's pseudo-random key, extracted once
}

// ParseKeys reads "id:base64,id:base64": ids of 4 ASCII letters or digits, keys of
// 32 random bytes. Line breaks and blanks separate as well as commas. Make a key
// with: printf 'k001:%s\n' "$(head -c32 /dev/urandom | base64)".
//
// Errors: Invalid, saying what is wrong with which key, never showing it.
func ParseKeys(spec string) (*Keyring, error) {
	const op = "read the keys"
	bad := func(msg string) (*Keyring, error) {
		return nil, fault.New(fault.Invalid, op).Saying(msg + "; write id:base64 with a 4-character id and 32 random bytes")
	}
	r := &Keyring{}
	for _, part := range strings.FieldsFunc(spec, func(c rune) bool { return c == ',' || c <= ' ' }) {
		id, text, found := strings.Cut(part, ":")
		if !found || len(id) != keyIDLen || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return bad("a key has no id of 4 letters or digits")
		}
		if slices.ContainsFunc(r.keys, func(k key) bool { return k.id == id }) {
			return bad("two keys have the id " + id)
		}
		raw, err := decodeKey(text)
		if err != nil || len(raw) != keyLen {
			return bad("the key " + id + " is not 32 bytes in base64")
		}
		prk, err := hkdf.Extract(sha256.New, raw, []byte("logpane"))
		if err != nil {
			return nil, fault.New(fault.Internal, op).Saying("the key " + id + " cannot be used").Because(err)
		}
		r.keys = append(r.keys, key{id, prk})
		if id < r.keys[r.lowest].id {
			r.lowest = len(r.keys) - 1
		}
	}
	if len(r.keys) == 0 {
		return bad("there is no key")
	}
	return r, nil
}

// decodeKey takes both base64 alphabets, padded or not.
func decodeKey(s string) ([]byte, error) {
	s = strings.TrimRight(s, "=")
	if strings.ContainsAny(s, "-_") {
		return base64.RawURLEncoding.DecodeString(s)
	}
	return base64.RawStdEncoding.DecodeString(s)
}

// OpenKeys reads the key ring from the file "keys" in dir, and makes one with a
// random key where there is none. It is for one replica over its own folder;
// several replicas share sessions only if [ParseKeys] gives all of them the same
// keys.
//
// Errors: Invalid if others can read the file, or it holds no valid keys;
// Internal if it cannot be read or written.
func OpenKeys(dir string) (*Keyring, error) {
	const op = "open the key file"
	path := filepath.Join(dir, keyFile)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKeyFile(dir, path); err != nil {
			return nil, fault.New(fault.Internal, op).
				Saying("the key file " + path + " cannot be written; check the owner and mode of the folder").Because(err)
		}
		info, err = os.Lstat(path)
	}
	switch {
	case err != nil:
		return nil, fault.New(fault.Internal, op).Saying("the key file " + path + " cannot be read").Because(err)
	case !info.Mode().IsRegular() || info.Size() > maxKeyFile:
		return nil, fault.New(fault.Invalid, op).Saying(path + " is not a key file; move it away, or set LOGPANE_KEYS")
	case !private(info):
		return nil, fault.New(fault.Invalid, op).
			Saying("the key file " + path + " can be read by other users; run chmod 600 " + path + ", and replace the key if somebody may have read it")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fault.New(fault.Internal, op).
			Saying("the key file " + path + " cannot be read; check its owner").Because(err)
	}
	r, err := ParseKeys(string(b))
	if err != nil {
		return nil, fault.New(fault.Invalid, op).
			Saying("the key file " + path + " is damaged (" + fault.Of(err).Msg + "); restore it, or remove it: everybody then adds their connections again")
	}
	return r, nil
}

// makeKeyFile writes a fresh key completely before it appears under its name; of
// two processes that do so at once, the first wins and both read its key.
func makeKeyFile(dir, path string) error {
	raw := make([]byte, keyLen)
	_, _ = rand.Read(raw)                          // never fails, per crypto/rand
	f, err := os.CreateTemp(dir, "."+keyFile+"-*") // mode 0600, per os.CreateTemp
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(firstKeyID + ":" + base64.StdEncoding.EncodeToString(raw) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(dir)
}

// syncDir makes the new name survive a power cut: without its key every stored
// session is lost.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	// Not every file system can sync a folder; the name is then as safe as it gets.
	_ = d.Sync()
	return d.Close()
}

// Seal encrypts plain so that only a ring with the same key opens it, and only
// under the same aad: the store key, so that a blob moved to another session's
// place is refused. The result is the key id, a random nonce and AES-256-GCM
// under a key derived for this aad; 32 bytes longer than plain. It never fails.
func (r *Keyring) Seal(aad string, plain []byte) []byte {
	k := r.keys[0]
	out := make([]byte, keyIDLen, keyIDLen+12+len(plain)+16)
	copy(out, k.id)
	return k.aead(aad).Seal(out, nil, plain, []byte(aad))
}

// Open returns what Seal was given. Errors: Forbidden if it was sealed with a key
// that is not in the ring, under another aad, or was changed.
func (r *Keyring) Open(aad string, sealed []byte) ([]byte, error) {
	const op = "unseal"
	if len(sealed) < keyIDLen {
		return nil, fault.New(fault.Forbidden, op).Saying("the stored value is too short")
	}
	id := string(sealed[:keyIDLen])
	for _, k := range r.keys {
		if k.id != id {
			continue
		}
		plain, err := k.aead(aad).Open(nil, nil, sealed[keyIDLen:], []byte(aad))
		if err != nil {
			return nil, fault.New(fault.Forbidden, op).Saying("the stored value is not authentic")
		}
		return plain, nil
	}
	return nil, fault.New(fault.Forbidden, op).Saying("the stored value was sealed with a key that is not here")
}

// Derive returns 32 bytes for a purpose, the same on every replica and after a
// restart, until the ring's key with the lowest id is dropped. Purposes are
// constants like "cursor"; what is derived for one tells nothing about another.
func (r *Keyring) Derive(purpose string) []byte {
	return r.keys[r.lowest].expand("derive", purpose)
}

// CredentialID names a credential without telling it: 128 bits in base64url (22
// characters) of an HMAC over vendor, base URL, account and every secret. Equal
// credentials have equal ids on every replica; who does not hold the credential
// and the server's key cannot compute it. It is safe in file names, subjects and
// logs.
func (r *Keyring) CredentialID(vendor, baseURL, account string, creds map[string]secret.Value) string {
	mac := hmac.New(sha256.New, r.Derive("credential id"))
	put := func(s string) {
		// Lengths first, so that no two different inputs give the same bytes.
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		mac.Write(n[:])
		mac.Write([]byte(s))
	}
	put(vendor)
	put(baseURL)
	put(account)
	names := make([]string, 0, len(creds))
	for name := range creds {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		put(name)
		put(creds[name].Reveal())
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func (k key) aead(aad string) cipher.AEAD {
	block, err := aes.NewCipher(k.expand("seal", aad))
	if err != nil {
		panic(err) // the key has 32 bytes
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has 16-byte blocks
	}
	return a
}

func (k key) expand(use, detail string) []byte {
	b, err := hkdf.Expand(sha256.New, k.prk, "logpane "+use+"\x00"+detail, keyLen)
	if err != nil {
		panic(err) // 32 bytes is within HKDF's bound
	}
	return b
}
