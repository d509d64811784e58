//go:build unix

package engine

import (
	"errors"
	"os"
	"syscall"
)

// flock takes f exclusively without waiting. The lock belongs to this open file:
// a second Open in the same process is refused as well.
func flock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errHeld
	}
	return err
}
