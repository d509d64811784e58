package client

import (
	"context"
	"net/url"

	"github.com/logpane/logpane/app/wire"
)

// Tokens returns the access tokens that this session sees, newest first.
func (c *Client) Tokens(ctx context.Context) ([]wire.Token, error) {
	var out wire.Tokens
	err := c.call(ctx, shortWait, "GET", wire.PathTokens, nil, &out)
	return out.Tokens, err
}

// MakeToken makes an access token. Its answer is the only one that holds the text.
func (c *Client) MakeToken(ctx context.Context, req wire.NewToken) (wire.Token, error) {
	var out wire.Token
	err := c.call(ctx, shortWait, "POST", wire.PathTokens, req, &out)
	return out, err
}

// RevokeToken ends an access token. NotFound where it has ended already.
func (c *Client) RevokeToken(ctx context.Context, id string) error {
	return c.call(ctx, shortWait, "DELETE", wire.PathTokens+"/"+url.PathEscape(id), nil, nil)
}
