package elasticpath

import (
	"strings"

	"github.com/logpane/logpane/app/fault"
	"github.com/logpane/logpane/app/query"
	"github.com/logpane/logpane/bff/source/driver"
)

// The API filters by path and by nothing else: integration logs are on neither
// list of the guides "Filtering" and "Sorting". So a store's logs of one
// integration, and an integration's logs of one job, are other paths.

// opLogs is the log call's name in messages.
const opLogs = "read logs"

// Filters returns the filters for a target. Of a store, a job can only be asked for
// with its integration.
func (s *store) Filters(path []string) []driver.Filter {
	is := []query.Op{query.OpIs}
	job := driver.Filter{Capability: query.Capability{Field: "job", Ops: is, Spell: plainID}, Case: true}
	switch {
	case len(path) == 0:
		job.Needs = []string{"integration", "integration_name"}
		return []driver.Filter{
			{Capability: query.Capability{Field: "integration", Ops: is, Spell: s.spellIntegration}, Case: true},
			{Capability: query.Capability{Field: "integration_name", Ops: is, Spell: s.integrationNamed}},
			job,
		}
	case len(path) == 2:
		return []driver.Filter{job}
	}
	return nil
}

// plainID takes what an id of the API consists of: they are UUIDs in every sample.
func plainID(id string) (string, bool) {
	ok := id != "" && len(id) <= 64
	for i := range len(id) {
		c := id[i]
		ok = ok && (c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-')
	}
	return id, ok
}

// spellIntegration writes an id as the list of integrations has it.
func (s *store) spellIntegration(id string) (string, bool) {
	known := s.names.get()
	if _, ok := known[id]; !ok {
		for k := range known {
			if strings.EqualFold(k, id) {
				return plainID(k)
			}
		}
	}
	return plainID(id)
}

// integrationNamed returns the id of the only integration of a name, as far as
// they are known.
func (s *store) integrationNamed(name string) (string, bool) {
	found := ""
	for id, k := range s.names.get() {
		if query.Fold(k.name) != query.Fold(name) {
			continue
		}
		if found != "" {
			return "", false
		}
		found = id
	}
	return plainID(found)
}

// logsCall returns the path of a log call, and which rows it asks for.
func (s *store) logsCall(r driver.Read) (path []string, offset, limit int, err error) {
	integration, job := "", ""
	switch p := r.Path; {
	case len(p) == 0:
	case len(p) == 2 && p[0] == s.profile.word:
		integration = p[1]
	case len(p) == 4 && p[0] == s.profile.word && p[2] == "jobs":
		integration, job = p[1], p[3]
	default:
		return nil, 0, 0, s.fault(fault.Invalid, opLogs).
			Saying("a target of " + s.profile.title + " is the store, " + s.profile.word + "/ID, or " + s.profile.word + "/ID/jobs/JOB")
	}
	if r.Item != "" {
		return nil, 0, 0, s.fault(fault.Unsupported, opLogs).Saying(s.profile.title + " cannot look for one item")
	}
	for _, t := range r.Terms {
		switch {
		case len(r.Path) == 4 || t.Op != query.OpIs || len(t.Values) != 1:
		case t.Field == "job":
			job = t.Values[0]
		case len(r.Path) == 0 && integration == "" && t.Field != "job":
			integration = t.Values[0]
		}
	}
	path = []string{"v2", "integrations"}
	if len(r.Path) > 0 || integration != "" {
		path = append(path, integration) // package rest refuses an empty one
	}
	if len(r.Path) == 4 || len(path) == 3 && job != "" {
		path = append(path, "jobs", job)
	}
	return append(path, "logs"), max(r.Offset, 0), min(max(r.Limit, 1), maxLimit), nil
}
