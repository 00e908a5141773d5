package lengths_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
	"pgregory.net/rapid"
)

// scratchpads are ways to work a task out; the first is none.
func scratchpads(t testing.TB, name string) []lengths.Scratchpad {
	full := lengths.FullScratchpad()
	verbose := full
	verbose.Verbose = true
	if !byName(t, name, lengths.Options{}).HasScratchpad() {
		return []lengths.Scratchpad{{}}
	}
	return []lengths.Scratchpad{{}, full, verbose, lengths.MinimalScratchpad(), {Remaining: true}}
}

// TestRoundTrip: what is read and written again differs in white space only, and is as right as before.
func TestRoundTrip(t *testing.T) {
	bare := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for _, generated := range generated(t, lengths.Options{}) {
		for _, pad := range scratchpads(t, generated.Name()) {
			task := byName(t, generated.Name(), lengths.Options{Scratchpad: pad})
			v := task.Vocabulary()
			for i := range 100 {
				e := task.At(3, lengths.Split(i%3), i)
				s, err := task.Sequence(e)
				if err != nil {
					t.Fatalf("%s: %v", task.Name(), err)
				}
				if s.IDs[len(s.IDs)-1] != lengths.EOS || slices.Index(s.IDs, lengths.EOS) != len(s.IDs)-1 {
					t.Fatalf("%s: %v does not end with its only EOS", task.Name(), s.IDs)
				}
				if got := v.Decode(s.IDs); bare(got) != bare(task.Text(e)) {
					t.Fatalf("%s:\n got %q\nwant %q", task.Name(), got, task.Text(e))
				}
				if got := v.Decode(s.IDs[s.Prompt:]); bare(got) != bare(e.Target) || !task.Correct(e, got) {
					t.Fatalf("%s %v:\n got %q\nwant %q", task.Name(), pad, got, e.Target)
				}
			}
		}
	}
}

// TestVocabularyIsLossless: whatever ids a model writes, their text is read as these ids.
func TestVocabularyIsLossless(t *testing.T) {
	for _, name := range lengths.Names() {
		v := byName(t, name, lengths.Options{}).Vocabulary()
		seen := map[string]bool{}
		for id := range int32(v.Size()) {
			if seen[v.Token(id)] {
				t.Errorf("%s: two ids of %q", name, v.Token(id))
			}
			seen[v.Token(id)] = true
		}
		rapid.Check(t, func(r *rapid.T) {
			ids := rapid.SliceOf(rapid.Int32Range(lengths.EOS+1, int32(v.Size()-1))).Draw(r, "ids")
			got, err := v.Encode(v.Decode(ids))
			if err != nil || !slices.Equal(got, ids) {
				t.Errorf("%s: %q is read as %v, want %v: %v", name, v.Decode(ids), got, ids, err)
			}
		})
		// Every pair, since a mark without a blank before it could make another token of two.
		for a := lengths.EOS + 1; a < int32(min(v.Size(), 200)); a++ {
			for b := lengths.EOS + 1; b < int32(min(v.Size(), 200)); b++ {
				if got, err := v.Encode(v.Decode([]int32{a, b})); err != nil || len(got) != 2 || got[0] != a || got[1] != b {
					t.Fatalf("%s: %q is read as %v: %v", name, v.Decode([]int32{a, b}), got, err)
				}
			}
		}
	}
}

// TestFamilyShares: variants of a family have the same ids.
func TestFamilyShares(t *testing.T) {
	first := map[string]*lengths.Vocabulary{}
	for _, name := range lengths.Names() {
		task := byName(t, name, lengths.Options{})
		v, other := task.Vocabulary(), first[task.Family()]
		if other == nil {
			first[task.Family()] = v
			continue
		}
		for id := range int32(v.Size()) {
			if v.Size() != other.Size() || v.Token(id) != other.Token(id) {
				t.Fatalf("%s: id %d differs", name, id)
			}
		}
	}
}

func TestDecodeSpecial(t *testing.T) {
	v := byName(t, "sum", lengths.Options{}).Vocabulary()
	ids, err := v.Encode("The answer is 4 .")
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat([]int32{lengths.Pad, lengths.BOS}, ids, []int32{lengths.Pad, lengths.EOS}, ids)
	if got := v.Decode(all); got != "The answer is 4 ." {
		t.Errorf("got %q", got)
	}
	if got := v.Token(lengths.Pad) + v.Token(lengths.BOS) + v.Token(lengths.EOS); got != "<pad><bos><eos>" {
		t.Errorf("got %s", got)
	}
	if got, err := v.Encode(" \n"); len(got) != 0 || err != nil {
		t.Errorf("blanks: %v, %v", got, err)
	}
}

func TestUnknownToken(t *testing.T) {
	for _, c := range []struct {
		name, text, token string
		number, offset    int
	}{
		{"sum", "Compute: 1 + 12 .", "12", 4, 13},
		{"sum", "<eos>", "<eos>", 1, 0},
		{"lego", "If a = +2, b", "+2", 4, 7},
		{"copy_cmc", "Copy:  é", "é", 2, 7},
		{"scan", "Solve: jump twise[SEP] Jump", "twise", 3, 12},
		{"addition", "\xff\x00", "\xff\x00", 1, 0},
		{"addition", "1 .x", ".x", 2, 2},
	} {
		_, err := byName(t, c.name, lengths.Options{}).Vocabulary().Encode(c.text)
		var unknown *lengths.UnknownTokenError
		if !errors.As(err, &unknown) {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if unknown.Token != c.token || unknown.Number != c.number || unknown.Offset != c.offset || unknown.Family == "" || unknown.Nearest == "" {
			t.Errorf("%q: %+v", c.text, unknown)
		}
	}
}

// FuzzEncode: any text gives ids, of which the text has the same characters, or an error about a token that is there.
func FuzzEncode(f *testing.F) {
	var all []*lengths.Vocabulary
	for _, name := range []string{"copy_cmc", "addition", "poly", "lego", "scan", "locate"} {
		task := byName(f, name, lengths.Options{})
		all = append(all, task.Vocabulary())
		if task.Generated() {
			f.Add(task.Text(task.At(1, lengths.Train, 3)))
		}
	}
	f.Add("jump[SEP][SEP] ,.,.? \xff")
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range all {
			ids, err := v.Encode(text)
			var unknown *lengths.UnknownTokenError
			if errors.As(err, &unknown) {
				if !strings.HasPrefix(text[unknown.Offset:], unknown.Token) {
					t.Errorf("%q: no %q at %d", text, unknown.Token, unknown.Offset)
				}
				continue
			}
			blanks := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "")
			if got := v.Decode(ids); blanks.Replace(got) != blanks.Replace(text) {
				t.Errorf("%q is read as %q", text, got)
			}
		}
	})
}
