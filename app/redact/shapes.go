package redact

import "strings"

// mail covers the e-mail address whose at sign stands at i.
func (m *masking) mail(i, size int) int {
	s := m.s
	next := i + size
	if !m.personal {
		return next
	}
	from := i
	for from > m.done {
		if c := s[from-1]; class[c]&inWord != 0 || c == '.' || c == '+' || c >= 0x80 {
			from--
			continue
		}
		if s[from-1] == '%' && (strings.HasPrefix(s[from:], "2B") || strings.HasPrefix(s[from:], "2b") || strings.HasPrefix(s[from:], "252B")) { // bob+tag
			from--
			continue
		}
		break
	}
	from = afterEscape(s, from, i)
	for from < i && s[from] == '.' {
		from++
	}
	end, labels := next, 0
	for at := next; at < len(s); labels++ {
		begin := at
		for at < len(s) && (class[s[at]]&inWord != 0 || s[at] >= 0x80) {
			at++
		}
		if at == begin {
			break
		}
		if labels > 0 {
			if first := class[s[begin]]; at-begin < 2 || first&(letter|hexLetter) == 0 && s[begin] < 0x80 {
				break
			}
			end = at
		} else if s[begin] >= '0' && s[begin] <= '9' && strings.HasSuffix(s[begin:at], "x") { // logo@2x.png
			break
		}
		if at == len(s) || s[at] != '.' {
			break
		}
		at++
	}
	if from == i || end == next {
		return next
	}
	return m.replace(from, end, m.lens.tag(email, s[from:end]))
}

// userinfo covers the name and password of a URL whose colon stands at i:
// https://user:pass@host, also with escaped slashes. It returns i where there are
// none.
func (m *masking) userinfo(i int) int {
	s := m.s
	at := i + colon(s, i)
	ends, escaped := "/?# \t\r\n\"'<>\\,;)]}", s[i] == '%'
	for range 2 {
		switch {
		case strings.HasPrefix(s[at:], "/"):
			at++
		case strings.HasPrefix(s[at:], `\/`):
			at += 2
		case strings.HasPrefix(s[at:], "%2F") || strings.HasPrefix(s[at:], "%2f"):
			at += 3
		default:
			return i
		}
	}
	end := at
	for end < len(s) && strings.IndexByte(ends, s[end]) < 0 && !(escaped && (strings.HasPrefix(s[end:], "%2F") || strings.HasPrefix(s[end:], "%2f"))) {
		end++
	}
	sign, colons := -1, false
	for p := at; p < end; p++ {
		switch {
		case s[p] == '@' || escaped && atSign(s, p) > 0:
			sign = p
		case sign < 0 && (s[p] == ':' || escaped && colon(s, p) > 0):
			colons = true
		}
	}
	if sign < 0 || !colons && sign-at < 20 {
		return i
	}
	return max(i, m.put(secret, at, sign, ""))
}

// ipv4 covers the address whose first number ends the word s[at:end], and returns
// where to go on, 0 where there is none.
func (m *masking) ipv4(at, end int) int {
	s := m.s
	from := end
	for from > at && class[s[from-1]] == digit {
		from--
	}
	if from == end || from > at && class[s[from-1]] != dash || from == at && at >= 2 && s[at-1] == '.' && class[s[at-2]] == digit {
		return 0
	}
	p, big, last := from, false, 0
	for n := range 4 {
		v, begin := 0, p
		for p < len(s) && class[s[p]] == digit && p-begin < 4 {
			v = 10*v + int(s[p]-'0')
			p++
		}
		if p == begin || p-begin > 3 || v > 255 {
			return 0
		}
		big, last = big || v >= 100, v
		if n < 3 {
			if p == len(s) || s[p] != '.' {
				return 0
			}
			p++
		}
	}
	if p < len(s) && (class[s[p]]&(digit|letter|hexLetter) != 0 || s[p] == '.' && p+1 < len(s) && class[s[p+1]] == digit) {
		return 0
	}
	if here(s[from:p]) || isVersion(s, from, big, last) {
		return p
	}
	return m.replace(from, p, m.lens.tag(ip, s[from:p]))
}

// here reports whether an address says nothing of anybody: this machine, or any.
func here(s string) bool {
	return strings.HasPrefix(s, "127.") || s == "0.0.0.0" || s == "255.255.255.255" || s == "::1"
}

