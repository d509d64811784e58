//go:build !(js && wasm)

package dom

// Start does nothing.
func (x Export) Start() (cancel func()) { return func() {} }
