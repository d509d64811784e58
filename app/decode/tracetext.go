package decode

import (
	"slices"
	"strconv"
	"strings"
)

// Trace reads the stack trace in a text: of Python, the JVM, JavaScript, Go or
// .NET, with the exceptions that it says caused others, outermost first. before is
// the text above it. It returns false where there is no frame to be found.
func (r Rules) Trace(text string) (before string, chain []Exception, ok bool) {
	if len(text) > MaxBytes || !strings.Contains(text, "\n") {
		return "", nil, false
	}
	if at := strings.Index(text, pythonHead); at >= 0 {
		before, chain = text[:lineStart(text, at)], python(text[at:])
	} else if at, ok := goStart(text); ok {
		before, chain = goTrace(text, at)
	} else {
		before, chain = atTrace(text)
	}
	for _, x := range chain {
		if len(x.Frames) > 0 {
			return strings.TrimSpace(before), r.mark(chain), true
		}
	}
	return "", nil, false
}

const pythonHead = "Traceback (most recent call last):"

func lineStart(s string, at int) int { return strings.LastIndexByte(s[:at], '\n') + 1 }

// python reads tracebacks. Python prints what was raised first at first.
func python(text string) []Exception {
	var out []Exception
	var x *Exception
	inFrames := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		body := strings.TrimLeft(line, " \t|+")
		switch {
		case strings.Contains(line, pythonHead):
			if len(out) == maxExceptions {
				return reversed(out)
			}
			out = append(out, Exception{Traced: true})
			x, inFrames = &out[len(out)-1], true
		case x == nil:
		case inFrames && strings.HasPrefix(body, `File "`):
			if f, ok := pythonFrame(body); ok && len(x.Frames) < maxFrames {
				x.Frames = append(x.Frames, f)
			}
		case inFrames && line != "" && (line[0] == ' ' || line[0] == '\t'):
			if n := len(x.Frames); n > 0 && x.Frames[n-1].Code == "" && strings.Trim(body, "^~ ") != "" {
				x.Frames[n-1].Code = body
			}
		case inFrames && body != "":
			inFrames = false
			x.Type, x.Value = head(body)
		case strings.HasPrefix(line, "During handling of the above") || strings.HasPrefix(line, "The above exception was"):
			x = nil
		case x.Type != "" && line != "":
			x.Value += "\n" + line
		}
	}
	return reversed(out)
}

func reversed(chain []Exception) []Exception {
	slices.Reverse(chain)
	return chain
}

// pythonFrame reads: File "/app/x.py", line 12, in name
func pythonFrame(s string) (Frame, bool) {
	file, rest, ok := strings.Cut(s[len(`File "`):], `", line `)
	if !ok {
		return Frame{}, false
	}
	digits, name, _ := strings.Cut(rest, ", in ")
	line, _ := strconv.Atoi(strings.TrimSpace(digits))
	return Frame{File: file, Line: line, Name: strings.TrimSpace(name)}, true
}

// head divides "TypeError: what happened". What is no name stays the value.
func head(s string) (kind, value string) {
	s = strings.TrimSpace(s)
	kind, value, ok := strings.Cut(s, ": ")
	kind = strings.TrimSuffix(kind, ":")
	for i := range len(kind) {
		if !isWord(kind[i]) && strings.IndexByte(".$/`", kind[i]) < 0 {
			return "", s
		}
	}
	if !ok && !strings.HasSuffix(kind, "Error") && !strings.HasSuffix(kind, "Exception") && !strings.Contains(kind, ".") {
		return "", s
	}
	return kind, value
}

// goStart finds the line "goroutine 1 [running]:".
func goStart(text string) (int, bool) {
	at := strings.Index(text, "goroutine ")
	if at < 0 || at != lineStart(text, at) {
		return 0, false
	}
	line, _, _ := strings.Cut(text[at:], "\n")
	return at, strings.HasSuffix(strings.TrimRight(line, "\r"), "]:")
}

// goTrace reads the first goroutine: pairs of a function and, indented, its file.
func goTrace(text string, at int) (before string, chain []Exception) {
	x := Exception{Traced: true, First: true}
	before = text[:at]
	if p := strings.LastIndex(before, "panic: "); p >= 0 && p == lineStart(before, p) {
		x.Type, x.Value = "panic", strings.TrimSpace(before[p+len("panic: "):])
		before = before[:p]
	}
	_, rest, _ := strings.Cut(text[at:], "\n")
	name := ""
	for line := range strings.Lines(rest) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" || len(x.Frames) == maxFrames {
			break
		}
		if line[0] != '\t' && line[0] != ' ' {
			name = strings.TrimPrefix(trimmed, "created by ")
			if paren := strings.LastIndexByte(name, '('); paren > 0 {
				name = name[:paren]
			}
			continue
		}
		where, _, _ := strings.Cut(trimmed, " ")
		f := Frame{Name: name}
		f.File, f.Line, _ = place(where)
		x.Frames = append(x.Frames, f)
	}
	return before, []Exception{x}
}

