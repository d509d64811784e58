package viewer

// firstAsks is how often Update lets the table ask whether to go on: about 2 ms,
// within which most tables are filtered at once.
const firstAsks = 4

// Pending reports whether there is work left: rows to filter or to put in order,
// counts, matches. The page then calls Work between frames. Reading Facets,
// Histogram or Pills may make some.
func (m *Model) Pending() bool { return m.table.Pending() || m.why.pending() || m.tail.pouring }

// Work goes on with that while more returns true, which it is asked about every
// millisecond or less. It returns what is to be done, as Update does.
func (m *Model) Work(more func() bool) []Effect {
	var effects []Effect
	done := true
	if m.tail.pouring {
		effects = m.pour(more)
	}
	if m.table.Pending() {
		done = m.table.Work(more)
		m.touch()
	}
	if m.pin != nil {
		effects = append(effects, m.settle(done)...)
	}
	if m.tail.boundary >= 0 && !m.tail.pouring && done {
		effects = append(effects, m.readOn()...)
	}
	if m.find.step != 0 {
		effects = append(effects, m.findStepped(m.find.step < 0)...)
	}
	if done {
		m.explain(more)
	}
	return effects
}

// slice does the first piece of work at once: the first screen.
func (m *Model) slice() []Effect {
	asks := firstAsks
	return m.Work(func() bool { asks--; return asks > 0 })
}

// Filled reports whether the rows in view are known, be they few. Until then those
// there are may not be worth drawing.
func (m *Model) Filled() bool {
	l := m.layout()
	return l.row <= 0 || m.table.Has(int((l.top+l.height)/l.row)+overscan)
}

// Version is another one whenever the rows that the table shows may have changed.
func (m *Model) Version() int { return m.version }

// touch forgets what followed from the rows.
func (m *Model) touch() {
	m.version++
	m.pills, m.facets, m.bars = nil, nil, Histogram{}
}
