package query

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

// eachText is the test of a Matcher that tests one text after another.
func eachText(match func(string) bool) func(*Texts) {
	return func(t *Texts) {
		all := string(t.Bytes)
		for i, text := range strings.Split(all[1:len(all)-1], string(rune(Separator))) {
			if match(text) {
				t.Hits[i] = 1
			}
		}
	}
}

func TestTexts_EndsAreUTF16Units(t *testing.T) {
	var texts Texts
	var want []uint32
	joined := "\x01"
	for _, s := range []string{"", "abc", "naïve", "日本語 and more", "😀", "a longer one that is ASCII", "\U0010FFFFx"} {
		texts.add(s)
		joined += s
		want = append(want, uint32(len(utf16.Encode([]rune(joined)))))
		joined += "\x01"
	}
	if string(texts.Bytes) != joined || !slices.Equal(texts.Ends, want) || len(texts.Hits) != len(want) {
		t.Errorf("%q ends at %v, want %q at %v", texts.Bytes, texts.Ends, joined, want)
	}
}

func TestFits(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, "plain": true, "\x00": true, "\x02\x02\x02\x02\x02\x02\x02\x02": true, "naïve and so on": true,
		"a\x01": false, "0123456\x01": false, "01234567\x01": false, "\xff": false, "na\xc3": false, strings.Repeat("a", maxScript): true, strings.Repeat("a", maxScript+1): false,
	} {
		if fits(text) != want {
			t.Errorf("%.20q: %v", text, !want)
		}
	}
}
