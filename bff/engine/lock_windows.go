package engine

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// flock takes f exclusively without waiting. It locks one byte far beyond the
// end, because a locked range cannot be read by others and the number at the
// start is meant for them.
func flock(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 1})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return errHeld
	}
	return err
}
