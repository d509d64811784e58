package engine

import (
	"fmt"
	"log/slog"
	"sync"
)

// serverLog passes the embedded server's log to slog, notices as debug lines:
// they describe its own start and mean nothing to an operator of logpane.
type serverLog struct {
	log *slog.Logger

	mu   sync.Mutex
	last string // the latest fatal or error line, which says why a start failed
}

func (l *serverLog) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *serverLog) Debugf(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *serverLog) Tracef(format string, v ...any)  { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *serverLog) Warnf(format string, v ...any)   { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l *serverLog) Errorf(format string, v ...any)  { l.keep(format, v) }
func (l *serverLog) Fatalf(format string, v ...any)  { l.keep(format, v) }

func (l *serverLog) keep(format string, v []any) {
	s := fmt.Sprintf(format, v...)
	l.mu.Lock()
	l.last = s
	l.mu.Unlock()
	l.log.Error(s)
}

func (l *serverLog) fatal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}
