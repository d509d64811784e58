package redact

import "strings"

// name is one row of the table of names whose values are covered.
type name struct {
	word string // small letters and digits; case, hyphens and underscores of a name do not count
	kind kind
	how  match
}

// match is how a name fits a row.
type match uint8

const (
	ends    match = iota // it ends with the word: x-algolia-api-key, Proxy-Authorization
	last                 // its last word or words are these: billing_email, clientIp, but not zip for ip
	whole                // it is the word
	literal              // its last characters are these, underscores and all, in any case
)

// names is the table, by topic. It is read from the top: the first row that fits
// counts.
var names = []name{
	// Credentials of all kinds, as headers, members and parameters carry them.
	{"apikey", secret, ends}, {"authorization", secret, ends}, {"cookie", secret, ends}, {"accesstoken", secret, ends},
	{"refreshtoken", secret, ends}, {"idtoken", secret, ends}, {"sessiontoken", secret, ends}, {"clientsecret", secret, ends},
	{"secretkey", secret, ends}, {"accesskey", secret, ends}, {"accesskeyid", secret, ends}, {"privatekey", secret, ends},
	{"password", secret, ends}, {"passwd", secret, ends}, {"passphrase", secret, ends}, {"pwd", secret, last}, {"secret", secret, ends},
	{"authtoken", secret, ends}, {"csrftoken", secret, ends}, {"xsrftoken", secret, ends}, {"signature", secret, ends},
	{"securitytoken", secret, ends}, {"bearertoken", secret, ends}, {"sessionid", secret, ends}, {"jsessionid", secret, ends},
	{"phpsessid", secret, ends},
	// Elastic Path signs in customers and account members with headers X-Moltin-Customer-Token and
	// EP-Account-Management-Authentication-Token.
	{"customertoken", secret, ends}, {"authenticationtoken", secret, ends},

	// Algolia getLogs: ip of the end user, inner_queries[].user_token (userToken in the older documentation), and in
	// query_headers and parameters X-Algolia-UserToken, X-Forwarded-For, aroundLatLng (where the end user is).
	{"ip", ip, last}, {"ipaddress", ip, last}, {"xforwardedfor", ip, last}, {"xrealip", ip, whole}, {"remoteaddr", ip, last},
	{"remoteaddress", ip, last}, {"clientaddress", ip, last}, {"usertoken", user, ends}, {"aroundlatlng", place, whole},
	// Algolia Insights events: userToken, authenticatedUserToken; the same rows.

	// deepset: extra_fields.user_id, organization_id and organization_name; created_by of pipelines holds given_name and
	// family_name. Coveo writes organizationId for the account that everything is about, which is shown.
	{"userid", user, last}, {"useruuid", user, last}, {"username", user, last}, {"user", account, whole},
	{"organization_id", org, literal}, {"organization_name", org, literal}, {"givenname", person, last}, {"familyname", person, last},
	{"createdby", account, last}, {"updatedby", account, last}, {"modifiedby", account, last}, {"deletedby", account, last},

	// Elastic Path orders and customers, which webhooks get and their answers (body) repeat: customer {id, name, email},
	// contact, shipping_address and billing_address {first_name, last_name, phone_number, company_name, line_1, line_2,
	// city, postcode, county, country, region, instructions}.
	{"customer", account, last}, {"contact", related, last}, {"recipient", account, last}, {"shopper", account, last},
	{"shippingaddress", address, last}, {"billingaddress", address, last}, {"shipto", address, last}, {"billto", address, last},
	{"accountmember", account, last},
	{"customerid", user, last}, {"accountmemberid", user, last}, {"email", email, last}, {"emailaddress", email, last}, {"emails", email, last},
	{"firstname", person, last}, {"lastname", person, last}, {"middlename", person, last}, {"fullname", person, last}, {"surname", person, last},
	{"customername", person, last}, {"contactname", person, last}, {"recipientname", person, last}, {"cardholder", person, last},
	{"cardholdername", person, last}, {"phone", phone, last}, {"phonenumber", phone, last}, {"telephone", phone, last},
	{"mobilenumber", phone, last}, {"mobilephone", phone, last}, {"faxnumber", phone, last}, {"companyname", company, last},
	{"line1", place, last}, {"line2", place, last}, {"line3", place, last}, {"address1", place, last}, {"address2", place, last},
	{"street", place, last}, {"streetaddress", place, last}, {"streetname", place, last}, {"postcode", place, last},
	{"postalcode", place, last}, {"zip", place, last}, {"zipcode", place, last},
	{"address", related, last}, {"addresses", related, last}, {"customers", related, last}, {"contacts", related, last}, {"users", related, whole},
	{"name", partial, last}, {"city", partial, last}, {"county", partial, last}, {"town", partial, last}, {"company", partial, last},
	{"instructions", partial, last}, {"id", partial, whole},

	// Common elsewhere, in the records and bodies that the vendors' callers own.
	{"userids", user, last}, {"customerids", user, last}, {"visitorid", user, last}, {"memberid", user, last}, {"subscriberid", user, last},
	{"shopperid", user, last}, {"patientid", user, last}, {"employeeid", user, last}, {"anonymousid", user, last}, {"deviceid", user, last},
	{"dateofbirth", birth, last}, {"birthdate", birth, last}, {"birthday", birth, last}, {"dob", birth, last},
	{"ssn", number, last}, {"iban", number, last}, {"passportnumber", number, last}, {"taxid", number, last}, {"vatnumber", number, last},
	{"vatid", number, last},
	{"token", token, last},
}

