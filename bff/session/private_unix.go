//go:build unix

package session

import "io/fs"

// private reports whether the file's owner alone may use it.
func private(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 == 0 }
