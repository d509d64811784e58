package json_test

import (
	"bytes"
	std "encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/static/pack/json"
)

// names has a method of its own that only its address has.
type names struct{ all []string }

func (n *names) MarshalJSON() ([]byte, error) {
	return std.MarshalIndent(n.all, " ", "<\u2028 ")
}

func (n *names) UnmarshalJSON(text []byte) error { return std.Unmarshal(text, &n.all) }

// letter is a byte that writes itself.
type letter byte

func (l letter) MarshalText() ([]byte, error) { return []byte{byte(l), '<'}, nil }

// sour cannot be written or read.
type sour struct{}

var errSour = errors.New("sour")

func (sour) MarshalText() ([]byte, error)      { return nil, errSour }
func (*sour) UnmarshalJSON([]byte) (err error) { return errSour }

// none is zero by its method.
type none struct{ N int }

func (n *none) IsZero() bool { return n.N == 7 }

type kind string

// mixed has a field of every sort that the package knows.
type mixed struct {
	B     bool
	I     int
	I8    int8
	I64   int64 `json:"i64,omitempty"`
	U     uint
	U8    uint8 `json:"eight"`
	F     float64
	F32   float32 `json:",omitempty"`
	S     string  `json:"s&"`
	Kind  kind
	Same  string `json:"SAME"`
	SAME2 string `json:"same"`
	K     string `json:"K"` // the Kelvin sign folds to k

	Bytes  []byte
	Other  []letter
	Array  [3]int
	List   []mixed `json:"list,omitempty"`
	Lists  [][]string
	Map    map[string]any
	Kinds  map[kind][]int `json:",omitzero"`
	Struct map[string]names
	Any    any
	Next   *mixed  `json:"next,omitempty"`
	PP     **int   `json:"pp"`
	Err    error   `json:"err,omitempty"`
	Tail   *string `json:"-"`

	Raw   json.RawMessage
	Time  time.Time  `json:"time,omitzero"`
	Times *time.Time `json:"times,omitzero"`
	Names names
	Addr  netip.Addr `json:"addr,omitzero"`
	None  none       `json:",omitzero"`
	Nones *none      `json:",omitzero"`
	Took  time.Duration
}

// wired are the types that are read or written in the browser, and mixed.
var wired = []any{
	wire.Vendors{}, wire.Connections{}, wire.Connect{}, wire.Targets{}, wire.Page{}, wire.Requests{}, wire.Jobs{},
	wire.Problem{}, wire.TailFrame{}, wire.TailWish{}, wire.Assert{}, wire.Verdicts{}, wire.AssertLine{},
	logs.Coverage{}, logs.Entry{}, logs.Fields{}, []logs.Entry{}, logs.Facet{}, logs.Clause{}, logs.Note{},
	[]string{}, map[string]string{}, map[string][1]map[string]string{}, []json.RawMessage{}, mixed{},
}

var pieces = []string{"", "a", "<&>", "\u2028\u2029", "\x00\x1f\x7f\b\f\n\r\t\"\\/", "é€😀", "\xff\xc0x", "\xed\xa0\x80", "2026-01-02T03:04:05Z", "null", "1e3", "\ufffd"}

func text(r *rand.Rand) string {
	s := ""
	for range r.IntN(4) {
		s += pieces[r.IntN(len(pieces))]
	}
	return s
}

func number(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return float64(r.IntN(2000) - 1000)
	case 1:
		f := math.Pow(10, float64(r.IntN(60)-30))
		return math.Nextafter(f, f*float64(r.IntN(3)))
	case 2:
		return r.NormFloat64()
	}
	for {
		if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
	}
}

// fill sets v to something random.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	if !v.CanSet() || depth > 8 || r.IntN(6) == 0 {
		return
	}
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Unix(r.Int64N(4e9), r.Int64N(2)*r.Int64N(1e9)).UTC()
		return
	case *json.RawMessage:
		*x, _ = std.Marshal(text(r))
		return
	case *std.RawMessage:
		*x, _ = std.MarshalIndent([]string{text(r)}, "", " ")
		return
	case *names:
		x.all = []string{text(r)}
		return
	case *netip.Addr:
		*x = netip.AddrFrom4([4]byte{byte(r.Uint32())})
		return
	case *logs.Fields:
		*x = logs.Fields{{Name: text(r), Value: text(r)}, {Name: "n", Value: number(r)}}
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Float32:
		v.SetFloat(math.Mod(number(r), math.MaxFloat32))
	case reflect.Float64:
		v.SetFloat(number(r))
	case reflect.String:
		v.SetString(text(r))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 3))
		for i := range v.Len() {
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(4) {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, k, depth+1)
			fill(r, e, depth+1)
			v.SetMapIndex(k, e)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i), depth+1)
		}
	case reflect.Interface:
		if v.NumMethod() == 0 {
			some := []any{nil, true, text(r), number(r), []any{number(r), nil}, map[string]any{"<": text(r), "": nil}, &mixed{S: text(r)}, mixed{U8: 3}, r.Int(), float32(r.NormFloat64())}
			if x := some[r.IntN(len(some))]; x != nil {
				v.Set(reflect.ValueOf(x))
			}
		}
	}
}