// byEnd are chains of rows of names by the last two characters of their words: the
// first row of each, from 1, and for each row the next one of its chain.
var byEnd = func() (by struct {
	first [pairs]uint8
	next  [256]uint8
}) {
	for i := len(names); i > 0; i-- {
		p := pair(names[i-1].word)
		by.first[p], by.next[i] = uint8(i), by.first[p]
	}
	return by
}()

const pairs = 64 * 64

// pair is a number for the last two letters and digits of a name.
func pair(s string) int {
	i := len(s) - 1
	for i > 0 && class[s[i]] == dash {
		i--
	}
	j := i - 1
	for j > 0 && class[s[j]] == dash {
		j--
	}
	if j < 0 {
		return 0
	}
	return int(fold[s[i]])<<6 | int(fold[s[j]])
}

// fold numbers the letters, without case, and the digits; 0 for others.
var fold = func() (f [256]uint8) {
	for c := range 26 {
		f['a'+c], f['A'+c] = uint8(c+1), uint8(c+1)
	}
	for c := range 10 {
		f['0'+c] = uint8(c + 27)
	}
	return f
}()

// kindOf returns what the values of a name are.
func kindOf(s string) kind {
	for i := byEnd.first[pair(s)]; i > 0; i = byEnd.next[i] {
		if n := &names[i-1]; len(n.word) <= len(s) && n.fits(s) {
			return n.kind
		}
	}
	return plain
}

func (n *name) fits(s string) bool {
	if n.how == literal {
		return len(s) >= len(n.word) && strings.EqualFold(s[len(s)-len(n.word):], n.word)
	}
	at, ok := endsWith(s, n.word)
	switch {
	case !ok:
		return false
	case n.how == ends || at == 0:
		return true
	case n.how == whole:
		return false
	}
	before := s[at-1]
	return class[before]&(digit|hexLetter|letter) == 0 || before >= 'a' && 'A' <= s[at] && s[at] <= 'Z'
}

// endsWith returns where the word of small letters begins that a name ends with,
// without case, hyphens and underscores.
func endsWith(name, word string) (at int, ok bool) {
	i := len(name)
	for n := len(word) - 1; n >= 0; n-- {
		for i--; i >= 0 && (name[i] == '-' || name[i] == '_'); i-- {
		}
		if i < 0 || name[i]|0x20 != word[n] && name[i] != word[n] {
			return 0, false
		}
	}
	return i, true
}

// IsSecret reports whether the value of that name must never be shown.
func IsSecret(name string) bool { return kindOf(name) == secret }

// inside returns what a name means inside of an object that describes somebody.
func (k kind) inside(name string) kind {
	if k != partial {
		return k
	}
	if at, ok := endsWith(name, "company"); ok && at >= 0 {
		return company
	}
	for _, c := range [...]struct {
		word string
		kind kind
	}{{"name", person}, {"id", user}} {
		if _, ok := endsWith(name, c.word); ok {
			return c.kind
		}
	}
	return place
}

// scalar returns what a text is under a name of that kind.
func (k kind) scalar() kind {
	switch k {
	case account:
		return user
	case address:
		return place
	case related, partial:
		return plain
	}
	return k
}
