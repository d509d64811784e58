package simulate

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// servePlatform answers the platform host: the list of sources in both forms and the token check. Per the Source API
// reference perPage is 100 unless given, and filter needs two characters. The full models hold configuration, as the
// vendor's do.
func (v *coveo) servePlatform(c *call) answer {
	return v.routePlatform(c).with("X-Request-ID", c.id)
}

func (v *coveo) routePlatform(c *call) answer {
	switch {
	case c.is("POST", "oauth/check_token"):
		return v.checkToken(c)
	case c.is("GET", "rest/organizations/*/sources/pages"), c.is("GET", "rest/organizations/*/sources"):
		if a := v.admit(c, c.path[2], "view sources (SOURCE VIEW)"); a.status != 0 {
			return a
		}
		return v.listSources(c, len(c.path) == 5)
	}
	return v.refuse(http.StatusNotFound, "No such resource.")
}

func (v *coveo) checkToken(c *call) answer {
	if media, _, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err != nil || media != "application/x-www-form-urlencoded" {
		return v.refuse(http.StatusUnsupportedMediaType, "Content type must be application/x-www-form-urlencoded.")
	}
	if err := c.ParseForm(); err != nil {
		return v.refuse(http.StatusBadRequest, "The form cannot be read.")
	}
	switch c.PostForm.Get("token") {
	case CoveoToken, CoveoTokenNoView:
		return encoded(http.StatusOK, map[string]any{"active": true, "client_id": "apikey", "user_name": "logs@" + v.org})
	}
	return encoded(http.StatusBadRequest, map[string]any{"error": "invalid_token", "error_description": "Token was not recognised"})
}

type sourceModel struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	SourceType    string         `json:"sourceType"`
	Owner         string         `json:"owner"`
	Visibility    string         `json:"sourceVisibility"`
	PushEnabled   bool           `json:"pushEnabled"`
	Configuration map[string]any `json:"configuration"`
}

func (v *coveo) listSources(c *call, paged bool) answer {
	if name, bad := c.unknown("page", "perPage", "filter", "sortingType"); bad {
		return v.refuse(http.StatusBadRequest, fmt.Sprintf("Unknown parameter %q.", name))
	}
	page, err := c.integer("page", 0)
	if err != nil || page < 0 {
		return v.refuse(http.StatusBadRequest, "The parameter page must be an integer of at least 0.")
	}
	perPage, err := c.integer("perPage", 100)
	if err != nil || perPage < 1 || perPage > 1000 {
		return v.refuse(http.StatusBadRequest, "The parameter perPage must be an integer between 1 and 1000.")
	}
	filter := c.query.Get("filter")
	if len(filter) == 1 {
		return v.refuse(http.StatusBadRequest, "The parameter filter needs at least 2 characters.")
	}
	if sort := c.query.Get("sortingType"); sort != "" && sort != "NAME" {
		return v.refuse(http.StatusBadRequest, "The parameter sortingType must be NAME.")
	}
	var all []sourceModel
	for _, s := range v.sources {
		if strings.Contains(strings.ToLower(s.name), strings.ToLower(filter)) {
			all = append(all, sourceModel{s.id, s.name, s.kind, "admin@" + v.org, "SHARED", s.kind == "PUSH",
				map[string]any{"userIdentities": map[string]any{"password": "demo-source-password"}}})
		}
	}
	slices.SortFunc(all, func(a, b sourceModel) int { return cmp.Compare(a.Name, b.Name) })
	part := all[min(min(page, 1<<40)*perPage, len(all)):]
	part = append([]sourceModel{}, part[:min(perPage, len(part))]...)
	if !paged {
		return encoded(http.StatusOK, part)
	}
	return encoded(http.StatusOK, map[string]any{"sourceModels": part, "totalEntries": len(all), "totalPages": (len(all) + perPage - 1) / perPage})
}