// sameText has both packages write v and returns what they write.
func sameText(t *testing.T, v any) []byte {
	t.Helper()
	want, wrong := std.Marshal(v)
	got, err := json.Marshal(v)
	if (wrong == nil) != (err == nil) || !bytes.Equal(want, got) {
		t.Fatalf("%T is\n%s %v, want\n%s %v", v, got, err, want, wrong)
	}
	want, wrong = std.MarshalIndent(v, "> ", "\t")
	got, err = json.MarshalIndent(v, "> ", "\t")
	if (wrong == nil) != (err == nil) || !bytes.Equal(want, got) {
		t.Fatalf("%T, indented, is\n%s %v, want\n%s %v", v, got, err, want, wrong)
	}
	got, _ = json.Marshal(v)
	return got
}

// sameValue has both packages read text into what make returns, and compares that and
// whether there is an error.
func sameValue(t *testing.T, text []byte, empty func() any) {
	t.Helper()
	want, got := empty(), empty()
	wrong, err := std.Unmarshal(text, want), json.Unmarshal(text, got)
	if (wrong == nil) != (err == nil) {
		t.Fatalf("%q into %T: error %v, want %v", text, got, err, wrong)
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%q into %T:\n%+v, want\n%+v", text, got, got, want)
	}
	if std.Valid(text) != json.Valid(text) {
		t.Fatalf("%q: valid %v", text, json.Valid(text))
	}
}

func TestBoth_RandomValuesOfWhatIsWired(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, of := range wired {
		typ := reflect.TypeOf(of)
		t.Run(typ.String(), func(t *testing.T) {
			for range 300 {
				v := reflect.New(typ)
				fill(r, v.Elem(), 0)
				sameText(t, v.Elem().Interface())
				text := sameText(t, v.Interface())
				used := reflect.New(typ) // what was there before counts
				fill(rand.New(rand.NewPCG(3, 4)), used.Elem(), 0)
				old, _ := std.Marshal(used.Interface())
				fresh := func() any { return reflect.New(typ).Interface() }
				filled := func() any {
					v := fresh()
					_ = std.Unmarshal(old, v)
					return v
				}
				sameValue(t, text, fresh)
				sameValue(t, text, filled)
				for range 10 {
					sameValue(t, broken(r, text), fresh)
					sameValue(t, broken(r, text), filled)
				}
			}
		})
	}
}

// broken returns a copy of text with something wrong, or only different.
func broken(r *rand.Rand, text []byte) []byte {
	pieces := []string{"", "null", "1", "-0.5e-3", "1e999", "300", `"x"`, `"\ud800\udc00\ud800\u0041"`, `"\'"`, "true", "[1,null,\"\"]", `{"a":{}}`, " ", ",", "}", "[", "\x00", "\xff", `"S&":"e",`, `"same":1,`}
	at := r.IntN(len(text) + 1)
	if i := bytes.IndexAny(text[at:], ":,[{"); i >= 0 && r.IntN(4) > 0 {
		at += i + 1
	}
	end := min(len(text), at+r.IntN(4))
	if i := bytes.IndexAny(text[at:], ",]}"); i >= 0 && r.IntN(2) > 0 {
		end = at + i
	}
	return append(append(bytes.Clone(text[:at]), pieces[r.IntN(len(pieces))]...), text[end:]...)
}

