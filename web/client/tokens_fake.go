package client

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/wire"
)

// FakeToken is how the text of a token begins that a Fake made; its number follows.
const FakeToken = wire.TokenPrefix + "fake"

// tokens answers for access tokens.
func (f *Fake) tokens(method, path string, body []byte) (int, string, []byte, error) {
	id := strings.TrimPrefix(strings.TrimPrefix(path, wire.PathTokens), "/")
	switch {
	case method == "GET" && id == "":
		return answer(200, wire.Tokens{Tokens: append([]wire.Token{}, f.Tokens...)})
	case method == "POST" && id == "":
		var req wire.NewToken
		if err := json.Unmarshal(body, &req); err != nil || req.Label == "" || len(req.Connections) == 0 {
			return problem(fault.New(fault.Invalid, "").Saying("the token is not right"))
		}
		f.made++
		t := wire.Token{
			ID: "t" + strconv.Itoa(f.made), Label: req.Label, Last: "last", Created: time.Unix(1700000000, 0).UTC(),
			Expires: time.Unix(1700000000, 0).UTC().AddDate(0, 0, req.Days), Connections: []wire.TokenConnection{},
		}
		for _, c := range f.Conns {
			if slices.Contains(req.Connections, c.ID) {
				t.Connections = append(t.Connections, wire.TokenConnection{Vendor: c.Vendor, Region: c.Region, Account: c.Account, Label: c.Label, Held: true})
			}
		}
		f.Tokens = append([]wire.Token{t}, f.Tokens...)
		t.Token = FakeToken + strconv.Itoa(f.made)
		return answer(201, t)
	case method == "DELETE":
		for i := range f.Tokens {
			if f.Tokens[i].ID == id {
				f.Tokens = slices.Delete(slices.Clone(f.Tokens), i, i+1)
				return 204, "", nil, nil
			}
		}
	}
	return problem(fault.New(fault.NotFound, "").Saying("there is no such access token any more"))
}
