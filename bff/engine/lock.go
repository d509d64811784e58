package engine

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/fault"
)

// dirLock is the exclusive use of a data folder, until release or the end of the
// process. JetStream itself has none: two servers over one folder start without
// complaint and corrupt each other.
type dirLock struct{ f *os.File }

// errHeld is what flock returns when another holder exists.
var errHeld = errors.New("held by another process")

// lockDir takes the folder, or returns an Invalid fault that names it.
func lockDir(dir string) (*dirLock, error) {
	const op = "lock the data folder"
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fault.New(fault.Invalid, op).
			Saying("the data folder " + dir + " cannot be written; check its owner and mode, or choose another with --data-dir").Because(err)
	}
	if err := flock(f); err != nil {
		held := readPID(f)
		_ = f.Close()
		if errors.Is(err, errHeld) {
			return nil, fault.New(fault.Invalid, op).
				Saying("the data folder " + dir + " is in use by another logpane" + held + "; stop that one, or give this one another folder with --data-dir")
		}
		return nil, fault.New(fault.Invalid, op).
			Saying("the data folder " + dir + " cannot be locked; use a folder on a local disk").Because(err)
	}
	// The number is for the sentence above; the lock does not depend on it.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &dirLock{f}, nil
}

// readPID returns " (process 123)", or "" if the file does not hold a number.
func readPID(f *os.File) string {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 20))
	if err != nil {
		return ""
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return ""
	}
	return " (process " + strconv.Itoa(pid) + ")"
}

// release frees the folder. The file stays: removing it would race with the
// next holder.
func (l *dirLock) release() { _ = l.f.Close() }

// makeDir creates dir for this user alone where it is missing. It leaves the mode
// of an existing folder as it is.
func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fault.New(fault.Invalid, "create the data folder").
			Saying("the data folder " + dir + " cannot be created; check the path, or choose another with --data-dir").Because(err)
	}
	return nil
}