func TestUnmarshal_EveryKindOfTextIntoEveryKindOfValue(t *testing.T) {
	texts := []string{
		"", " ", "null", "true", "fals", "nulll", "truefalse", "0", "-", "-0", "01", "1.", ".5", "1.5e", "1E+07", "1e400", "-1e-400", "127", "128", "255", "256", "-1",
		"18446744073709551615", "18446744073709551616", "9223372036854775808", "1.0", "3.4e38", "3.5e38",
		`""`, `"`, `"\`, `"\x"`, `"\u12`, `"\u12G4"`, `"\u+123"`, `"\uD83D\uDE00"`, `"\ude00\ud83d"`, `"\ud83d\n"`, `"\ud83dé"`, "\"\x1f\"", "\"\x7f\xff\xc3\"", `"AQID"`, `"AQ"`, `"A\r\nQID"`,
		`"1.2.3.4"`, `"2026-01-02T03:04:05.678Z"`,
		"[]", "[ ]", "[,]", "[1,]", "[1 2]", "[1,2,3,4]", "[null]", `[[],{}]`, "[1}", "[", "[1", "{", "{}", "{ }x", `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{a:1}`, `{"a":1]`, `{1:1}`,
		` {"a" : [ 1 , {"b":null} ] , "a":2}` + "\r\n\t", `{"I":1,"i":2}`, `{"\u0049":3}`, `{"ſ&":"fold","K":"kelvin"}`, `{"same":"1","SAME":"2","Same":"3"}`,
		`{"I":"x","S&":"y","U8":-1,"eight":5}`, `{"-":"d"}`, `{"Names":3,"I":4}`, `{"Names":["q"],"I":4}`, `{"Struct":{"a":["b"],"c":null}}`, `{"Addr":"nope","I":5}`, `{"Addr":5,"I":5}`, `{"Addr":null,"Time":null}`,
		`{"pp":5}`, `{"pp":null}`, `{"next":{"next":{"I":1}}}`, `{"next":[]}`, `{"err":"x"}`, `{"err":null}`, `{"err":[1]}`, `{"err":{}}`, `{"Raw": [1, 2] }`, `{"Array":[1]}`, `{"Array":[1,2,3,4,"x"]}`, `{"Kinds":{"a":[1],"b":"c"}}`,
		`{"Any":1e999,"I":3}`, `{"Any":[1e999,2]}`, `{"Bytes":[1,2]}`, `{"Bytes":"!"}`, "\ufeff1",
		strings.Repeat("[", 10000) + strings.Repeat("]", 10000), strings.Repeat("[", 10001) + strings.Repeat("]", 10001), strings.Repeat(`{"a":`, 9999) + "[]" + strings.Repeat("}", 9999),
	}
	set := func() any {
		i := 5
		p := &i
		return &mixed{I: 1, Array: [3]int{7, 8, 9}, Map: map[string]any{"a": 1.0, "z": 2.0}, PP: &p, Any: &names{}, Bytes: []byte("bytes"), List: []mixed{{I: 2}, {I: 3}}, Next: &mixed{S: "s"}, Struct: map[string]names{"c": {}}}
	}
	targets := []func() any{
		func() any { return new(any) },
		func() any { var x any = new(int); return &x },
		func() any { var x any = 3; return &x },
		func() any { var p *int; var x any = &p; return &x },
		func() any { return new(bool) }, func() any { return new(string) }, func() any { return new(kind) },
		func() any { return new(int8) }, func() any { return new(int64) }, func() any { return new(uint8) }, func() any { return new(uint64) },
		func() any { return new(float32) }, func() any { return new(float64) },
		func() any { return new([]byte) }, func() any { return new([]letter) }, func() any { return new([2]int) }, func() any { return &[]int{1, 2, 3} },
		func() any { return new([]any) }, func() any { return new(map[string]any) }, func() any { return &map[string]int{"a": 3} }, func() any { return new(map[kind]string) },
		func() any { return new(***int) }, func() any { return new(json.RawMessage) }, func() any { return new(names) }, func() any { return new(*names) },
		func() any { return new(netip.Addr) }, func() any { return new(time.Time) }, func() any { return new(sour) }, func() any { return new([]sour) }, func() any { return new(map[string]*sour) },
		func() any { return new(error) }, func() any { return new(chan int) }, func() any { return new(mixed) }, set,
		func() any { return nil }, func() any { return 3 }, func() any { return (*int)(nil) }, func() any { return new(logs.Fields) },
	}
	for _, text := range texts {
		for _, target := range targets {
			sameValue(t, []byte(text), target)
		}
	}
	var std1, own any
	std1, own = &std1, &own
	if err := std.Unmarshal([]byte("1"), std1); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte("1"), own); err != nil || own != 1.0 || std1 != own {
		t.Errorf("into an interface that holds its own address: %v %v, want %v", own, err, std1)
	}
}

