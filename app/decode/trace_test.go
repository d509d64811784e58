package decode

import (
	"fmt"
	"strings"
	"testing"
)

// sketch writes a chain: type: value [own frames, (n) for folded libraries].
func sketch(chain []Exception) string {
	var out []string
	for i := range chain {
		x := &chain[i]
		var frames []string
		for _, run := range x.Runs() {
			if !run.Own {
				frames = append(frames, fmt.Sprintf("(%d)", len(run.Frames)))
				continue
			}
			for _, f := range run.Frames {
				frames = append(frames, fmt.Sprintf("%s:%d %s", f.File, f.Line, f.Name))
			}
		}
		out = append(out, fmt.Sprintf("%s: %s [%s]", x.Type, x.Value, strings.Join(frames, ", ")))
	}
	return strings.Join(out, " <- ")
}

var traces = map[string]struct{ text, before, want string }{
	"python chain": {
		text: "2026-11-22 ERROR run failed\nTraceback (most recent call last):\n  File \"/app/tools.py\", line 42, in join_context\n    return a + b\n           ~~^~~\n" +
			"TypeError: unsupported operand\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n" +
			"  File \"/app/api/search.py\", line 218, in run_pipeline\n    pipe.run()\n  File \"/usr/local/lib/python3.12/site-packages/haystack/core/pipeline/pipeline.py\", line 384, in run\n" +
			"  File \"<frozen importlib._bootstrap>\", line 1, in _call\nhaystack.PipelineRuntimeError: The component failed:\nComponent name: 'x'\n",
		before: "2026-11-22 ERROR run failed",
		want:   "haystack.PipelineRuntimeError: The component failed:\nComponent name: 'x' [/app/api/search.py:218 run_pipeline, (2)] <- TypeError: unsupported operand [/app/tools.py:42 join_context]",
	},
	"jvm": {
		text:   "java.lang.IllegalStateException: no stock\n\tat com.shop.Stock.take(Stock.java:12)\n\tat java.base/java.lang.Thread.run(Thread.java:833)\n\tat org.springframework.web.X.y(X.java:1)\nCaused by: java.io.IOException: gone\n\tat com.shop.Db.read(Db.java:7)\n\t... 2 more\n",
		before: "",
		want:   "java.lang.IllegalStateException: no stock [Stock.java:12 com.shop.Stock.take, (2)] <- java.io.IOException: gone [Db.java:7 com.shop.Db.read]",
	},
	"javascript": {
		text:   "uncaught\nTypeError: Cannot read properties of undefined (reading 'id')\n    at handler (/srv/app/hook.js:10:15)\n    at async /srv/app/index.js:3:1\n    at Layer.handle (/srv/node_modules/express/lib/router/layer.js:95:5)\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5) {\n  [cause]: Error: connect ECONNREFUSED\n      at TCPConnectWrap.afterConnect (node:net:1494:16)\n}",
		before: "uncaught",
		want:   "TypeError: Cannot read properties of undefined (reading 'id') [/srv/app/hook.js:10 handler, /srv/app/index.js:3 , (2)] <- Error: connect ECONNREFUSED [(1)]",
	},
	"go": {
		text:   "starting\npanic: runtime error: index out of range [3]\n\ngoroutine 1 [running]:\nmain.handle({0x1, 0x2})\n\t/src/shop/main.go:12 +0x1d\nnet/http.(*Server).Serve(0xc0)\n\t/usr/local/go/src/net/http/server.go:3285 +0x4b4\ncreated by main.main in goroutine 1\n\t/src/shop/main.go:5 +0x2\n\ngoroutine 7 [select]:\nx()\n\t/y.go:1\n",
		before: "starting",
		want:   "panic: runtime error: index out of range [3] [/src/shop/main.go:12 main.handle, (1), /src/shop/main.go:5 main.main in goroutine 1]",
	},
	"dotnet": {
		text:   "System.InvalidOperationException: outer ---> System.IO.IOException: inner\n   at Shop.Db.Read(String key) in C:\\src\\Db.cs:line 7\n   at System.IO.File.Open(String path)\n   --- End of inner exception stack trace ---\n   at Shop.Hook.Run() in C:\\src\\Hook.cs:line 22\n",
		before: "",
		want:   "System.InvalidOperationException: outer [C:\\src\\Hook.cs:22 Shop.Hook.Run] <- System.IO.IOException: inner [C:\\src\\Db.cs:7 Shop.Db.Read, (1)]",
	},
}

