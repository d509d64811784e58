package query

import (
	"strconv"
	"strings"
	"time"

	"github.com/logpane/logpane/app/logs"
)

// value is what an entry has under a name.
type value struct {
	kind  valueKind
	text  string // vText
	num   float64
	dur   time.Duration
	time  time.Time
	level logs.Level
	src   *logs.Entry // vTime: whose text to show
}

type valueKind uint8

const (
	vText valueKind = iota
	vNum
	vDur
	vTime
	vLevel
)

// match evaluates one condition.
func (t *term) match(d *Doc) bool {
	switch t.ref.kind {
	case refText:
		return t.matchText(d)
	case refRaw:
		return (t.ref.vendor == "" || vendorOf(d) == t.ref.vendor) && !t.absentRaw(d.Raw) && t.matchRaw(d.Raw, t.ref.key, maxJSONDepth)
	}
	var v value
	return t.ref.get(d, &v) && t.test(&v)
}

// absentRaw reports whether no value of a raw JSON can be what is asked for: a
// word that no writer escapes does not stand in it, and nothing is escaped that
// need not be.
func (t *term) absentRaw(raw string) bool {
	if t.op != OpHas && (t.op != OpIs || t.lo.kind != bText) || !t.needle.ascii || t.needle.quoted || len(t.needle.text) < 2 {
		return false
	}
	return !t.needle.in(raw) && !strings.Contains(raw, `\u`)
}

func vendorOf(d *Doc) string {
	vendor, _, _ := strings.Cut(d.Src, "/")
	return vendor
}

// get reads the value of a name and reports whether the entry has one.
func (r *ref) get(d *Doc, v *value) bool {
	switch r.kind {
	case refFields:
		if d.entry == nil {
			return d.field(r.key, v)
		}
		for i := range d.entry.Fields {
			if sameName(d.entry.Fields[i].Name, r.key) {
				return v.set(d.entry.Fields[i].Value)
			}
		}
		return false
	case refVendor:
		v.text = vendorOf(d)
	case refLevel:
		v.kind, v.level = vLevel, d.Level
		return d.Level != logs.LevelUnknown
	case refOutcome:
		v.text = d.Outcome.String()
	case refSucceeded:
		switch d.Outcome {
		case logs.OutcomeSucceeded:
			v.text = "true"
		case logs.OutcomeFailed, logs.OutcomeRejected:
			v.text = "false"
		}
	case refStatus:
		v.kind, v.num = vNum, float64(d.Status)
		return d.Status != 0
	case refAttempt:
		v.kind, v.num = vNum, float64(d.Attempt)
		return d.Attempt != 0
	case refTook:
		v.kind, v.dur = vDur, d.Took
		return d.HasTook
	case refTime:
		v.kind, v.time, v.src = vTime, d.Time, d.entry
		return !d.Time.IsZero()
	case refID:
		v.text = d.ID
	case refJob:
		v.text = d.Job
	case refItem:
		v.text = d.Item
	case refRequest:
		v.text = d.Request
	case refSrc:
		v.text = d.Src
	case refSummary:
		v.text = d.Summary
	}
	return v.text != ""
}

// set takes a field's value; an empty text counts as absent.
func (v *value) set(x any) bool {
	switch x := x.(type) {
	case string:
		v.text = x
		return x != ""
	case float64:
		v.kind, v.num = vNum, x
	case bool:
		v.text = strconv.FormatBool(x)
	case nil:
		return false
	default:
		v.text = logs.TextOf(x)
	}
	return true
}

// sameName compares a field's name with a normalised one.
func sameName(name, key string) bool {
	k := 0
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c >= 0x80 {
			return normal(name) == key
		}
		if c == '_' {
			continue
		}
		if k == len(key) || foldByte(c) != key[k] {
			return false
		}
		k++
	}
	return k == len(key)
}

// string returns the value as people read it.
func (v *value) string() string {
	switch v.kind {
	case vNum:
		if v.num == float64(int64(v.num)) {
			return strconv.FormatInt(int64(v.num), 10)
		}
		return logs.TextOf(v.num)
	case vDur:
		return logs.TextOf(float64(v.dur) / float64(time.Millisecond))
	case vTime:
		return v.src.TimeString()
	case vLevel:
		return v.level.String()
	}
	return v.text
}

