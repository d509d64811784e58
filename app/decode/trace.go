package decode

import (
	"slices"
	"strconv"
	"strings"
)

// Bounds of a trace.
const (
	maxExceptions = 50
	maxFrames     = 2_000 // of one exception
)

// Frame is one place of a stack trace. Parts that are not told are zero.
type Frame struct {
	File string
	Line int
	Name string // of the function
	Code string // the line of code, where the trace holds it
	Own  bool   // not of a library or the language itself
}

// Exception is one link of a chain.
type Exception struct {
	Type   string
	Value  string
	Frames []Frame // in the order of the trace
	First  bool    // the most recent call stands first, not last
	Traced bool    // a trace was given, however short
}

// Cause returns the frame in which the exception arose in one's own code: the most
// recent one that is own. It returns false where no frame is.
func (x *Exception) Cause() (Frame, bool) {
	for i := range x.Frames {
		f := x.Frames[i]
		if !x.First {
			f = x.Frames[len(x.Frames)-1-i]
		}
		if f.Own {
			return f, true
		}
	}
	return Frame{}, false
}

// Run is a row of frames that are all own, or all of libraries.
type Run struct {
	Frames []Frame
	Own    bool
}

// Runs divides the frames where own code and libraries meet.
func (x *Exception) Runs() []Run {
	var out []Run
	for i, f := range x.Frames {
		if n := len(out); n > 0 && out[n-1].Own == f.Own {
			out[n-1].Frames = append(out[n-1].Frames, f)
			continue
		}
		out = append(out, Run{x.Frames[i : i+1 : i+1], f.Own})
	}
	return out
}

// Rules say which frames are not one's own.
type Rules struct {
	Files []string // parts of their paths, with forward slashes
	Names []string // beginnings of their functions' names
}

// Libraries are the usual rules for Python, JavaScript, Go, the JVM and .NET.
var Libraries = Rules{
	Files: []string{
		"/site-packages/", "/dist-packages/", "/lib/python3", "/lib/python2", "<frozen ", "<string>", "/importlib/", // Python
		"/node_modules/", "node:", "internal/modules/", "webpack/runtime", // JavaScript
		"/usr/local/go/src/", "/pkg/mod/", "/libexec/src/", "/vendor/", "/usr/lib/", "/rustc/",
	},
	Names: []string{
		"java.", "javax.", "jdk.", "sun.", "com.sun.", "kotlin.", "kotlinx.", "scala.", "groovy.", "jakarta.", "org.springframework.", "org.apache.",
		"org.eclipse.", "org.hibernate.", "io.netty.", "reactor.", "com.google.common.", "com.fasterxml.",
		"System.", "Microsoft.", "Newtonsoft.", "runtime.", "net/http.", "testing.", "reflect.", "Module._", "process.processTicks",
	},
}

// Own reports whether a frame is of one's own code by these rules.
func (r Rules) Own(f Frame) bool {
	file := "/" + strings.TrimPrefix(strings.ReplaceAll(f.File, `\`, "/"), "/")
	for _, part := range r.Files {
		if strings.Contains(file, part) {
			return false
		}
	}
	for _, name := range r.Names {
		if strings.HasPrefix(f.Name, name) {
			return false
		}
	}
	return f.File != "" || f.Name != ""
}

func (r Rules) mark(chain []Exception) []Exception {
	for i := range chain {
		for j := range chain[i].Frames {
			f := &chain[i].Frames[j]
			f.Own = r.Own(*f)
		}
	}
	return chain
}

// Exceptions reads the member exceptions of a deepset log: an array of type, value
// and trace, or null. The outermost exception comes first in what is returned.
// Deepset's reference does not tell the order of the array: an exception whose
// value holds that of another was raised around it, and where that says nothing the
// order is taken to be that in which they were raised, as Python prints it.
func (r Rules) Exceptions(n *Node) []Exception {
	if n == nil {
		return nil
	}
	var out []Exception
	for i := range n.Kids {
		k := &n.Kids[i]
		if k.Kind != Object || len(out) == maxExceptions {
			continue
		}
		x := Exception{Type: k.Member("type"), Value: k.Member("value")}
		if trace, ok := k.Kid("trace"); ok && trace.Kind == Array {
			x.Traced = true
			for j := range trace.Kids {
				t := &trace.Kids[j]
				if t.Kind != Object || len(x.Frames) == maxFrames {
					continue
				}
				line, _ := strconv.Atoi(t.Member("line_number", "lineno", "line"))
				x.Frames = append(x.Frames, Frame{File: t.Member("filename", "file"), Line: line, Name: t.Member("name", "function")})
			}
		}
		out = append(out, x)
	}
	if n := len(out); n > 1 {
		first, last := out[0].Value, out[n-1].Value
		if last == "" || len(first) <= len(last) || !strings.Contains(first, last) {
			slices.Reverse(out)
		}
	}
	return r.mark(out)
}

// SourceLink returns where the source of a library's file can be read, "" where it
// is not known. Only the path is known, not the version: the line may be off.
func SourceLink(f Frame) string {
	const haystack = "/site-packages/haystack/"
	if at := strings.LastIndex(f.File, haystack); at >= 0 && f.Line > 0 {
		path := f.File[at+len("/site-packages/"):]
		if isPath(path) {
			return "https://github.com/deepset-ai/haystack/blob/main/" + path + "#L" + strconv.Itoa(f.Line)
		}
	}
	return ""
}

func isPath(s string) bool {
	for i := range len(s) {
		if !isWord(s[i]) && s[i] != '/' && s[i] != '.' {
			return false
		}
	}
	return !strings.Contains(s, "..")
}
