package server

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/logpane/logpane/static"
)

// pagePolicy is the Content-Security-Policy of the page. WebAssembly needs
// 'wasm-unsafe-eval'; nothing needs an inline script or style.
const pagePolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; " +
	"font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; " +
	"frame-ancestors 'none'"

// assetPolicy is for an asset that somebody opens by itself: an SVG is a
// document then, and may do nothing.
const assetPolicy = "default-src 'none'; frame-ancestors 'none'"

// noFeatures turns off what a log viewer never asks for. Copying to the
// clipboard is not in the list: it is used.
const noFeatures = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), " +
	"microphone=(), midi=(), payment=(), usb=()"

// site answers with the page and its assets. It never changes after newSite;
// both handlers may run in any number of goroutines.
//
// Not app.Handler of go-app: that one serves files outside of its folder for an
// encoded "..", writes attributes of prerendered pages without HTML escaping,
// and answers 304 to any path.
type site struct {
	files *static.Site
	shell []byte
	etag  string // of the shell
	links string // Link header of the page
}

// newSite returns the host of that build.
func newSite(s *static.Site) *site {
	h := &site{files: s, shell: s.Shell(), etag: `"` + s.Version() + `"`}
	// The header reaches the browser, and a proxy that sends early hints, before
	// the markup with the same links does.
	var links []string
	for _, l := range []struct{ name, how string }{
		// Not the program: it would share a slow line with the first entries.
		{"app.css", "rel=preload; as=style"},
		{"early.js", "rel=preload; as=script"},
		{"boot.js", "rel=preload; as=script"},
	} {
		if p := s.Path(l.name); p != "" {
			links = append(links, "<"+p+">; "+l.how)
		}
	}
	h.links = strings.Join(links, ", ")
	return h
}

// servePage answers with the page, which is the same at every address and for
// everyone: what it shows comes by /api. It looks at nothing of the request but
// the method and If-None-Match.
func (s *site) servePage(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	h := w.Header()
	protect(h, pagePolicy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", noFeatures)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", s.etag)
	if s.links != "" {
		h.Set("Link", s.links)
	}
	if matches(r.Header.Values("If-None-Match"), s.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(s.shell)))
	if r.Method != http.MethodHead {
		w.Write(s.shell)
	}
}

// serveAsset answers with the asset at the path of the request, in the best
// encoding that the client takes, or with 404. The path is looked up whole in a
// table of what was built, so ".." in any spelling is merely a name that is not
// in it.
func (s *site) serveAsset(w http.ResponseWriter, r *http.Request) {
	if !readOnly(w, r) {
		return
	}
	h := w.Header()
	protect(h, assetPolicy)
	f, ok := s.files.Lookup(r.URL.Path)
	if !ok {
		// After an update an open page may ask for a file of the build before;
		// the answer may be different after the next one.
		h.Set("Cache-Control", "no-store")
		http.Error(w, "no such file", http.StatusNotFound)
		return
	}
	encoding, body := choose(f, r.Header.Values("Accept-Encoding"))
	etag := `"` + f.Hash + `"`
	if encoding != "" {
		etag = `"` + f.Hash + "-" + encoding + `"` // other bytes, another tag
	}
	h.Set("ETag", etag)
	h.Set("Vary", "Accept-Encoding")
	if f.Immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if matches(r.Header.Values("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.Type)
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
	}
	if body != nil {
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			w.Write(body)
		}
		return
	}
	h.Set("Content-Length", strconv.Itoa(f.Size))
	if r.Method != http.MethodHead {
		// An error shows as a body shorter than announced; there is no other way
		// left to tell.
		_ = unpack(w, f)
	}
}

// unpack writes the uncompressed bytes of a file that is kept compressed only.
func unpack(w io.Writer, f static.File) error {
	z, err := gzip.NewReader(bytes.NewReader(f.Gzip))
	if err != nil {
		return fmt.Errorf("unpacking an asset: %w", err)
	}
	_, err = io.Copy(w, z)
	return err
}

// protect sets the headers that page and assets have in common.
func protect(h http.Header, policy string) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// readOnly says whether the request reads; if not it has answered 405.
func readOnly(w http.ResponseWriter, r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return true
	}
	w.Header().Set("Allow", "GET, HEAD")
	http.Error(w, "only GET and HEAD are answered here", http.StatusMethodNotAllowed)
	return false
}

// matches says whether an If-None-Match header names the tag. It compares
// weakly, as RFC 9110 §13.1.2 asks: proxies that recompress make tags weak.
func matches(fields []string, etag string) bool {
	for _, field := range fields {
		for tag := range strings.SplitSeq(field, ",") {
			tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
			if tag == etag || tag == "*" {
				return true
			}
		}
	}
	return false
}

// choose returns the encoding that the Accept-Encoding fields like best among
// those the file is kept in, and its bytes. The encoding is empty for the
// uncompressed form, whose bytes are nil where only unpack has them. Between
// equals the smaller wins; a client that takes nothing we have gets the
// uncompressed form, which RFC 9110 §12.5.3 allows and which always works.
func choose(f static.File, fields []string) (encoding string, body []byte) {
	q := weights(fields)
	weight := func(name string, unsaid float64) float64 {
		if v, ok := q[name]; ok {
			return v
		}
		if v, ok := q["*"]; ok {
			return v
		}
		return unsaid
	}
	best := 0.0
	if f.Brotli != nil {
		if v := weight("br", 0); v > best {
			encoding, body, best = "br", f.Brotli, v
		}
	}
	if f.Gzip != nil {
		if v := max(weight("gzip", 0), q["x-gzip"]); v > best {
			encoding, body, best = "gzip", f.Gzip, v
		}
	}
	// Not mentioned, identity is acceptable but never better than what is.
	if best == 0 || q["identity"] > best {
		return "", f.Raw
	}
	return encoding, body
}

// weights parses Accept-Encoding: coding → weight, 0..1. What cannot be read
// counts as not accepted. Codings beyond the 32nd are ignored.
func weights(fields []string) map[string]float64 {
	q := map[string]float64{}
	n := 0
	for _, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			if n++; n > 32 {
				return q
			}
			name, params, _ := strings.Cut(item, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			if name == "" {
				continue
			}
			v := 1.0
			for param := range strings.SplitSeq(params, ";") {
				key, text, ok := strings.Cut(param, "=")
				if !ok || !strings.EqualFold(strings.TrimSpace(key), "q") {
					continue
				}
				var err error
				if v, err = strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil || !(v >= 0 && v <= 1) {
					v = 0
				}
			}
			q[name] = v
		}
	}
	return q
}
