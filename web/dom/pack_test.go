package dom

import (
	"strings"
	"testing"
)

func TestRows_PackedForm(t *testing.T) {
	var r rows
	r.row(3, 1203, "log-row", "a-1", true, "")
	r.text("02:14:07")
	r.text("boom")
	r.row(4, 1204, "log-row lv-err", "a-2", false, "Sat 21 Nov")
	r.text("")
	want := "3\x1f1203\x1flog-row\x1fa-1\x1ftrue\x1f\x1f02:14:07\x1fboom\x1e4\x1f1204\x1flog-row lv-err\x1fa-2\x1ffalse\x1fSat 21 Nov\x1f"
	if got := string(r.buf); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestPackColumns_PackedForm(t *testing.T) {
	got := packColumns([]Column{{Name: "time", Class: "fixed time", Phone: true}, {Name: "ep.a\x1fb", Class: "val", Width: 120}})
	if want := "time\x1ffixed time\x1f0\x1f1\x1eep.a b\x1fval\x1f120\x1f"; got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func FuzzRows_TextNeverBreaksOut(f *testing.F) {
	f.Add("a\x1fb\x1ec", "id\x00\n")
	f.Fuzz(func(t *testing.T, text, id string) {
		var r rows
		r.row(0, 0, "c", id, false, "")
		r.text(text)
		if n := strings.Count(string(r.buf), "\x1f"); n != 6 {
			t.Errorf("%d separators in %q", n, r.buf)
		}
		if strings.ContainsRune(string(r.buf), '\x1e') {
			t.Errorf("a record separator in %q", r.buf)
		}
	})
}

func BenchmarkRows_Frame(b *testing.B) {
	var r rows
	b.ReportAllocs()
	for b.Loop() {
		r.buf = r.buf[:0]
		for i := range 60 {
			r.row(i, 1000+i, "log-row", "0123456789abcdef", false, "")
			for range 6 {
				r.text("some text of a cell")
			}
		}
	}
}