func TestMarshal_EdgesOfEverySort(t *testing.T) {
	s := "s"
	for _, v := range []any{
		nil, (*int)(nil), (*names)(nil), names{}, &names{}, []names{{}}, map[string]names{"a": {}}, sour{}, &sour{}, []*sour{nil}, letter('x'), []letter{'x'}, []letter(nil),
		math.NaN(), math.Inf(1), math.Inf(-1), float32(math.Inf(1)), 0.0, math.Copysign(0, -1), 1e-6, 9.99e-7, 1e21, 1e20, 999999999999999999999.0, math.MaxFloat64, math.SmallestNonzeroFloat64,
		float32(1e-6), math.Nextafter32(1e-6, 0), math.Nextafter32(1e-6, 1), float32(1e21), math.Nextafter32(1e21, 0), float32(math.MaxFloat32), float32(math.SmallestNonzeroFloat32), float32(0.1),
		make(chan int), func() {}, complex(1, 2), map[string]any{"c": make(chan int)}, []byte(nil), []byte{}, []byte("bytes"), [2]byte{1}, []any(nil), map[string]any(nil), map[kind]int{"b": 1, "a": 2, "é": 3, "B": 4},
		json.RawMessage(nil), json.RawMessage(""), json.RawMessage("{"), json.RawMessage("1 2"), json.RawMessage(" [ 1 ,\"<\u2028 \xff\\\" \" , { \"a\" : { } , \"b\":[ ] } ] "), struct{ R json.RawMessage }{}, &struct{ R *json.RawMessage }{},
		struct{}{}, struct{ a int }{}, &s, []any{[]any{}, map[string]any{}, map[string]any{"a": []any{1, map[string]any{"b": "c"}}}},
		none{7}, struct {
			N none  `json:",omitzero"`
			P *none `json:",omitzero"`
			Q *none `json:",omitempty"`
			E none  `json:",omitempty"`
		}{N: none{7}, P: &none{7}, Q: &none{7}},
		time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}, netip.Addr{}, errSour, error(nil),
	} {
		sameText(t, v)
	}
	for i := range rune(0x11000) {
		sameText(t, string(i)+"x\xf0\x9f")
	}
	_, err := json.Marshal([]sour{{}})
	if !errors.Is(err, errSour) {
		t.Errorf("the method's own error is lost: %v", err)
	}
}

func TestMarshal_CyclesEnd(t *testing.T) {
	loop := &mixed{}
	loop.Next = loop
	if _, err := json.Marshal(loop); err == nil {
		t.Error("a pointer to itself has JSON")
	}
	list := []any{nil}
	list[0] = list
	if _, err := json.Marshal(list); err == nil {
		t.Error("a list of itself has JSON")
	}
}

func TestUnsupported_IsAnErrorBothWays(t *testing.T) {
	type inner struct{ A int }
	for _, v := range []any{&struct{ inner }{}, &struct {
		A int `json:",string"`
	}{}, &map[int]int{1: 2}} {
		if text, err := json.Marshal(v); err == nil {
			t.Errorf("%T is written as %s", v, text)
		}
		if err := json.Unmarshal([]byte(`{"1":1}`), v); err == nil {
			t.Errorf("%T is read", v)
		}
	}
}

func TestDecoder_SameTokensAndValues(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	type tokens interface {
		More() bool
		Decode(any) error
	}
	// walk notes what a decoder says to the same random calls.
	walk := func(seed uint64, d tokens, token func() (any, error)) (said []any) {
		r := rand.New(rand.NewPCG(seed, 0))
		for range 30 {
			said = append(said, d.More())
			var v any
			var err error
			if r.IntN(3) == 0 {
				err = d.Decode(&v)
			} else {
				v, err = token()
			}
			said = append(said, v, err == nil)
			if err != nil {
				break
			}
		}
		return said
	}
	texts := []string{`{"a":1,"b":[true,null,"x",{}],"c":{"d":[]}} 2 "three"[4]`, "", "null", "[1,]", `{"a" 1}`, `{"a":1,}`, "[", "]", "1 2", `{"a":"b"`, `{1:2}`, `["a":1]`, `[1,2`, `tru`, ` [[1] ,[ ]]`}
	for range 3000 {
		text := []byte(texts[r.IntN(len(texts))])
		if r.IntN(2) == 0 {
			text = broken(r, text)
		}
		seed := r.Uint64()
		a, b := std.NewDecoder(bytes.NewReader(text)), json.NewDecoder(bytes.NewReader(text))
		want := walk(seed, a, func() (any, error) {
			v, err := a.Token()
			if d, ok := v.(std.Delim); ok {
				v = json.Delim(d)
			}
			return v, err
		})
		got := walk(seed, b, func() (any, error) { v, err := b.Token(); return v, err })
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q:\n%v, want\n%v", text, got, want)
		}
	}
}

func FuzzBoth(f *testing.F) {
	f.Add([]byte(`{"I":1,"list":[{"s&":"<"}],"Any":{"a":[1e3,null,true]},"time":"2026-01-02T03:04:05Z"}`))
	f.Add([]byte(`{"Raw": [1 , "\ud800"],"Bytes":"AQID","pp":7,"Array":[1,2,3,4],"Kinds":{"a":[1]},"next":{"Took":-5}}`))
	f.Add([]byte(`[-0.0,1E-7,"\u2028\\\"é` + "\xff" + `"]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, empty := range []func() any{func() any { return new(any) }, func() any { return new(mixed) }, func() any { return new(logs.Entry) }} {
			sameValue(t, text, empty)
			v := empty()
			_ = std.Unmarshal(text, v)
			sameText(t, v)
		}
		sameText(t, string(text))
		sameText(t, json.RawMessage(text))
	})
}
