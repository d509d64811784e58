package server

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/logpane/logpane/app/wire"
)

func TestVendors_MaskKeyKeepsItsBits(t *testing.T) {
	st := newStand(t)
	_, body := st.do("GET", wire.PathVendors, "", nil)
	var got wire.Vendors
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatal(err)
	}
	if key, err := strconv.ParseUint(got.MaskKey, 16, 64); err != nil || key != st.o.MaskKey || key == 0 {
		t.Errorf("the key %q was read as %x, want %x", got.MaskKey, key, st.o.MaskKey)
	}
}