// isVersion reports whether the four numbers at i are a version by what stands
// before them: Chrome/120.0.0.0, lib-1.2.3.4, version: "1.2.3.4". Its largest number
// is big, if that is 100 or more.
func isVersion(s string, i int, big bool, last int) bool {
	if i >= 3 {
		at := i - 2
		if s[at] == '\\' && s[i-1] == '/' { // as some write JSON
			at--
		}
		if class[s[at]]&(letter|hexLetter) != 0 {
			switch s[i-1] {
			case '/':
				return last == 0
			case '-', '_':
				return !big
			}
		}
	}
	word := strings.TrimRight(s[max(0, i-24):i], " :=\"'\\")
	return len(word) >= 7 && strings.EqualFold(word[len(word)-7:], "version") || strings.HasSuffix(word, ";v")
}

// ipv6 covers the address that begins at i, and returns where to go on, 0 where
// there is none.
func (m *masking) ipv6(i int) int {
	s := m.s
	if !m.personal || i < m.tried {
		return 0
	}
	p, groups, gap := i, 0, false
	if n := colon(s, p); n > 0 {
		if i > 0 && (class[s[i-1]]&inWord != 0 || s[i-1] == ':') {
			return 0
		}
		p, gap = p+n+colon(s, p+n), true
	}
	end := p
	for groups < 8 {
		q := p
		for q < len(s) && class[s[q]]&(digit|hexLetter) != 0 && q-p < 5 {
			q++
		}
		if q == p || q-p > 4 {
			break
		}
		p, end = q, q
		groups++
		n := colon(s, q)
		if n == 0 {
			if groups > 1 && q < len(s) && s[q] == '.' { // ::ffff:192.0.2.1
				if v4 := m.ipv4End(s, q); v4 > 0 {
					end = v4
					groups++
				}
			}
			break
		}
		if n2 := colon(s, q+n); n2 > 0 {
			if gap {
				groups = 0
				break
			}
			p, gap = q+n+n2, true
			end = p
		} else if q+n < len(s) && class[s[q+n]]&(digit|hexLetter) != 0 {
			p = q + n
		} else {
			break
		}
	}
	m.tried = max(p, end)
	text := s[i:end]
	if gap != (groups < 8) || groups == 0 || !strings.ContainsAny(text, "0123456789") || end < len(s) && (class[s[end]]&inWord != 0 || p == end && colon(s, end) > 0 && colon(s, end-1) > 0) {
		return 0
	}
	if here(text) {
		return end
	}
	return m.replace(i, end, m.lens.tag(ip, text))
}

// ipv4End returns where the address ends whose first number ends at i, 0 for none.
func (m *masking) ipv4End(s string, i int) int {
	for range 3 {
		if i == len(s) || s[i] != '.' {
			return 0
		}
		begin := i + 1
		for i++; i < len(s) && class[s[i]] == digit; i++ {
		}
		if i == begin || i-begin > 3 {
			return 0
		}
	}
	return i
}

// card covers the number of a payment card that begins with the word s[at:end], and
// returns where to go on, 0 where there is none. The last four digits stay: it is
// covered like a credential, also where personal data is shown.
func (m *masking) card(at, end int) int {
	s := m.s
	var digits [16]byte
	n, groups := 0, 0
	to := at
	for group := 0; to < len(s); to++ {
		c := s[to]
		if class[c] == digit {
			if n == len(digits) {
				return 0
			}
			digits[n] = c - '0'
			n, group = n+1, group+1
			continue
		}
		if (c == '-' || c == ' ' || c == '+') && (group == 4 || group == 6) && to+1 < len(s) && class[s[to+1]] == digit && n < 15 {
			groups, group = groups+1, 0
			continue
		}
		break
	}
	if to < end || n < 14 || groups != 0 && groups != 2 && groups != 3 || !isCard(digits[:n]) {
		return 0
	}
	if at > 0 && (s[at-1] == '.' || s[at-1] == '-') || to < len(s) && s[to] == '.' && to+1 < len(s) && class[s[to+1]] == digit {
		return 0
	}
	before := strings.TrimRight(s[:at], " \t\n\r")
	name := strings.TrimRight(before, ":=\"'\\ ")
	if len(name) >= 2 && strings.EqualFold(name[len(name)-2:], "id") {
		return 0
	}
	shown := masked + "…" + string([]byte{'0' + digits[n-4], '0' + digits[n-3], '0' + digits[n-2], '0' + digits[n-1]}) + "]"
	if groups == 0 && (to == len(s) || strings.IndexByte(",]} \t\n\r", s[to]) >= 0) { // maybe a number of JSON, which must stay a value
		switch {
		case strings.HasSuffix(before, ":"):
			key := strings.TrimRight(before[:len(before)-1], " \t\n\r")
			if quote := len(key) - 1; quote >= 0 && key[quote] == '"' {
				q := quote
				for q > 0 && key[q-1] == '\\' {
					q--
				}
				shown = key[q:] + shown + key[q:]
			}
		case (strings.HasSuffix(before, "[") || strings.HasSuffix(before, ",")) && m.isJSON():
			shown = "0"
		}
	}
	return m.replace(at, to, shown)
}

