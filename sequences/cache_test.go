package sequences_test

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/sequences"
)

// onSequences are encodings that serve sequences, with whether they can go on from where one ended.
var onSequences = []struct {
	encoding encodings.Encoding
	goesOn   bool
}{
	{encodings.RoPE{}, true},
	{encodings.RoPE{Interleaved: true, Partial: 0.5}, true},
	{encodings.RoPE{Scaling: encodings.Scaling{NTK: encodings.NTK{Factor: 2, Trained: 9}}}, false}, // beyond 9 tokens
	{encodings.None{}, true},
	{encodings.ALiBi{}, true},
	{encodings.T5Bias{Causal: true}, true},
	{encodings.Learned{}, true},
	{encodings.Sinusoidal{}, true},
	{encodings.CARoPE{}, true},
	{encodings.Harmonic{}, true},
	{encodings.XPos{}, true},
	{encodings.TransformerXL{}, true},
	{encodings.ComplexFormer{}, true},
	{encodings.RCMHA{}, true},
	{encodings.SeqPE{}, true},
	{encodings.ComRoPE{Axes: 1}, true},
	{encodings.CCA{}, true},
}

// TestCacheIsKept: encodings that can go on are not recomputed, and the others are.
func TestCacheIsKept(t *testing.T) {
	for _, c := range onSequences {
		got, err := sequences.KeepsCache(newModel(t, toy(c.encoding), 1), [][]int32{{1, 2, 3, 4, 5, 6, 7}, {3}}, sequences.Options{MaxTokens: 8})
		if err != nil || got != c.goesOn {
			t.Errorf("%T%+v: the cache is kept: %v (%v), want %v", c.encoding, c.encoding, got, err, c.goesOn)
		}
	}
}

// tablePrompts are two small tables read row by row and column by column, after and before some text.
func tablePrompts() ([][]int32, []*sequences.Places) {
	return [][]int32{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {9, 1, 2, 1, 2, 0}}, []*sequences.Places{
		{Orders: [][]int32{{0, 1, 2, 3, 4, 5, 6, 7, 8}, {0, 1, 4, 2, 5, 3, 6, 7, 8}}, Cells: [2]int{1, 7}},
		{Orders: [][]int32{{0, 1, 2, 3, 4, 5}, {0, 1, 3, 2, 4, 5}}, Cells: [2]int{1, 5}},
	}
}

// TestTables generates after tables, with encodings that read both orders or the first.
func TestTables(t *testing.T) {
	prompts, places := tablePrompts()
	for _, e := range []encodings.Encoding{encodings.TwoOrder{}, encodings.RoPE{}, encodings.T5Bias{Causal: true}} {
		m := newModel(t, toy(e), 1)
		o := sequences.Options{MaxTokens: 8, Places: places}
		kept := generate(t, m, prompts, o)
		if ok, err := sequences.KeepsCache(m, prompts, o); err != nil || !ok {
			t.Errorf("%s: the cache is kept: %v, %v", e.Name(), ok, err)
		}
		o.Recompute = true
		if whole := generate(t, m, prompts, o); fmt.Sprint(kept) != fmt.Sprint(whole) {
			t.Errorf("%s: %v with a cache, %v without", e.Name(), kept, whole)
		}
	}
}

// TestPoints generates after tokens with coordinates; those of new tokens follow the largest.
func TestPoints(t *testing.T) {
	m := newModel(t, toy(encodings.Sinusoidal{}), 1)
	places := []*sequences.Places{{Rank: 2, Coords: []float64{0, 0, 0, 1, 1, 0, 1, 1}}, {Rank: 2, Coords: []float64{0, 0.5}}}
	prompts := [][]int32{{1, 2, 3, 4}, {7}}
	got := generate(t, m, prompts, sequences.Options{MaxTokens: 3, Places: places})
	if one := generate(t, m, prompts[1:], sequences.Options{MaxTokens: 3, Places: places[1:]}); fmt.Sprint(one) != fmt.Sprint(got[1:]) {
		t.Errorf("alone %v, in a batch %v", one, got[1:])
	}
	// The same as an example that says where its new tokens are.
	coords := append(append([]float64(nil), places[0].Coords...), 2, 2, 3, 3)
	longer := append(append([]int32(nil), prompts[0]...), got[0].Tokens[:2]...)
	next := generate(t, m, [][]int32{longer}, sequences.Options{MaxTokens: 1, Places: []*sequences.Places{{Rank: 2, Coords: coords}}})
	if next[0].Tokens[0] != got[0].Tokens[2] {
		t.Errorf("with the places of new tokens given: %v, want %v", next[0].Tokens, got[0].Tokens[2:])
	}
}
