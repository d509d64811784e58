package viewer

// firstAsks is how often Update lets the table ask whether to go on: about 2 ms,
// within which most tables are filtered at once.
const firstAsks = 4

// Pending reports whether the table has work left: rows to filter or to put in
// order, counts, matches. The page then calls Work between frames.
func (m *Model) Pending() bool { return m.busy || m.why.pending() }

// Work goes on with that while more returns true, which it is asked about every
// millisecond or less. It returns what is to be done, as Update does.
func (m *Model) Work(more func() bool) []Effect {
	var effects []Effect
	if m.busy {
		m.busy = !m.table.Work(more)
		m.touch()
		effects = m.settle(!m.busy)
	}
	if !m.busy {
		m.explain(more)
	}
	return effects
}

// slice does the first piece of work at once: the first screen.
func (m *Model) slice() []Effect {
	m.busy = true
	asks := firstAsks
	return m.Work(func() bool { asks--; return asks > 0 })
}

// touch forgets what followed from the rows.
func (m *Model) touch() { m.pills, m.facets = nil, nil }
