package server

import (
	"net/http"

	"github.com/logpane/logpane/app/fault"
)

// follow writes entries as they come.
func (s *Server) follow(o *stream, r *http.Request, want wanted, run *running) error {
	return fault.New(fault.Unsupported, "follow").Saying("not yet")
}
