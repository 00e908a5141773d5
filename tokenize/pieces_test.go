package tokenize

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func pieces(text string, group int) []string {
	var list []string
	for len(text) > 0 {
		n := pieceLength(text, group)
		list = append(list, text[:n])
		text = text[n:]
	}
	return list
}

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		text  string
		group int
		want  []string
	}{
		{"", 1, nil},
		{"two words", 1, []string{"two", " words"}},
		{" led", 1, []string{" led"}},
		{"12 cm", 1, []string{"1", "2", " cm"}},
		{"in 1987", 1, []string{"in", " ", "1", "9", "8", "7"}},
		{"1234567", 3, []string{"123", "456", "7"}},
		{"1234567", 2, []string{"12", "34", "56", "7"}},
		{"x2y", 3, []string{"x", "2", "y"}},
		{"don't stop!!", 1, []string{"don", "'", "t", " stop", "!!"}},
		{"-3.5 (a)", 3, []string{"-", "3", ".", "5", " (", "a", ")"}},
		{"a  b", 1, []string{"a", " ", " b"}},
		{"a\n  b", 1, []string{"a", "\n ", " b"}},
		{"a \n\tb", 1, []string{"a", " \n\t", "b"}},
		{"a  7", 1, []string{"a", "  ", "7"}},
		{"end ", 1, []string{"end", " "}},
		{"  ", 1, []string{"  "}},
		{"naïve e\u0301tude", 1, []string{"naïve", " e\u0301tude"}},
		{"東京 2020", 3, []string{"東京", " ", "202", "0"}},
		{"٣٤", 1, []string{"٣", "٤"}},
		{"½ kg", 1, []string{"½", " kg"}},
		{"a\xff\xfe b", 1, []string{"a", "\xff\xfe", " b"}},
		{"a\u00a0b", 1, []string{"a", "\u00a0", "b"}},
		{strings.Repeat("a", 300), 1, []string{strings.Repeat("a", 128), strings.Repeat("a", 128), strings.Repeat("a", 44)}},
		{" " + strings.Repeat("é", 64), 1, []string{" " + strings.Repeat("é", 63), "é"}},
		{strings.Repeat(" ", 130) + "x", 1, []string{strings.Repeat(" ", 128), " ", " x"}},
	} {
		if got := pieces(c.text, c.group); !slices.Equal(got, c.want) {
			t.Errorf("%q in groups of %d: got %q, want %q", c.text, c.group, got, c.want)
		}
	}
}

// texts draws strings of the characters that matter, and of any bytes.
func texts() *rapid.Generator[string] {
	chars := rapid.SampledFrom([]string{"a", "b", "c", "ab", " ", " ", "  ", "\n", "7", "42", "1000", ".", "-", "é", "e\u0301", "東", "\xff", "\xc3", "\u00a0", "<bos>", "\x00"})
	return rapid.OneOf(
		rapid.Map(rapid.SliceOf(chars), func(s []string) string { return strings.Join(s, "") }),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.String(),
		rapid.Map(rapid.IntRange(1, 700), func(n int) string { return strings.Repeat("ab é", n) }),
	)
}

// TestPiecesAreAll: pieces are the text, none is empty or long, and none cuts a character.
func TestPiecesAreAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, group := texts().Draw(t, "text"), rapid.IntRange(1, maxGroup).Draw(t, "group")
		list := pieces(text, group)
		if strings.Join(list, "") != text {
			t.Fatalf("pieces %q of %q", list, text)
		}
		for _, p := range list {
			if len(p) > maxPiece || p == "" {
				t.Fatalf("a piece of %d bytes", len(p))
			}
			if utf8.ValidString(text) && !utf8.ValidString(p) {
				t.Fatalf("%q is cut inside a character", p)
			}
		}
	})
}
