package part

import (
	"strconv"
	"strings"

	"github.com/logpane/logpane/app/decode"
	"github.com/logpane/logpane/app/exception"
	"github.com/maxence-charriere/go-app/v9/pkg/app"
)

// trace draws a chain of exceptions: own frames, and runs of library frames folded.
func (d *Details) trace(id string, chain []decode.Exception, send Send) app.UI {
	var out nodes
	for i := range chain {
		x := &chain[i]
		at := id + "/" + strconv.Itoa(i)
		var lead, value, component app.UI
		if i > 0 {
			lead = txt("span", "by mut", "caused by")
		}
		if x.Value != "" {
			value = el("div", "exc-value", d.long(at+"/value", x.Value, send))
		}
		if name, kind := decode.Component(x.Value); name != "" {
			text := "component " + decode.Visible(name)
			if kind != "" {
				text += " (" + decode.Visible(kind) + ")"
			}
			component = txt("span", "badge", text)
		}
		kind := x.Type
		if kind == "" {
			kind = "Exception"
		}
		out.add(el("li", "exc",
			el("p", "exc-head", lead, txt("strong", "", decode.Visible(kind)), component),
			value,
			d.frames(at, x, send),
		))
	}
	return el("ol", "excs", out...)
}

func (d *Details) frames(at string, x *decode.Exception, send Send) app.UI {
	if len(x.Frames) == 0 {
		return txt("p", "mut", "No trace was given.")
	}
	var rows nodes
	for i, run := range x.Runs() {
		path := at + "/" + strconv.Itoa(i)
		if !run.Own {
			open := d.State.isOpen(path, len(x.Frames) == len(run.Frames) && len(run.Frames) <= 4) // nothing but libraries: the only frames there are
			rows.add(el("li", "run", fold(path, open, Some(len(run.Frames), "library frame"), send)))
			if !open {
				continue
			}
		}
		shown, more := d.first(path, len(run.Frames), 50), len(run.Frames)
		for i := range run.Frames[:shown] {
			rows.add(d.frame(&run.Frames[i], send))
		}
		if shown < more {
			rows.add(el("li", "", moreButton(path, "Show "+Some(more-shown, "more frame"), send)))
		}
	}
	return aloud("ol", "frames", "", "Frames of "+x.Type, rows...)
}

// frame draws one frame as "file:line name", with the way to its source where that is
// known.
func (d *Details) frame(f *decode.Frame, send Send) app.UI {
	class := "frame"
	if !f.Own {
		class += " lib"
	}
	file := exception.Short(f.File)
	var where, code app.UI
	if file != "" {
		if f.Line > 0 {
			file += ":" + strconv.Itoa(f.Line)
		}
		file = decode.Visible(file)
		if source := d.Sources.Of(*f); source == "" {
			where = tip("file", decode.Visible(f.File), file)
		} else {
			title := "Source, by your pattern"
			if !f.Own {
				title = "Source on the main branch: the line may differ in the version that ran"
			}
			where = elem("a", "file", attrs{"href", source, "title", title, "target", "_blank", "rel", "noopener noreferrer"}, app.Text(file))
		}
	}
	if f.Code != "" {
		code = txt("code", "code", decode.Visible(f.Code))
	}
	what := "frame:" + exception.FrameText(*f)
	picture, done := "copy", ""
	if d.Copied == what {
		picture, done = "check", " done"
	}
	return el("li", class, where, app.Text(" "), txt("span", "func", decode.Visible(f.Name)),
		button("act frame-copy"+done, send, Copied{what}, attrs{"tabindex", "-1", "aria-label", "Copy frame " + file, "title", "Copy"}, icon(picture)), code)
}

// fold is the button that opens and closes something.
func fold(path string, open bool, text string, send Send) app.UI {
	return button("fold", send, NodeToggled{path, !open}, attrs{"aria-expanded", yes(open)}, icon("right"), txt("span", "", text))
}

// traceText writes a chain as text, whole, or as Markdown.
func traceText(chain []decode.Exception, markdown bool) string {
	if markdown {
		return exception.Markdown(chain)
	}
	var b strings.Builder
	for i := range chain {
		x := &chain[i]
		if i > 0 {
			b.WriteString("caused by ")
		}
		b.WriteString(x.Type + ": " + x.Value + "\n")
		for _, f := range x.Frames {
			b.WriteString("    " + exception.FrameText(f) + "\n")
		}
	}
	return b.String()
}
