package store

// chase is something that is worked out from each kept entry once, whatever their
// order: a count.
type chase struct {
	on  bool
	pos int // how many of the kept entries are in it
	add func(e uint32)
	// cost returns about how long add takes, in the unit of matcher.cost.
	cost  func(e uint32) int
	reset func()
}

// chases are the counts of a table.
func (t *Table) chases() []*chase {
	return []*chase{&t.find.chase, &t.facets.chase, &t.histogram.chase}
}

func (c *chase) restart() {
	c.pos = 0
	if c.on {
		c.reset()
	}
}

// done reports whether all kept entries are in it.
func (c *chase) done(t *Table) bool { return !c.on || t.filtered() && c.pos >= t.keptLen() }

// joined takes in that entries have joined the kept ones, at the end or elsewhere.
func (c *chase) joined(t *Table, batch []uint32, atEnd bool) {
	switch before := t.keptLen() - len(batch); {
	case !c.on || atEnd && c.pos < before:
	case c.pos >= before:
		for _, e := range batch {
			c.add(e)
		}
		c.pos = t.keptLen()
	default:
		c.restart()
	}
}

// work goes on while more says so and reports whether it is done.
func (c *chase) work(t *Table, more func() bool) bool {
	if !c.on {
		return true
	}
	for n := t.keptLen(); c.pos < n; {
		e := t.keptAt(c.pos)
		c.add(e)
		c.pos++
		if t.spend(c.cost(e)); !more() {
			return false
		}
	}
	return true
}
