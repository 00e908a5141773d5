package encodings

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// ccaWeights returns which keys the queries of one item attend to, [tokens, tokens], as the kernel has it.
func ccaWeights(t *testing.T, e CCA, l *Layout) []int64 {
	t.Helper()
	d := Dims{Width: 4, Heads: 1, HeadDim: 4}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	x := tp.Const(tensor.New(l.Tokens(), 4))
	a := &Attention{Softmax: attention.Softmax{Heads: 1, KeepWeights: true}}
	a.Queries, a.Query, a.Key, a.Value = l.Offsets, x, x, x
	a.Run(tp, beginOn(t, encoderFor(t, e, d), tp, l))
	allowed := make([]int64, a.Weights.Size())
	for i, w := range a.Weights.Data() {
		if w > 0 {
			allowed[i] = 1
		}
	}
	return allowed
}

func onLine(t *testing.T, places []int32) *Layout {
	t.Helper()
	coords := make([]float64, len(places))
	for i, p := range places {
		coords[i] = float64(p)
	}
	l, err := AtPoints([]int{0, len(places)}, 0, 1, coords)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func wide(x []int32) []int64 {
	y := make([]int64, len(x))
	for i, v := range x {
		y[i] = int64(v)
	}
	return y
}

// TestGoldenCCA compares rings, places and the mask that the kernel applies with the official code's. In grids of fewer
// than 24 rows its constant 11 was replaced by N/2-1.
func TestGoldenCCA(t *testing.T) {
	for _, c := range golden.Files(t, "cca", "positions_masks") {
		var config struct {
			Grids []int `json:"grids"`
		}
		c.JSON(t, "config", &config)
		for _, n := range config.Grids {
			name := func(s string) string { return fmt.Sprintf("g%d.%s", n, s) }
			ring, rings := Rings(n, n)
			if rings != n/2 {
				t.Errorf("a grid of %d has %d rings", n, rings)
			}
			c.CompareInts(t, name("concentric_pos"), wide(ring))
			text := c.Ints(name("prefix_suffix"))
			places := Concentric(int(text[0]), n, n, int(text[1]))
			c.CompareInts(t, name("position_ids"), wide(places))
			allowed := ccaWeights(t, CCA{}, onLine(t, places))
			if c.Has(name("allowed")) {
				c.CompareInts(t, name("allowed"), allowed)
				continue
			}
			rows, cols := make([]int64, len(places)), make([]int64, len(places))
			for i, w := range allowed {
				rows[i/len(places)] += w
				cols[i%len(places)] += w
			}
			c.CompareInts(t, name("allowed_rowsum"), rows)
			c.CompareInts(t, name("allowed_colsum"), cols)
		}
	}
}

// Odd and oblong grids, whose innermost ring is a line or a point: the extension.
func TestRings(t *testing.T) {
	for _, c := range []struct {
		rows, cols, rings int
		want              []int32
	}{
		{1, 1, 1, []int32{0}}, {1, 3, 1, []int32{0, 0, 0}}, {2, 2, 1, []int32{0, 0, 0, 0}},
		{3, 3, 2, []int32{0, 0, 0, 0, 1, 0, 0, 0, 0}},
		{3, 5, 2, []int32{0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0}},
		{4, 3, 2, []int32{0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0}},
	} {
		ring, rings := Rings(c.rows, c.cols)
		if rings != c.rings || !slices.Equal(ring, c.want) {
			t.Errorf("%d by %d: rings %v of %d, want %v of %d", c.rows, c.cols, ring, rings, c.want, c.rings)
		}
	}
}

// Leading tokens of a grid stand where the field says, and grids of several shapes have places of their own.
func TestCCALeading(t *testing.T) {
	l, err := OnGrids(2, []int{3, 3}, []int{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		e    CCA
		want []int32
	}{
		{CCA{}, []int32{2, 3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 0, 0}},
		{CCA{LeadingFirst: true}, []int32{0, 1, 2, 2, 2, 2, 3, 2, 2, 2, 2, 0, 1, 2, 2}},
	} {
		if got, err := (&cca{CCA: c.e}).places(l); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%+v: places %v, %v, want %v", c.e, got, err, c.want)
		}
	}
	one, err := OnGrid(1, 1, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		e    CCA
		want []int64
	}{
		{CCA{}, []int64{1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1}},
		{CCA{LeadingFirst: true}, []int64{1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
		{CCA{NoMask: true}, []int64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}},
	} {
		if got := ccaWeights(t, c.e, one); !slices.Equal(got, c.want) {
			t.Errorf("%+v: keys %v, want %v", c.e, got, c.want)
		}
	}
}

// A decoder goes on after the largest place: tokens so far, less those of the image, plus its rings.
func TestCCAGoesOn(t *testing.T) {
	e := &cca{}
	places := Concentric(3, 4, 4, 2)
	first := onLine(t, places)
	first.Past, first.Memory = []int{0}, NewMemory(1)
	if got, err := e.places(first); err != nil || !slices.Equal(got, places) {
		t.Fatalf("places %v, %v, want %v", got, err, places)
	}
	for past := len(places); past < len(places)+4; past += 2 {
		l, err := ContinuedSequences([]int{0, 2}, []int{past}, first.Memory)
		if err != nil {
			t.Fatal(err)
		}
		at := int32(past - 4*4 + 2)
		if got, err := e.places(l); err != nil || !slices.Equal(got, []int32{at, at + 1}) {
			t.Errorf("after %d tokens: places %v, %v, want %d and the next", past, got, err, at)
		}
	}
	text, err := ContinuedSequences([]int{0, 1}, []int{7}, NewMemory(1))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := e.places(text); got[0] != 7 {
		t.Errorf("text alone goes on at %d, want 7", got[0])
	}
}

func TestCCARefuses(t *testing.T) {
	enc := encoderFor(t, CCA{}, Dims{Width: 4, Heads: 1})
	half, err := AtPoints([]int{0, 1}, 0, 1, []float64{0.5})
	if err != nil {
		t.Fatal(err)
	}
	clip, err := OnGrid(1, 0, 2, 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	for want, l := range map[string]*Layout{"whole numbers": half, "OnGrid": clip} {
		if _, err := enc.Begin(tensor.NewTape(), l); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: the error is %v, want one with %q", l, err, want)
		}
	}
	if _, err := (CCA{}).New(Dims{Width: 3, Heads: 1}, nil); err == nil {
		t.Error("a head of 3 channels has pairs")
	}
}
