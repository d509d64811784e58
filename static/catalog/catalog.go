// Package catalog describes what static/pack built, so that package static can
// embed and serve it without knowing how it was made.
//
// The catalog is one JSON file, [Name], that lies beside the files it lists:
//
//	{"shell": "shell.html", "files": [
//	  {"name": "app.wasm", "path": "/assets/app.3f2a….wasm", "type": "application/wasm", …}]}
//
// It holds no behaviour besides naming: neither compression nor HTTP.
package catalog

// Name is the file name of the catalog in the folder of built files.
const Name = "catalog.json"

// Catalog lists everything that one build produced. The zero value is an empty
// build.
type Catalog struct {
	Shell   string `json:"shell"`   // file name of the page every address is answered with
	Version string `json:"version"` // hash of the shell, and so of everything it refers to
	Quality int    `json:"quality"` // brotli quality of the build, 0..11
	Plain   bool   `json:"plain"`   // whether app.wasm was built with go-app as published
	Files   []Item `json:"files"`   // ascending by Name
}

// Item is one file that a browser may ask for.
type Item struct {
	Name   string `json:"name"`   // name in the sources: "app.css"
	Path   string `json:"path"`   // URL path: "/assets/app.1b9d….css"
	Stem   string `json:"stem"`   // file name of the uncompressed form; the others add Brotli or Gzip
	Type   string `json:"type"`   // Content-Type
	Hash   string `json:"hash"`   // hex of the first 16 bytes of the SHA-256 of the uncompressed bytes
	Fixed  bool   `json:"fixed"`  // whether Path lacks the hash, so that its bytes may change
	Size   int    `json:"size"`   // bytes uncompressed
	Gzip   int    `json:"gzip"`   // bytes in gzip; 0 where that form is not kept
	Brotli int    `json:"brotli"` // bytes in brotli; 0 where that form is not kept
	NoRaw  bool   `json:"no_raw"` // whether the uncompressed form is not kept
}

// The endings of compressed forms.
const (
	GzipExt   = ".gz"
	BrotliExt = ".br"
)

// Find returns the item of that source name, and whether there is one.
func (c Catalog) Find(name string) (Item, bool) {
	for _, it := range c.Files {
		if it.Name == name {
			return it, true
		}
	}
	return Item{}, false
}
