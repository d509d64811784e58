package logs

import "time"

// State says why a stretch of time ends where it ends.
type State string

// The states of a stretch of coverage.
const (
	Complete State = "complete" // everything that the vendor has for it was read
	More     State = "more"     // more exists: ask on with the cursor
	Capped   State = "capped"   // the vendor shows no more than this
	Expired  State = "expired"  // the vendor keeps nothing that old
	Failed   State = "failed"   // the call failed: Reason says how
	Unasked  State = "unasked"  // nobody asked the vendor for it
)

// Coverage is what an answer says about one stretch of time of one target: the
// entries shown between From and To are all of them, or Reason says why not.
type Coverage struct {
	Src    string    `json:"src"`
	From   time.Time `json:"from,omitzero"` // inclusive; zero means as far back as anything goes
	To     time.Time `json:"to,omitzero"`   // exclusive; zero means until the moment of the answer
	State  State     `json:"state"`
	Reason string    `json:"reason,omitempty"` // one plain sentence
	// Waiting says of a More stretch that a call for it is still running: its entries
	// come without more being asked of the vendor.
	Waiting bool `json:"waiting,omitempty"`
	// Of a Failed stretch only:
	Kind         string `json:"kind,omitempty"`           // a fault.Kind
	Said         string `json:"said,omitempty"`           // the vendor's own words
	RetryAfterMS int64  `json:"retry_after_ms,omitempty"` // when to ask again; absent if the vendor did not say
}

// Clause is one clause of a query and where it was evaluated.
type Clause struct {
	Src   string `json:"src"`
	Query string `json:"query"` // the clause, in our query language
	Where string `json:"where"` // WhereVendor or WhereHere
}

// Where a clause was evaluated.
const (
	WhereVendor = "vendor"
	WhereHere   = "here"
)

// Span is a stretch of time: From inclusive, To exclusive, zero for open ends.
type Span struct {
	From, To time.Time
}

// Holds reports whether t lies in the span. An entry without a time lies in
// every span: hiding it would hide the vendor's mistake.
func (s Span) Holds(t time.Time) bool {
	if t.IsZero() {
		return true
	}
	return (s.From.IsZero() || !t.Before(s.From)) && (s.To.IsZero() || t.Before(s.To))
}

// Note is something to tell about a filter beside its entries. It refuses nothing.
type Note struct {
	Text string `json:"text"`           // a plain sentence, without capital and full stop
	Name string `json:"name"`           // the name in the filter that it is about
	Near string `json:"near,omitempty"` // the name that was probably meant
}
