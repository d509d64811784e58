package export

import "strconv"

// End writes the last words and all that was gathered.
func (w *Writer) End(s Summary) error {
	if s.Entries == 0 {
		s.Entries = w.n
	}
	if s.Order == "" {
		s.Order = "newest first"
	}
	if !s.Complete && s.Reason == "" {
		s.Reason = "something is missing"
	}
	switch w.o.Format {
	case CSV:
		if !s.Complete {
			w.buf = AppendCell(w.buf, "# incomplete: "+s.Reason)
			for range len(w.cols) - 1 {
				w.buf = append(w.buf, ',')
			}
			w.buf = append(w.buf, "\r\n"...)
		}
	case JSON:
		w.buf = append(w.appendEnd(append(w.buf, `],"end":`...), s), "}\n"...)
	case Markdown:
		w.buf = append(w.appendSentence(append(w.buf, '\n'), s), '\n')
	default:
		w.buf = append(w.appendEnd(w.buf, s), '\n')
	}
	return w.Flush()
}

func (w *Writer) appendSentence(b []byte, s Summary) []byte {
	b = strconv.AppendInt(b, int64(s.Entries), 10)
	if s.Entries == 1 {
		b = append(b, " entry"...)
	} else {
		b = append(b, " entries"...)
	}
	b = appendInline(append(b, ", "...), s.Order)
	b = appendInline(append(b, ", times in "...), w.o.zone().String())
	if w.o.Lens.Reveal {
		b = append(b, ", credentials masked"...)
	} else {
		b = append(b, ", personal data and credentials masked"...)
	}
	if s.Complete {
		return append(b, ". Complete."...)
	}
	b = appendInline(append(b, ". **Incomplete:** "...), s.Reason)
	if last := s.Reason[len(s.Reason)-1]; last != '.' && last != '!' {
		b = append(b, '.')
	}
	return b
}
