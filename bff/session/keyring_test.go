package session

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/bff/secret"
)

// keySpec returns an entry for ParseKeys whose key is 32 times fill.
func keySpec(id string, fill byte) string {
	return id + ":" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{fill}, keyLen))
}

func keys(tb testing.TB, spec ...string) *Keyring {
	tb.Helper()
	r, err := ParseKeys(strings.Join(spec, ","))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestSeal_OpensOnlyWhereItBelongs(t *testing.T) {
	old, next := keySpec("k001", 1), keySpec("k002", 2)
	plain := []byte("the plain text of a session")
	sealed := keys(t, old).Seal("sess/a", plain)
	if bytes.Contains(sealed, plain[:8]) || len(sealed) != len(plain)+32 {
		t.Fatalf("sealed %d bytes: %q", len(sealed), sealed)
	}
	if again := keys(t, old).Seal("sess/a", plain); bytes.Equal(again, sealed) {
		t.Error("two seals of one text are equal: the nonce does not vary")
	}
	for name, c := range map[string]struct {
		ring *Keyring
		aad  string
		in   []byte
		ok   bool
	}{
		"same ring":                 {keys(t, old), "sess/a", sealed, true},
		"new key first":             {keys(t, next, old), "sess/a", sealed, true},
		"new key last":              {keys(t, old, next), "sess/a", sealed, true},
		"retired key":               {keys(t, next), "sess/a", sealed, false},
		"same id, another key":      {keys(t, keySpec("k001", 9)), "sess/a", sealed, false},
		"moved to another place":    {keys(t, old), "sess/b", sealed, false},
		"no place":                  {keys(t, old), "", sealed, false},
		"cut":                       {keys(t, old), "sess/a", sealed[:len(sealed)-1], false},
		"longer":                    {keys(t, old), "sess/a", append(bytes.Clone(sealed), 0), false},
		"empty":                     {keys(t, old), "sess/a", nil, false},
		"key id only":               {keys(t, old), "sess/a", sealed[:4], false},
		"relabelled to another key": {keys(t, old, next), "sess/a", append([]byte("k002"), sealed[4:]...), false},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.ring.Open(c.aad, c.in)
			if c.ok && (err != nil || !bytes.Equal(got, plain)) || !c.ok && (fault.KindOf(err) != fault.Forbidden || got != nil) {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1
		if _, err := keys(t, old).Open("sess/a", bad); err == nil {
			t.Errorf("a changed byte %d was not noticed", i)
		}
	}
	if id := keys(t, next, old).Seal("x", nil)[:4]; string(id) != "k002" {
		t.Errorf("sealed with %s, want the first key", id)
	}
}

func TestDerive_SameThroughoutARotation(t *testing.T) {
	old, next := keySpec("k001", 1), keySpec("k002", 2)
	want := keys(t, old).Derive("cursor")
	if len(want) != 32 {
		t.Fatalf("%d bytes", len(want))
	}
	for _, r := range []*Keyring{keys(t, old, next), keys(t, next, old)} {
		if !bytes.Equal(r.Derive("cursor"), want) {
			t.Error("derived keys differ between steps of a rotation")
		}
	}
	if bytes.Equal(keys(t, old).Derive("other"), want) || bytes.Equal(keys(t, next).Derive("cursor"), want) {
		t.Error("derived keys do not depend on purpose and key")
	}
}

func TestCredentialID_DependsOnEveryPart(t *testing.T) {
	r := keys(t, keySpec("k001", 1))
	creds := func(kv ...string) map[string]secret.Value {
		m := map[string]secret.Value{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = secret.New(kv[i+1])
		}
		return m
	}
	ids := map[string]string{}
	for name, id := range map[string]string{
		"base":            r.CredentialID("v", "u", "a", creds("k", "s", "l", "t")),
		"vendor":          r.CredentialID("w", "u", "a", creds("k", "s", "l", "t")),
		"url":             r.CredentialID("v", "x", "a", creds("k", "s", "l", "t")),
		"account":         r.CredentialID("v", "u", "b", creds("k", "s", "l", "t")),
		"secret":          r.CredentialID("v", "u", "a", creds("k", "S", "l", "t")),
		"swapped":         r.CredentialID("v", "u", "a", creds("k", "t", "l", "s")),
		"fewer":           r.CredentialID("v", "u", "a", creds("k", "s")),
		"none":            r.CredentialID("v", "u", "a", nil),
		"shifted":         r.CredentialID("vu", "", "a", creds("k", "s", "l", "t")),
		"shifted in pair": r.CredentialID("v", "u", "a", creds("ks", "", "l", "t")),
		"other server":    keys(t, keySpec("k001", 2)).CredentialID("v", "u", "a", creds("k", "s", "l", "t")),
	} {
		if raw, err := base64.RawURLEncoding.DecodeString(id); err != nil || len(raw) != 16 {
			t.Errorf("%s: %q is not 128 bits", name, id)
		}
		if other, dup := ids[id]; dup {
			t.Errorf("%s and %s have one id", name, other)
		}
		ids[id] = name
	}
	for range 20 { // maps come in any order
		if got := r.CredentialID("v", "u", "a", creds("l", "t", "k", "s")); ids[got] != "base" {
			t.Fatal("the id depends on the order of a map")
		}
	}
}

func TestParseKeys_Refusals(t *testing.T) {
	secretPart := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("z"), keyLen))
	for name, spec := range map[string]string{
		"empty":         "",
		"blank":         " ,\n ",
		"no id":         secretPart,
		"short id":      "k1:" + secretPart,
		"long id":       "k0001:" + secretPart,
		"odd id":        "k-01:" + secretPart,
		"short key":     "k001:" + secretPart[:20],
		"not base64":    "k001:" + strings.Repeat("!", 44),
		"twice":         "k001:" + secretPart + ",k001:" + secretPart,
		"second is bad": "k001:" + secretPart + ",k002:" + secretPart[:40],
	} {
		r, err := ParseKeys(spec)
		if fault.KindOf(err) != fault.Invalid || r != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if strings.Contains(err.Error(), secretPart[:16]) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
	url := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, keyLen))
	if r := keys(t, keySpec("old1", 0xff)+"\nk002:"+url+"\n"); len(r.keys) != 2 || !bytes.Equal(r.keys[0].prk, r.keys[1].prk) {
		t.Error("both base64 alphabets and line breaks should be read")
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%d"} {
		if got := fmt.Sprintf(verb, keys(t, keySpec("k001", 7))); got != "[keys]" {
			t.Errorf("a key ring prints as %s", got)
		}
	}
}

