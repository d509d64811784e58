package dom

import "testing"

func TestOffsets_BytesAndUnits(t *testing.T) {
	const s = "aé\U0001F600b" // 1, 2, 4 and 1 bytes; 1, 1, 2 and 1 units
	tests := []struct{ units, bytes int }{{0, 0}, {1, 1}, {2, 3}, {4, 7}, {5, 8}}
	for _, tt := range tests {
		if got := bytesAt(s, tt.units); got != tt.bytes {
			t.Errorf("unit %d is at byte %d, want %d", tt.units, got, tt.bytes)
		}
		if got := unitsAt(s, tt.bytes); got != tt.units {
			t.Errorf("byte %d is unit %d, want %d", tt.bytes, got, tt.units)
		}
	}
	if got := bytesAt(s, 99); got != len(s) {
		t.Errorf("behind the end: %d", got)
	}
	if got := unitsAt(s, 99); got != 5 {
		t.Errorf("behind the end: %d units", got)
	}
	if got := unitsAt(s, -1); got != 0 {
		t.Errorf("before the beginning: %d units", got)
	}
}
