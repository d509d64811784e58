package view

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ByTime is the name of the column that a table is sorted by unless its view says
// otherwise.
const ByTime = "time"

// maxName bounds the bytes of a column's name in an address.
const maxName = 128

// SortedBy returns the column that the view's table is sorted by, and whether its
// least value, or the oldest entry, is on top.
func (v View) SortedBy() (column string, least bool) {
	column, greatest := strings.CutPrefix(v.Sort, "-")
	switch column {
	case "":
		return ByTime, false
	case "ts":
		return ByTime, !greatest
	}
	return column, !greatest
}

// SortBy returns the view with its table sorted by a column.
func (v View) SortBy(column string, least bool) View {
	switch {
	case column == ByTime && least:
		v.Sort = "ts"
	case column == ByTime || !ColumnName(column):
		v.Sort = ""
	case least:
		v.Sort = column
	default:
		v.Sort = "-" + column
	}
	return v
}

// readSort reads the sort of an address, "" for the default.
func readSort(value string) (sort string, ok bool) {
	name, greatest := strings.CutPrefix(value, "-")
	switch {
	case value == "" || value == DefaultSort || value == "-"+ByTime:
		return "", true
	case value == "ts" || value == ByTime:
		return "ts", true
	case !ColumnName(name) || name == "ts" || name == ByTime:
		return "", false
	case greatest:
		return "-" + name, true
	}
	return name, true
}

// ColumnName reports whether a name may be that of a column, which is a name of
// the filter language: letters, digits and _ . @ $ -, from a letter or _ on.
func ColumnName(name string) bool {
	if name == "" || len(name) > maxName || !utf8.ValidString(name) {
		return false
	}
	for i, r := range name {
		if !(unicode.IsLetter(r) || r == '_' || i > 0 && (unicode.IsDigit(r) || strings.ContainsRune(".@$-", r))) {
			return false
		}
	}
	return true
}
