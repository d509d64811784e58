package page

import (
	"github.com/logpane/logpane/app/viewer"
	"github.com/logpane/logpane/web/part"
)

// onSettings takes what changes how the page looks and listens, and reports
// whether msg is of that.
func (p *logs) onSettings(msg any) bool {
	switch m := msg.(type) {
	case part.ThemeChosen:
		p.set.setTheme(m.Theme)
	case part.DensityChosen:
		p.set.setDensity(m.Density)
	case part.LettersChosen:
		p.set.setLetters(m.On)
	case part.FacetsToggled:
		p.showFacets(!p.set.facets)
	case part.HistogramToggled:
		p.set.setHistogram(!p.set.histogram)
	case part.ColumnResized:
		p.set.setWidth(m.Name, m.Width)
	case part.FindAsked:
		if p.m.Find().Open {
			p.do(viewer.FindClosed{})
		} else {
			p.openFind()
		}
	default:
		return false
	}
	p.refresh()
	return true
}

// showFacets opens the rail or closes it.
func (p *logs) showFacets(on bool) {
	p.set.setFacets(on)
	p.do(viewer.FacetsShown{On: on})
}
