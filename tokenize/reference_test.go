package tokenize

import (
	"context"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// referenceTrain learns merges as the definition has it: all pairs are counted anew for every merge.
func referenceTrain(list []string, group, want, least int) [][2]int32 {
	var all [][]int32
	for _, text := range list {
		for _, p := range pieces(text, group) {
			all = append(all, referenceBytes(p))
		}
	}
	var merges [][2]int32
	for len(merges) < want {
		counts := map[[2]int32]int{}
		for _, tokens := range all {
			for i := 1; i < len(tokens); i++ {
				counts[[2]int32{tokens[i-1], tokens[i]}]++
			}
		}
		best, most := [2]int32{}, 0
		for p, n := range counts {
			if n > most || n == most && slices.Compare(p[:], best[:]) < 0 {
				best, most = p, n
			}
		}
		if most == 0 || most < least {
			break
		}
		for i, tokens := range all {
			all[i] = referenceMerge(tokens, best, int32(bytesInAll+len(merges)))
		}
		merges = append(merges, best)
	}
	return merges
}

func referenceBytes(piece string) []int32 {
	var tokens []int32
	for _, c := range []byte(piece) {
		tokens = append(tokens, int32(c))
	}
	return tokens
}

func referenceMerge(tokens []int32, pair [2]int32, token int32) []int32 {
	var out []int32
	for i := 0; i < len(tokens); i++ {
		if i+1 < len(tokens) && tokens[i] == pair[0] && tokens[i+1] == pair[1] {
			out = append(out, token)
			i++
			continue
		}
		out = append(out, tokens[i])
	}
	return out
}

// referenceEncode applies one merge after another to every piece.
func referenceEncode(text string, group, specials int, merges [][2]int32) []int32 {
	var ids []int32
	for _, p := range pieces(text, group) {
		tokens := referenceBytes(p)
		for i, m := range merges {
			tokens = referenceMerge(tokens, m, int32(bytesInAll+i))
		}
		for _, t := range tokens {
			ids = append(ids, t+int32(specials))
		}
	}
	return ids
}

// TestBPEIsTheReference: the merges, and the tokens of texts that were not learned from.
func TestBPEIsTheReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(texts(), 1, 4).Draw(t, "texts")
		list = append(list, "aaaa aaa abab") // never nothing, and always pairs that overlap
		group, least := rapid.IntRange(1, maxGroup).Draw(t, "group"), rapid.IntRange(1, 3).Draw(t, "least")
		want := rapid.IntRange(0, 40).Draw(t, "merges")
		special := []string{"<bos>", "<eos>"}
		b, err := TrainBPE(context.Background(), Strings(list...), BPEOptions{Size: 2 + bytesInAll + want, Special: special, DigitGroup: group, MinCount: least})
		if err != nil {
			t.Fatal(err)
		}
		merges := referenceTrain(list, group, want, least)
		if !slices.Equal(b.merges, merges) {
			t.Fatalf("merges %v, want %v", b.merges, merges)
		}
		for range 3 {
			text := texts().Draw(t, "text")
			got := b.Append(nil, text)
			if ids := referenceEncode(text, group, len(special), merges); !slices.Equal(got, ids) {
				t.Fatalf("%q: got %v, want %v", text, got, ids)
			}
			if again := b.Append([]int32{1}, text); !slices.Equal(again[1:], got) || again[0] != 1 {
				t.Fatalf("%q: %v the second time, %v the first", text, again, got)
			}
			if back := b.Decode(got); back != text {
				t.Fatalf("%q came back as %q", text, back)
			}
			for _, id := range got {
				if int(id) < len(special) || int(id) >= b.Size() {
					t.Fatalf("%q yields %d", text, id)
				}
			}
		}
	})
}
