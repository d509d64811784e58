package simulate

import (
	"mime"
	"net/http"
	"strconv"
	"time"
)

const (
	tokenPath = "/oauth/access_token"
	tokenLife = time.Hour
	maxTokens = 10_000 // held at a time
)

// token is what the simulator knows of an access token it issued.
type token struct {
	expires  time.Time
	implicit bool // no access to integrations
}

// authenticate issues a token. There is no refresh token: one asks again.
func (e *elasticpath) authenticate(c *call) answer {
	fail := func(status int, title, detail string) answer {
		return elasticErrors(status, elasticError{strconv.Itoa(status), title, detail, c.id})
	}
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return fail(http.StatusBadRequest, "Bad Request", "Content-Type must be application/x-www-form-urlencoded")
	}
	if err := c.ParseForm(); err != nil {
		return fail(http.StatusBadRequest, "Bad Request", "The form cannot be read")
	}
	grant := c.PostForm.Get("grant_type")
	if grant != "client_credentials" && grant != "implicit" {
		return fail(http.StatusBadRequest, "Bad Request", "Unsupported grant_type")
	}
	if c.PostForm.Get("client_id") != ElasticPathClient ||
		grant == "client_credentials" && c.PostForm.Get("client_secret") != ElasticPathSecret {
		return fail(http.StatusUnauthorized, "Unauthorized", "Unable to find the client for the given credentials")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.issued++
	name := string(appendHex(appendHex(nil, mix(e.seed+e.issued), 16), mix(^e.seed+e.issued), 16))
	expires := c.now.Add(tokenLife)
	if len(e.tokens) >= maxTokens {
		for old, t := range e.tokens {
			if !t.expires.After(c.now) {
				delete(e.tokens, old)
			}
		}
		if len(e.tokens) >= maxTokens {
			return fail(http.StatusTooManyRequests, "Too Many Requests", "")
		}
	}
	e.tokens[name] = token{expires: expires, implicit: grant == "implicit"}
	return encoded(http.StatusOK, struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
		Expires     int64  `json:"expires"`
		Identifier  string `json:"identifier"`
	}{name, "Bearer", int(tokenLife / time.Second), expires.Unix(), grant})
}

// token returns the valid token of the call.
func (e *elasticpath) token(c *call) (token, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t, ok := e.tokens[c.bearer()]
	return t, ok && c.now.Before(t.expires)
}