func TestOpenKeys_MadeOnceAndPrivate(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	rings := make([]*Keyring, 8)
	for i := range rings {
		wg.Go(func() {
			r, err := OpenKeys(dir)
			if err != nil {
				t.Error(err)
				return
			}
			rings[i] = r
		})
	}
	wg.Wait()
	for _, r := range rings {
		if r == nil || !bytes.Equal(r.Derive("x"), rings[0].Derive("x")) {
			t.Fatal("starting at once made different keys")
		}
	}
	path := filepath.Join(dir, keyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) != 0 {
		t.Errorf("left over: %v", left)
	}
	if other, err := OpenKeys(t.TempDir()); err != nil || bytes.Equal(other.Derive("x"), rings[0].Derive("x")) {
		t.Errorf("two installations share a key, or %v", err)
	}

	for _, mode := range []os.FileMode{0o640, 0o604, 0o660, 0o666} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := OpenKeys(dir)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Of(err).Msg, "chmod 600 "+path) {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("k001:damaged\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(dir); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Of(err).Msg, path) {
		t.Errorf("damaged: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeys(dir); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a folder: %v", err)
	}
	if _, err := OpenKeys(filepath.Join(dir, "missing")); fault.KindOf(err) != fault.Internal {
		t.Errorf("no folder: %v", err)
	}
}

func FuzzParseKeys(f *testing.F) {
	f.Add(keySpec("k001", 1))
	f.Add(keySpec("k001", 1) + "," + keySpec("k002", 2))
	f.Add("k001:,,:\n")
	f.Fuzz(func(t *testing.T, spec string) {
		r, err := ParseKeys(spec)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v", err)
			}
			return
		}
		if got, err := r.Open("a", r.Seal("a", []byte("x"))); err != nil || string(got) != "x" {
			t.Errorf("a ring that parsed does not work: %v", err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	r, err := ParseKeys(keySpec("k001", 1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("k001"), "a")
	f.Add(r.Seal("a", []byte("x"))[:30], "a")
	f.Fuzz(func(t *testing.T, sealed []byte, aad string) {
		if plain, err := r.Open(aad, sealed); err == nil {
			t.Errorf("opened what was never sealed: %q", plain)
		}
		if got, err := r.Open(aad, r.Seal(aad, sealed)); err != nil || !bytes.Equal(got, sealed) {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func BenchmarkSealOpen(b *testing.B) {
	r, err := ParseKeys(keySpec("k001", 1))
	if err != nil {
		b.Fatal(err)
	}
	plain := make([]byte, 2048)
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		if _, err := r.Open("sess/key", r.Seal("sess/key", plain)); err != nil {
			b.Fatal(err)
		}
	}
}