func TestTrace(t *testing.T) {
	for name, c := range traces {
		before, chain, ok := Libraries.Trace(c.text)
		if got := sketch(chain); !ok || got != c.want || before != c.before {
			t.Errorf("%s: %v %q\n     %s\nwant %s", name, ok, before, got, c.want)
		}
	}
}

func TestTrace_WhatIsNone(t *testing.T) {
	for _, s := range []string{
		"", "one line", "at noon\nat night", "We meet at home.\n  at ease\n", "Traceback (most recent call last):\nnothing", "goroutine 1 of many\nis fine",
		"<html>\r\n<body>\r\n at 5:30 </body>", "order at\n  at the shop (Paris)\n",
	} {
		if _, chain, ok := Libraries.Trace(s); ok {
			t.Errorf("%q is no trace, read as %s", s, sketch(chain))
		}
	}
}

func TestExceptions(t *testing.T) {
	for in, want := range map[string]string{
		`null`: "",
		`[]`:   "",
		`[{"type":"DeploymentError","value":"OOMKilled"}]`: "DeploymentError: OOMKilled []",
		`[{"type":"A","value":"a","trace":null},null,3]`:   "A: a []",
		// As they were raised.
		`[{"type":"TypeError","value":"no sum","trace":[{"filename":"/app/x.py","line_number":42,"name":"join"}]},{"type":"PipelineRuntimeError","value":"failed\nError: no sum","trace":[{"filename":"/app/s.py","line_number":"2","name":"run"},{"filename":"/usr/lib/python3/dist-packages/a.py","line_number":1,"name":"b"}]}]`: "PipelineRuntimeError: failed\nError: no sum [/app/s.py:2 run, (1)] <- TypeError: no sum [/app/x.py:42 join]",
		// The outermost one first: its value holds the other's.
		`[{"type":"Outer","value":"because: no sum"},{"type":"Inner","value":"no sum"}]`: "Outer: because: no sum [] <- Inner: no sum []",
		`[{"type":"Inner","value":"x"},{"type":"Outer","value":"y"}]`:                    "Outer: y [] <- Inner: x []",
	} {
		d, _ := JSON(`{"exceptions":` + in + `}`)
		n, _ := d.Root.Kid("exceptions")
		if got := sketch(Libraries.Exceptions(n)); got != want {
			t.Errorf("%s\n     %s\nwant %s", in, got, want)
		}
	}
	if Libraries.Exceptions(nil) != nil {
		t.Error("exceptions out of nothing")
	}
}

func TestCause_MostRecentOwnFrame(t *testing.T) {
	frames := []Frame{{Name: "a", Own: true}, {Name: "b", Own: true}, {Name: "c"}}
	x := Exception{Frames: frames}
	if f, ok := x.Cause(); !ok || f.Name != "b" {
		t.Errorf("%+v %v", f, ok)
	}
	if x.First = true; true {
		if f, ok := x.Cause(); !ok || f.Name != "a" {
			t.Errorf("most recent first: %+v %v", f, ok)
		}
	}
	if _, ok := (&Exception{Frames: frames[2:]}).Cause(); ok {
		t.Error("a library's frame is one's own")
	}
}

func TestRules_OneMayAddOwn(t *testing.T) {
	r := Rules{Files: []string{"/shared/"}}
	if r.Own(Frame{File: `C:\shared\x.cs`}) || !r.Own(Frame{File: "/site-packages/x.py"}) || r.Own(Frame{}) {
		t.Error("the given rules do not rule")
	}
}

func TestSourceLink(t *testing.T) {
	f := Frame{File: "/usr/local/lib/python3.12/site-packages/haystack/core/pipeline/base.py", Line: 71}
	if got := SourceLink(f); got != "https://github.com/deepset-ai/haystack/blob/main/haystack/core/pipeline/base.py#L71" {
		t.Error(got)
	}
	for _, f := range []Frame{{File: "/app/x.py", Line: 1}, {File: "/x/site-packages/haystack/../../evil", Line: 1}, {File: "/x/site-packages/haystack/a?b\"c", Line: 1}, {File: "/x/site-packages/haystack/a.py"}} {
		if got := SourceLink(f); got != "" {
			t.Errorf("%+v links to %s", f, got)
		}
	}
}
