package main

import (
	"bytes"
	"fmt"
	"regexp"
)

// elementTypes are the kinds of elements that go-app's own code tells from others,
// or that do something else under the same name: a text area's Text is its value.
var elementTypes = map[string]bool{"Body": true, "Textarea": true}

var (
	elementInterface = regexp.MustCompile(`(?ms)^type HTML(\w+) interface \{\n.*?^\}\n`)
	elementStruct    = regexp.MustCompile(`(?m)^type html(\w+) struct \{\n\thtmlElement\n\}\n`)
	elementMethod    = regexp.MustCompile(`(?ms)^func \(e \*html(\w+)\) (\w+)(\([^\n]*\)) HTML(\w+) \{\n(.*?)^\}\n`)
)

// oneElement makes one type out of those of the 100 elements in go-app's
// html_gen.go. As published each is an interface over a struct with 50 to 80
// methods that are the same for all of them; a call through an interface takes
// more code than a plain one and keeps every such method of every element in the
// program. Code that builds with go-app as published builds with this one too,
// except a type switch over elements.
//
// The error says what is not as it was when this was written.
func oneElement(text []byte) ([]byte, error) {
	for _, m := range elementStruct.FindAllSubmatch(text, -1) {
		if !bytes.Contains(text, fmt.Appendf(nil, "type HTML%s interface {", m[1])) {
			return nil, fmt.Errorf("element %s has no interface", m[1])
		}
	}
	count := 0
	alias := func(exp *regexp.Regexp, prefix, of string) {
		text = exp.ReplaceAllFunc(text, func(m []byte) []byte {
			name := exp.FindSubmatch(m)[1]
			if elementTypes[string(name)] {
				return m
			}
			count++
			return fmt.Appendf(nil, "type %s%s = %s\n", prefix, name, of)
		})
	}
	alias(elementInterface, "HTML", "*element")
	interfaces := count
	alias(elementStruct, "html", "element")
	if interfaces < 50 || count != 2*interfaces {
		return nil, fmt.Errorf("%d elements have an interface, %d a struct", interfaces, count-interfaces)
	}
	var bad error
	bodies := map[string]string{}
	text = elementMethod.ReplaceAllFunc(text, func(m []byte) []byte {
		part := elementMethod.FindSubmatch(m)
		of, name, params, result, body := string(part[1]), string(part[2]), string(part[3]), string(part[4]), string(part[5])
		if elementTypes[of] {
			return m
		}
		if of != result {
			bad = fmt.Errorf("%s of element %s returns another one", name, of)
		}
		method := fmt.Sprintf("func (e *element) %s%s *element {\n%s}\n", name, params, body)
		if first, ok := bodies[name]; !ok {
			bodies[name] = method
			return []byte(method)
		} else if first != method {
			bad = fmt.Errorf("%s of element %s is not like that of the others", name, of)
		}
		return nil
	})
	return append(text, "\ntype element struct{ htmlElement }\n"...), bad
}
