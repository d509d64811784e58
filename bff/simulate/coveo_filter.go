package simulate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// coveoFilter is the request body and the window. An allow list beats its exclude list.
type coveoFilter struct {
	SourcesIDs         []string `json:"sourcesIds"`
	Operations         []string `json:"operations"`
	Results            []string `json:"results"`
	Tasks              []string `json:"tasks"`
	ResourceIDs        []string `json:"resourceIds"`
	ExcludeSourceIDs   []string `json:"excludeSourceIds"`
	ExcludeOperations  []string `json:"excludeOperations"`
	ExcludeResults     []string `json:"excludeResults"`
	ExcludeTasks       []string `json:"excludeTasks"`
	ExcludeResourceIDs []string `json:"excludeResourceIds"`

	from, to int64 // Unix nanoseconds, both inclusive
	item     string
	matching string
}

func (f *coveoFilter) decode(body []byte, lenient bool) error {
	if text := bytes.TrimSpace(body); len(text) == 0 || text[0] != '{' {
		return errors.New("the request body must be a JSON object")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	if !lenient {
		dec.DisallowUnknownFields()
		// encoding/json matches keys whatever their case; the vendor does not.
		var keys map[string]json.RawMessage
		if err := json.Unmarshal(body, &keys); err != nil {
			return errors.New("the request body is not valid JSON")
		}
		for key := range keys {
			if !slices.Contains([]string{"sourcesIds", "operations", "results", "tasks", "resourceIds", "excludeSourceIds",
				"excludeOperations", "excludeResults", "excludeTasks", "excludeResourceIds"}, key) {
				return fmt.Errorf("unrecognized field %q", key)
			}
		}
	}
	if err := dec.Decode(f); err != nil {
		return errors.New("the request body is not valid: every field must be an array of strings")
	}
	if lenient {
		return nil
	}
	for _, c := range []struct {
		given, known []string
	}{{f.Tasks, coveoTasks}, {f.ExcludeTasks, coveoTasks}, {f.Operations, coveoOperations},
		{f.ExcludeOperations, coveoOperations}, {f.Results, coveoResults}, {f.ExcludeResults, coveoResults}} {
		for _, word := range c.given {
			if !slices.Contains(c.known, word) {
				return fmt.Errorf("unknown value %q", word)
			}
		}
	}
	return nil
}

func (f *coveoFilter) window(q url.Values) error {
	from, err := parseW3C(q.Get("from"))
	if err != nil {
		return errors.New("the parameter from is required and must be a W3C date and time")
	}
	to, err := parseW3C(q.Get("to"))
	if err != nil {
		return errors.New("the parameter to is required and must be a W3C date and time")
	}
	if to.Before(from) {
		return errors.New("the parameter to must not be before from")
	}
	if to.Sub(from) > coveoWindow {
		return errors.New("the parameters from and to cannot be more than 7 days apart")
	}
	f.from, f.to = from.UnixNano(), to.UnixNano()
	f.item, f.matching = q.Get("documentId"), "EXACT"
	if q.Has("documentIdMatching") {
		f.matching = q.Get("documentIdMatching")
	}
	switch f.matching {
	case "EXACT", "PARTIAL", "WILDCARD":
		return nil
	}
	return errors.New("the parameter documentIdMatching must be EXACT, PARTIAL or WILDCARD")
}

// parseW3C reads the forms of the W3C note on dates and times that name a day.
func parseW3C(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("not a W3C date and time")
}

// all reports whether the filter lets everything pass.
func (f *coveoFilter) all() bool {
	return f.item == "" && len(f.SourcesIDs)+len(f.Operations)+len(f.Results)+len(f.Tasks)+len(f.ResourceIDs)+
		len(f.ExcludeSourceIDs)+len(f.ExcludeOperations)+len(f.ExcludeResults)+len(f.ExcludeTasks)+len(f.ExcludeResourceIDs) == 0
}

func (f *coveoFilter) match(r *record) bool {
	return passes(r.target, f.SourcesIDs, f.ExcludeSourceIDs) && passes(r.op, f.Operations, f.ExcludeOperations) &&
		passes(r.result, f.Results, f.ExcludeResults) && passes(r.kind, f.Tasks, f.ExcludeTasks) &&
		passes(r.resource, f.ResourceIDs, f.ExcludeResourceIDs) && f.matchItem(r.item)
}

func (f *coveoFilter) matchItem(uri string) bool {
	switch {
	case f.item == "":
		return true
	case f.matching == "PARTIAL":
		return strings.Contains(uri, f.item)
	case f.matching == "WILDCARD":
		return wildcard(f.item, uri)
	}
	return uri == f.item
}

func passes(value string, allow, exclude []string) bool {
	if len(allow) > 0 {
		return slices.Contains(allow, value)
	}
	return !slices.Contains(exclude, value)
}

// wildcard matches * to any characters and ? to one.
func wildcard(pattern, s string) bool {
	// path.Match stops * at a slash and knows more signs than these two.
	pattern = strings.NewReplacer(`\`, `\\`, `[`, `\[`, "/", "\x00").Replace(pattern)
	ok, err := path.Match(pattern, strings.ReplaceAll(s, "/", "\x00"))
	return err == nil && ok
}
