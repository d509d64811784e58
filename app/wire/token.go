package wire

import "time"

// PathTokens is the access tokens that the session sees: GET lists them, POST
// makes one, DELETE with an id below it revokes one.
const PathTokens = "/api/tokens"

// TokenPrefix is how the text of every access token begins. Scripts send it as
// "Authorization: Bearer lgp_…", without a cookie and without [Header].
const TokenPrefix = "lgp_"

// Bounds of access tokens.
const (
	MaxTokenLabel = 100 // bytes
	MaxTokenDays  = 366
	TokenDays     = 30 // unless asked otherwise
)

// Tokens answers GET /api/tokens, newest first.
type Tokens struct {
	Tokens []Token `json:"tokens"`
}

// Token is an access token for scripts.
type Token struct {
	ID          string            `json:"id"` // opens nothing
	Label       string            `json:"label"`
	Last        string            `json:"last"` // four characters of its text
	Created     time.Time         `json:"created"`
	Expires     time.Time         `json:"expires"`
	Used        time.Time         `json:"used,omitzero"` // to the minute; absent if never
	Connections []TokenConnection `json:"connections"`
	// Token is the text itself, in the answer that made it and nowhere else.
	Token string `json:"token,omitempty"`
}

// TokenConnection is one connection that a token holds. Of one that the session
// does not hold itself, only the vendor is told.
type TokenConnection struct {
	Vendor  string `json:"vendor"`
	Region  string `json:"region,omitempty"`
	Account string `json:"account,omitempty"`
	Label   string `json:"label,omitempty"`
	Held    bool   `json:"held,omitempty"`
}

// NewToken asks for a token: POST /api/tokens.
type NewToken struct {
	Label       string   `json:"label"`       // what it is for
	Connections []string `json:"connections"` // ids of this session's
	Days        int      `json:"days,omitempty"`
}
