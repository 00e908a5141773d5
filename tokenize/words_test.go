package tokenize

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func newTestWords(t testing.TB) *Words {
	t.Helper()
	list := append([]string{"value", "rows", "row", "down", "col-1", "*", "?", "-", "+", "."}, Numbers(0, 12)...)
	w, err := NewWords(append(list, SignedNumbers(-3, 3)...), []string{"<bos>"})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWordsPieces(t *testing.T) {
	w := newTestWords(t)
	for _, c := range []struct {
		text string
		want []string // what the tokens decode to, the text of unknown ones in brackets
	}{
		{"", nil},
		{" \n\t ", nil},
		{"value -3 rows down", []string{"value", "-3", "rows", "down"}},
		{"value\t+2\n\u00a0rows", []string{"value", "+2", "rows"}},
		{"+0", []string{"+0"}},
		{"rows?", []string{"rows", "?"}},
		{"*?", []string{"*", "?"}},
		{"col-1", []string{"col-1"}},                 // a word as a whole
		{"col-1?", []string{"[col]", "-", "1", "?"}}, // falls apart: no sign after a letter
		{"5-3", []string{"5", "-", "3"}},
		{"5 -3", []string{"5", "-3"}},
		{"(-3)", []string{"[(]", "-3", "[)]"}},
		{"--3", []string{"-", "-3"}},
		{"-9", []string{"-", "9"}}, // not a word with its sign
		{"-99", []string{"-", "[99]"}},
		{"3.5", []string{"3", ".", "5"}},
		{"123", []string{"[123]"}},
		{"rowdy", []string{"[rowdy]"}},
		{"row12", []string{"row", "12"}},
		{"Value", []string{"[Value]"}},
		{"<bos>", []string{"[<]", "[bos]", "[>]"}},
		{"été\xff", []string{"[été]", "[\xff]"}},
		{strings.Repeat("x", 500), []string{"[" + strings.Repeat("x", 500) + "]"}},
	} {
		var got, missing []string
		for _, id := range w.Append(nil, c.text) {
			got = append(got, w.Decode([]int32{id}))
		}
		want := slices.Clone(c.want)
		for i, word := range want {
			if len(word) > 1 && word[0] == '[' {
				want[i], missing = Unknown, append(missing, word[1:len(word)-1])
			}
		}
		if !slices.Equal(got, want) || !slices.Equal(w.Missing(c.text), missing) {
			t.Errorf("%q: got %q, missing %q; want %q", c.text, got, w.Missing(c.text), c.want)
		}
	}
	if got := w.Missing("up up 99 up"); !slices.Equal(got, []string{"up", "99"}) {
		t.Errorf("Missing twice: %q", got)
	}
}

func TestWordsIDs(t *testing.T) {
	w := newTestWords(t)
	if id, ok := w.Special(Unknown); id != 1 || !ok {
		t.Errorf("%s is %d, %v: want it after the special tokens given", Unknown, id, ok)
	}
	if got := w.Append([]int32{0}, "value up"); !slices.Equal(got, []int32{0, 2, 1}) {
		t.Errorf("got %v", got)
	}
	if got := w.Decode([]int32{0, 2, 1}); got != "<bos> value <unk>" {
		t.Errorf("got %q", got)
	}
	if w.Size() != 2+10+13+7 {
		t.Errorf("size %d", w.Size())
	}
	first, err := NewWords([]string{"a"}, []string{Unknown, "<pad>"})
	if err != nil || !slices.Equal(first.Specials(), []string{Unknown, "<pad>"}) {
		t.Errorf("a place given to %s: %v, %v", Unknown, first.Specials(), err)
	}
}

// TestWordsComeBack: known words separated by single blanks.
func TestWordsComeBack(t *testing.T) {
	w := newTestWords(t)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom(w.words)).Draw(t, "words"), " ")
		if got := w.Decode(w.Append(nil, text)); got != text {
			t.Fatalf("%q came back as %q", text, got)
		}
	})
}

// TestWordsReadAnything: every text, and all of it but white space.
func TestWordsReadAnything(t *testing.T) {
	w := newTestWords(t)
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		c, all := cutter{words: w, text: text}, ""
		for p := c.next(); p != ""; p = c.next() {
			all += p
		}
		if want := strings.Join(strings.Fields(text), ""); all != want {
			t.Fatalf("%q is cut into %q", text, all)
		}
		for _, id := range w.Append(nil, text) {
			if id < 1 || int(id) >= w.Size() {
				t.Fatalf("%q yields %d", text, id)
			}
		}
	})
}

func TestNumbers(t *testing.T) {
	if got := Numbers(-1, 2); !slices.Equal(got, []string{"-1", "0", "1", "2"}) {
		t.Errorf("Numbers: %q", got)
	}
	if got := SignedNumbers(-1, 1); !slices.Equal(got, []string{"-1", "+0", "+1"}) {
		t.Errorf("SignedNumbers: %q", got)
	}
	if Numbers(1, 0) != nil {
		t.Error("numbers from 1 to 0")
	}
}

func TestNewWordsRefuses(t *testing.T) {
	for _, c := range []struct {
		words, special []string
		want           string
	}{
		{nil, nil, "there are no words"},
		{[]string{"a", ""}, nil, `word 1, "": it is empty`},
		{[]string{"a", "b", "a"}, nil, `word 2, "a": it is the same as number 0`},
		{[]string{"two words"}, nil, "white space"},
		{[]string{"a\u00a0b"}, nil, "white space"},
		{[]string{"\xff"}, nil, "UTF-8"},
		{[]string{"<bos>"}, []string{"<bos>"}, "name of a special token"},
		{[]string{"<unk>"}, nil, "name of a special token"},
		{[]string{"a"}, []string{"x", "x"}, "special token 1"},
	} {
		w, err := NewWords(c.words, c.special)
		if err == nil || w != nil || !strings.HasPrefix(err.Error(), "tokenize: NewWords: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q, %q: got %v, %v; want an error with %q", c.words, c.special, w, err, c.want)
		}
	}
}
