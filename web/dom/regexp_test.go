package dom

import "testing"

func TestScript_SpellsOutWhatTheTwoEnginesReadDifferently(t *testing.T) {
	for pattern, want := range map[string]string{
		`time.?out`:          `time(?:[^\n])?out`,
		`(?i)ok`:             `[\u{4f}\u{6f}][\u{4b}\u{6b}\u{212a}]`,
		`(?m)^a$`:            `(?<![^\n])a(?![^\n])`,
		`^a$`:                `^a$`,
		`\Aa\z`:              `^a$`,
		`(?s)a.b`:            `a[^]b`,
		`a|b(?P<n>c)`:        `a|b(?:c)`,
		`a{2,}?`:             `(?:a){2,}?`,
		`\Q.*\E`:             `\u{2e}\u{2a}`,
		`[[:digit:]]`:        `[\u{30}-\u{39}]`,
		`[^\x00-\x{10FFFF}]`: `(?!)`,
		`a/b`:                `a\u{2f}b`,
		``:                   `(?:)`,
	} {
		got, err := script(pattern)
		if err != nil || got != want {
			t.Errorf("script(%q) = %q, %v; want %q", pattern, got, err, want)
		}
	}
	if _, err := script(`a(`); err == nil {
		t.Error("a pattern that is none was translated")
	}
}