// isCard reports whether digits are the number of a card: an issuer's prefix, its
// length, and the check digit of Luhn.
func isCard(d []byte) bool {
	two := int(d[0])*10 + int(d[1])
	four := two*100 + int(d[2])*10 + int(d[3])
	switch {
	case len(d) == 16 && (d[0] == 4 || 51 <= two && two <= 55 || 2221 <= four && four <= 2720 || four == 6011 || two == 65 || two == 35):
	case len(d) == 15 && (two == 34 || two == 37):
	case len(d) == 14 && (two == 36 || two == 38 || two == 30):
	default:
		return false
	}
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i])
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// minKey is the length of the shortest key that is known by its looks.
const minKey = 16

// keyShapes are the beginnings of keys that are known by their looks, with their
// least lengths.
var keyShapes = []struct {
	prefix string
	least  int
}{
	{"sk_live_", 20}, {"sk_test_", 20}, {"rk_live_", 20}, {"rk_test_", 20}, {"whsec_", 20}, // Stripe
	{"ghp_", 24}, {"gho_", 24}, {"ghu_", 24}, {"ghs_", 24}, {"ghr_", 24}, {"github_pat_", 30}, {"glpat-", 20}, // forges
	{"AKIA", 20}, {"ASIA", 20}, {"AIza", 35}, // Amazon, Google
	{"xoxb-", 20}, {"xoxp-", 20}, {"xoxa-", 20}, {"xoxr-", 20}, {"xoxs-", 20}, {"xapp-", 20}, // Slack
	{"sk-", 32}, {"hf_", 30}, {"npm_", 36}, {"shpat_", 32}, {"shpss_", 32}, {"lgp_", 20}, // models, packages, shops, ours
}

// key covers a key that is known by its looks in the word s[at:end], and returns
// where to go on, 0 where there is none. All but Algolia's have letters beyond f.
func (m *masking) key(at, end int, letters bool) int {
	s := m.s
	for i := at; i < end && letters; i++ {
		if i > at && class[s[i-1]] != dash {
			continue
		}
		switch s[i] {
		case 's', 'r', 'w', 'g', 'x', 'h', 'n', 'l', 'A':
			for k := range keyShapes {
				if shape := &keyShapes[k]; end-i >= shape.least && strings.HasPrefix(s[i:end], shape.prefix) && strings.ContainsAny(s[i:end], "0123456789") {
					return m.put(secret, i, end, "")
				}
			}
			// Coveo's keys are xx and a UUID, per its documentation of API keys.
			if end-i == 38 && s[i] == 'x' && s[i+1] == 'x' && s[i+10] == '-' && s[i+15] == '-' && s[i+20] == '-' && s[i+25] == '-' {
				return m.put(secret, i, end, "")
			}
		case 'e': // a JSON web token: three parts in base64, the first of which begins with {"
			if strings.HasPrefix(s[i:end], "eyJ") && end+1 < len(s) && s[end] == '.' && class[s[end+1]]&inWord != 0 {
				for end++; end < len(s) && (class[s[end]]&inWord != 0 || s[end] == '.'); end++ {
				}
				return m.put(secret, i, end, "")
			}
		case '-', 'B':
			if strings.HasPrefix(s[i:], "BEGIN ") && strings.HasPrefix(s[at:], "-----") {
				return m.pem(i)
			}
		}
	}
	// The path /1/keys/KEY of Algolia's API.
	if end-at == 32 && at >= 6 && s[at-1] == '/' && isHex(s[at:end]) {
		before := strings.TrimRight(s[:at], `\/`)
		if strings.HasSuffix(before, "keys") {
			return m.put(secret, at, end, "")
		}
	}
	return 0
}

// pem covers a private key in text form, whose heading begins at i.
func (m *masking) pem(i int) int {
	const closes = "PRIVATE KEY-----"
	s := m.s
	n := strings.Index(s[i:min(len(s), i+64)], closes)
	if n < 0 {
		return 0
	}
	at := i + n + len(closes)
	end := strings.Index(s[at:], "-----END")
	if quote := strings.IndexByte(s[at:], '"'); end < 0 || quote >= 0 && quote < end {
		if end = quote; quote < 0 {
			end = len(s) - at
		}
		for end > 0 && s[at+end-1] == '\\' {
			end--
		}
	}
	return max(at, m.put(secret, at, at+end, ""))
}
