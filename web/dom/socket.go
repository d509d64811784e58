//go:build !(js && wasm)

package dom

// Socket reports that the server cannot be reached.
func Socket(_ string, _ func(), _ func([][]byte), closed func(code int, reason string)) (send func([]byte), stop func()) {
	closed(1006, "")
	return func([]byte) {}, func() {}
}

// Watch never calls.
func Watch(_, _ func(on bool)) (stop func()) { return func() {} }

// Selecting reports false.
func Selecting(string) bool { return false }

// SetTitle does nothing.
func SetTitle(string) {}
