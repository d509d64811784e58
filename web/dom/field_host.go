//go:build !(js && wasm)

package dom

// Field returns "" and -1.
func Field(string) (text string, caret int) { return "", -1 }

// Edit does nothing.
func Edit(string, string, int, int) {}

// Reveal does nothing.
func Reveal(string) {}

// Focused returns "".
func Focused() string { return "" }

// Within reports false.
func Within(string) bool { return false }

// Cycle reports false.
func Cycle(string, bool) bool { return false }
