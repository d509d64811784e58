package json_test

import (
	std "encoding/json"
	"testing"
	"time"

	"github.com/logpane/logpane/app/logs"
	"github.com/logpane/logpane/app/wire"
	"github.com/logpane/logpane/static/pack/json"
)

func BenchmarkUnmarshal_Page(b *testing.B) {
	page := wire.Page{}
	for i := range 200 {
		page.Notes = append(page.Notes, logs.Note{Text: "some sentence about it", Name: "name"})
		page.Coverage = append(page.Coverage, logs.Coverage{Src: "src", From: time.Unix(int64(i), 0).UTC(), Reason: "because"})
	}
	text, err := std.Marshal(page)
	if err != nil {
		b.Fatal(err)
	}
	for _, by := range []struct {
		name string
		read func([]byte, any) error
	}{{"here", json.Unmarshal}, {"std", std.Unmarshal}} {
		b.Run(by.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := by.read(text, new(wire.Page)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
