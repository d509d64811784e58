// Package fault is the error vocabulary that the server and the browser share.
//
// An error is classified once, at the edge where it is first understood, with a
// Kind for machines, a sentence for people and, where a vendor said something,
// the vendor's own words. Everything above passes it on untouched: the server
// turns the Kind into an HTTP status with [Kind.Status], and the browser
// rebuilds the same Kind from the answer.
//
//	return fault.New(fault.Forbidden, "algolia: list logs").
//		Saying("this API key lacks the ACL \"logs\"; create a key with it").
//		Quoting(body)
//
// Err and Op are for the server's own log only. Nothing here may hold a
// credential: Msg and Said are shown to people and leave the machine.
package fault

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind says what went wrong, coarsely enough to act on.
type Kind string

// The kinds. Their strings cross the wire and are part of the contract.
const (
	Invalid         Kind = "invalid"         // the request is wrong: fix it
	Unauthenticated Kind = "unauthenticated" // no session, or the vendor refused the credential
	Forbidden       Kind = "forbidden"       // the credential is known but lacks a right, which Msg names
	NotFound        Kind = "not_found"       // no such target, connection, job or page
	Conflict        Kind = "conflict"        // somebody else changed the same thing first: repeat
	Unsupported     Kind = "unsupported"     // this vendor cannot do that
	RateLimited     Kind = "rate_limited"    // wait RetryAfter
	Unavailable     Kind = "unavailable"     // the vendor or the network is down: try again
	Timeout         Kind = "timeout"         // no answer in time: try again or ask for less
	BadUpstream     Kind = "bad_upstream"    // the vendor answered something unreadable
	Canceled        Kind = "canceled"        // the caller went away
	Internal        Kind = "internal"        // our own mistake
)

// statuses is the one table between kinds and HTTP statuses, used in both
// directions. 499 is nginx's word for a client that went away.
var statuses = []struct {
	kind   Kind
	status int
}{
	{Invalid, 400},
	{Unauthenticated, 401},
	{Forbidden, 403},
	{NotFound, 404},
	{Conflict, 409},
	{Unsupported, 422},
	{RateLimited, 429},
	{Unavailable, 503},
	{Timeout, 504},
	{BadUpstream, 502},
	{Canceled, 499},
	{Internal, 500},
}

// Kinds returns every kind, in the order of the status table.
func Kinds() []Kind {
	out := make([]Kind, len(statuses))
	for i, s := range statuses {
		out[i] = s.kind
	}
	return out
}

// Status returns the HTTP status of k; 500 for a kind that is not in the table.
func (k Kind) Status() int {
	for _, s := range statuses {
		if s.kind == k {
			return s.status
		}
	}
	return 500
}

// KindOfStatus returns the kind that an HTTP status of ours stands for. Unknown
// statuses become Invalid below 500 and Internal from there on.
func KindOfStatus(status int) Kind {
	for _, s := range statuses {
		if s.status == status {
			return s.kind
		}
	}
	if status >= 400 && status < 500 {
		return Invalid
	}
	return Internal
}

// Temporary reports whether the same call may succeed later unchanged.
func (k Kind) Temporary() bool {
	switch k {
	case RateLimited, Unavailable, Timeout, BadUpstream:
		return true
	}
	return false
}

// MaxSaid bounds Error.Said, in bytes.
const MaxSaid = 600

// Error is an error with a kind. It is immutable once returned.
type Error struct {
	Kind       Kind
	Op         string        // what was being done, for the log: "algolia: read logs"
	Msg        string        // a sentence for people, with what to do next; never a secret
	Said       string        // the vendor's own words, at most MaxSaid bytes; never a secret
	RetryAfter time.Duration // when to try again; 0 if the vendor did not say
	Column     int           // 1-based column of a filter error; 0 if it does not apply
	Status     int           // the vendor's HTTP status, 0 if there was none
	Err        error         // the cause, for the log and errors.Is only
}

// New returns an error of a kind for an operation.
func New(kind Kind, op string) *Error { return &Error{Kind: kind, Op: op} }

// Saying sets the sentence for people and returns e.
func (e *Error) Saying(msg string) *Error { e.Msg = msg; return e }

// Quoting sets the vendor's words, cut to MaxSaid bytes and freed of control
// characters, and returns e. The caller removes secrets first.
func (e *Error) Quoting(words string) *Error { e.Said = clean(words); return e }

// Because sets the cause and returns e.
func (e *Error) Because(err error) *Error { e.Err = err; return e }

// Error returns "op: kind: message", and the cause where there is one.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op)
		b.WriteString(": ")
	}
	b.WriteString(string(e.Kind))
	if e.Msg != "" {
		b.WriteString(": ")
		b.WriteString(e.Msg)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Of returns the fault in err's chain. Errors without one become Canceled or
// Timeout when a context ended, and Internal otherwise; nil stays nil.
func Of(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &Error{Kind: Canceled, Msg: "the request was canceled", Err: err}
	case errors.Is(err, context.DeadlineExceeded):
		return &Error{Kind: Timeout, Msg: "this took too long; try again or ask for less", Err: err}
	}
	return &Error{Kind: Internal, Msg: "something went wrong on our side", Err: err}
}

// KindOf returns the kind of err as [Of] sees it, and "" for nil.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	return Of(err).Kind
}

// clean makes foreign words safe to show in one line of text.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if len(s) <= MaxSaid {
		return s
	}
	cut := MaxSaid - len("…")
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
