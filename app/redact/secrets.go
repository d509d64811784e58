package redact

// Secrets returns s without the credentials in it: values of names that are secret
// in header lines, JSON members and query strings, escaped or not, what stands
// behind Bearer and Basic, the names and passwords of URLs, and keys that are known
// by their looks. Of a long one the last four characters stay, so that two can be
// told apart. Doing it twice changes nothing, and JSON stays JSON. What a vendor
// masked itself, with asterisks, stays as it is.
func Secrets(s string) string { return Lens{Reveal: true}.Text(s) }