// test applies the condition to a value that is there.
func (t *term) test(v *value) bool {
	switch t.op {
	case OpExists:
		return true
	case opTake:
		*t.taken = *v
		return v.kind != vText || v.text != ""
	case OpHas:
		if v.kind == vText {
			return t.needle.in(v.text)
		}
		return t.needle.in(v.string())
	case OpIs:
		return t.is(v)
	case OpGlob, opHasGlob:
		return t.globIn(v.string())
	case OpRegex:
		return t.regex.in(v.string())
	case OpRange:
		if t.text != "" {
			if c, ok := t.lo.compare(v, t.ref.unit); !ok || c < 0 || c == 0 && !t.loIn {
				return false
			}
		}
		if t.hiText != "" {
			if c, ok := t.hi.compare(v, t.ref.unit); !ok || c > 0 || c == 0 && !t.hiIn {
				return false
			}
		}
		return true
	}
	c, ok := t.lo.compare(v, t.ref.unit)
	if !ok {
		return false
	}
	switch t.op {
	case OpLess:
		return c < 0
	case OpAtMost:
		return c <= 0
	case OpMore:
		return c > 0
	case OpAtLeast:
		return c >= 0
	}
	return false
}

// is compares a whole value: as what the entry has it as, or as text, or as two
// plain numbers.
func (t *term) is(v *value) bool {
	switch v.kind {
	case vDur, vTime, vLevel:
		c, ok := t.lo.compare(v, t.ref.unit)
		return ok && c == 0
	case vNum:
		if t.lo.kind == bNum && t.lo.plain {
			return v.num == t.lo.num
		}
		return t.needle.equals(v.string())
	}
	if t.needle.equals(v.text) {
		return true
	}
	if t.lo.kind != bNum || !t.lo.plain || !plainNumber(v.text) {
		return false
	}
	f, ok := number(v.text)
	return ok && f == t.lo.num
}

// compare returns how a value stands to the bound: below, within, above. It
// reports false when the two cannot be compared: a number with a word, say.
func (b *bound) compare(v *value, unit int64) (int, bool) {
	switch b.kind {
	case bLevel:
		return int(v.level) - int(b.level), v.kind == vLevel
	case bNum:
		f, ok := v.number()
		return order(f, b.num), ok
	case bDur:
		if v.kind == vDur {
			return order(v.dur, b.dur), true
		}
		if f, ok := v.number(); ok {
			return order(f*float64(unit), float64(b.dur)), true
		}
		d, ok := parseDuration(Fold(v.text), 0)
		return order(d, b.dur), ok && v.kind == vText
	case bTime:
		from := v.time
		if v.kind != vTime {
			var ok bool
			if from, _, ok = parseTime(v.string()); !ok {
				return 0, false
			}
		}
		switch {
		case from.Before(b.from):
			return -1, true
		case from.Before(b.to):
			return 0, true
		}
		return 1, true
	}
	if v.kind != vText {
		return 0, false
	}
	if _, ok := number(v.text); ok {
		return 0, false
	}
	return compareFold(v.text, b.text), true
}

func order[T float64 | time.Duration](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// number reads a value as a number.
func (v *value) number() (float64, bool) {
	switch v.kind {
	case vNum:
		return v.num, true
	case vText:
		return number(v.text)
	}
	return 0, false
}

// matchText looks for a condition in everything that an entry holds.
func (t *term) matchText(d *Doc) bool {
	if t.op == OpExists {
		return true
	}
	if d.entry == nil {
		if t.op == OpHas && t.needle.ascii && !t.needle.quoted && t.needle.text != "" {
			return t.matchHits(d)
		}
		if t.absent(d.JSON) {
			return false
		}
	}
	if t.regex != nil && t.regex.batch != nil && t.regex.batch.asking { // its texts are many
		t.regex.batch.met = true
		return false
	}
	return t.inHead(d) || t.inFields(d) || t.inRaw(d.Raw)
}

// inNumber looks for the condition in a number as people read it.
func (t *term) inNumber(f float64) bool {
	if t.op == OpHas && f == float64(int64(f)) {
		var digits [24]byte // on the stack, which only this branch allows
		return t.needle.in(view(strconv.AppendInt(digits[:0], int64(f), 10)))
	}
	v := value{kind: vNum, num: f}
	return t.inText(v.string())
}

func (t *term) inText(s string) bool {
	switch t.op {
	case OpHas:
		return t.needle.in(s)
	case opHasGlob:
		return t.globIn(s)
	}
	return t.regex.in(s)
}

// globIn matches the first MaxText bytes of s with the pattern.
func (t *term) globIn(s string) bool {
	return (t.sure == nil || t.sure.in(s)) && matchGlob(t.glob, s[:min(len(s), MaxText)])
}
