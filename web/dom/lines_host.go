//go:build !(js && wasm)

package dom

import (
	"context"
	"errors"
)

// Lines fails: there is no browser to fetch with.
func Lines(context.Context, string, []byte, func([]byte)) (int, string, []byte, error) {
	return 0, "", nil, errors.New("dom: no browser")
}