// place divides "file:12"; ok is false without a number.
func place(s string) (file string, line int, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 {
		return s, 0, false
	}
	line, err := strconv.Atoi(s[colon+1:])
	if err != nil || line < 0 {
		return s, 0, false
	}
	return s[:colon], line, true
}

// atTrace reads the traces whose frames begin with "at": of the JVM, JavaScript, .NET.
func atTrace(text string) (before string, chain []Exception) {
	var open []int // .NET: exceptions whose own frames come after those of what caused them
	current := -1
	last, lastAt := "", 0 // the line above, which names the exception
	begin := func(s string) {
		if len(chain) < maxExceptions {
			for _, part := range strings.Split(s, " ---> ") {
				x := Exception{First: true, Traced: true}
				x.Type, x.Value = head(strings.TrimPrefix(part, "---> "))
				chain = append(chain, x)
				open = append(open, len(chain)-1)
			}
		}
		current = len(chain) - 1
	}
	for at := 0; at < len(text); {
		line, _, _ := strings.Cut(text[at:], "\n")
		here := at
		at += len(line) + 1
		trimmed := strings.TrimSpace(line)
		frame, ok := atFrame(trimmed)
		switch {
		case ok && line[0] != ' ' && line[0] != '\t' && current < 0: // "at noon" in a sentence
			last, lastAt = trimmed, here
		case ok:
			if current < 0 {
				before = text[:lastAt]
				begin(last)
			}
			if x := &chain[current]; len(x.Frames) < maxFrames {
				x.Frames = append(x.Frames, frame)
			}
		case strings.HasPrefix(trimmed, "--- End of inner exception"):
			if len(open) > 1 {
				open = open[:len(open)-1]
				current = open[len(open)-1]
			}
		case strings.HasPrefix(trimmed, "... ") || strings.HasPrefix(trimmed, "--- End of"):
		case causes(trimmed) != "" && (current >= 0 || strings.HasPrefix(trimmed, "---> ")):
			if current < 0 {
				before = text[:lastAt]
				begin(last)
			}
			begin(causes(trimmed))
		case trimmed != "" && current < 0:
			last, lastAt = trimmed, here
		}
	}
	return before, chain
}

// causes returns what stands behind the words that lead from an exception to the
// one that caused it.
func causes(line string) string {
	for _, lead := range [...]string{"Caused by: ", "[cause]: ", "---> ", "Suppressed: "} {
		if rest, ok := strings.CutPrefix(line, lead); ok {
			return strings.TrimSuffix(rest, " {")
		}
	}
	return ""
}

// atFrame reads one line that begins with "at".
func atFrame(s string) (Frame, bool) {
	s, ok := strings.CutPrefix(s, "at ")
	if !ok || s == "" {
		return Frame{}, false
	}
	if name, where, ok := strings.Cut(s, ") in "); ok { // .NET
		file, digits, _ := cutLast(where, ":line ")
		line, _ := strconv.Atoi(digits)
		return Frame{Name: withoutArguments(name), File: file, Line: line}, true
	}
	s = strings.TrimSuffix(s, " {")
	paren := strings.LastIndexByte(s, '(')
	if paren <= 0 || !strings.HasSuffix(s, ")") { // JavaScript, without a function
		file, column, ok := place(strings.TrimPrefix(s, "async "))
		if !ok {
			return Frame{}, false
		}
		if f, line, ok := place(file); ok {
			return Frame{File: f, Line: line}, true
		}
		return Frame{File: file, Line: column}, true
	}
	name, inside := s[:paren], s[paren+1:len(s)-1]
	if strings.HasSuffix(name, " ") { // JavaScript
		f := Frame{Name: strings.TrimSpace(name)}
		f.File, f.Line, _ = place(inside)
		if file, line, ok := place(f.File); ok {
			f.File, f.Line = file, line
		}
		return f, f.Line > 0 || inside == "native" || inside == "<anonymous>" || strings.HasPrefix(inside, "node:")
	}
	if strings.ContainsAny(name, " \t") && !strings.Contains(name, "/") {
		return Frame{}, false
	}
	f := Frame{Name: name}
	switch file, line, ok := place(inside); {
	case ok: // the JVM
		f.File, f.Line = file, line
	case inside == "Native Method" || inside == "Unknown Source":
	case strings.HasSuffix(inside, ".java") || strings.HasSuffix(inside, ".kt"):
		f.File = inside
	default: // .NET: arguments
	}
	return f, true
}

func withoutArguments(name string) string {
	if paren := strings.IndexByte(name, '('); paren > 0 {
		return name[:paren]
	}
	return name
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}
