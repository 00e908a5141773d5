package encodings

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenGiraffe: frequencies and tables of every variant of Giraffe, and its random positions.
func TestGoldenGiraffe(t *testing.T) {
	for _, c := range golden.Files(t, "giraffe", "frequencies") {
		var config struct {
			Dims     []int
			Table    int `json:"table_len"`
			TableDim int `json:"table_dim"`
			Variants map[string]struct {
				Scale    float64
				Power    float64 `json:"scale_power"`
				Truncate int
			}
		}
		c.JSON(t, "config", &config)
		for name, v := range config.Variants {
			s := Scaling{Linear: v.Scale, Power: v.Power, Truncate: v.Truncate}
			for _, d := range config.Dims {
				c.CompareFloat64s(t, "freq.d"+map[int]string{16: "16", 128: "128"}[d]+"."+name, Frequencies(d, 0, s), golden.Forward)
			}
			tp := tape(true)
			enc := mustEncoder(t, RoPE{Scaling: s}, Dims{Width: config.TableDim, Heads: 1})
			turn, _ := rotations(tp, mustBegin(t, tp, enc, mustLayout(t)(Sequences([]int{0, config.Table}))))
			c.Compare(t, "cos.d16."+name, twice(turn.Cos, false), golden.Forward)
			c.Compare(t, "sin.d16."+name, twice(turn.Sin, false), golden.Forward)
		}
		shape := c.Shape("random.uniform")
		walk := c.Float64s("random.uniform")
		for b := range shape[0] {
			randomWalk(walk[b*shape[1] : (b+1)*shape[1]])
		}
		c.CompareFloat64s(t, "random.positions", walk, golden.Forward)
		tp := tape(false)
		l := mustLayout(t)(AtPoints(evenOffsets(shape[0], shape[1]), 0, 1, walk))
		turn, _ := rotations(tp, mustBegin(t, tp, mustEncoder(t, RoPE{}, Dims{Width: 16, Heads: 1}), l))
		c.CompareFlat(t, "random.cos", twice(turn.Cos, false).Data(), golden.Forward)
		c.CompareFlat(t, "random.sin", twice(turn.Sin, false).Data(), golden.Forward)
	}
}

// TestGoldenXPos: queries, keys and their products.
func TestGoldenXPos(t *testing.T) {
	for _, c := range golden.Files(t, "giraffe", "xpos") {
		var config struct {
			Dim       int     `json:"head_dim"`
			Length    int     `json:"max_position_embeddings"`
			ScaleBase float64 `json:"scale_base"`
		}
		c.JSON(t, "config", &config)
		q, k := c.Tensor("q"), c.Tensor("k")
		s := q.Shape()
		e := XPos{ScaleBase: config.ScaleBase, Center: float64(config.Length) / 2}
		tp := tape(false)
		turnQ, turnK := rotations(tp, mustBegin(t, tp, mustEncoder(t, e, Dims{Width: s[1] * s[3], Heads: s[1]}), mustLayout(t)(Sequences(evenOffsets(s[0], s[2])))))
		qr := headBlocks(turnQ.Apply(tp, tp.Const(headRows(q)), s[1]).Data(), s[0], s[1], s[2], s[3])
		kr := headBlocks(turnK.Apply(tp, tp.Const(headRows(k)), s[1]).Data(), s[0], s[1], s[2], s[3])
		c.Compare(t, "q_out", qr, golden.Forward)
		c.Compare(t, "k_out", kr, golden.Forward)
		scores, _, _ := pairScores(qr, kr, nil, 1)
		c.Compare(t, "scores", scores, golden.Forward)
	}
}

// TestRandomPlaces: training walks, every item by itself and the same way again with the same seed; evaluation counts.
func TestRandomPlaces(t *testing.T) {
	enc := mustEncoder(t, RoPE{Scaling: Scaling{Random: true}}, Dims{Width: 8, Heads: 1})
	l := mustLayout(t)(Sequences([]int{0, 5, 5, 12}))
	begin := func(p tensor.Pass) []float64 {
		tp := tensor.NewTape()
		tp.Begin(p)
		return mustBegin(t, tp, enc, l).(*rotaryPass).fill.coords
	}
	walk := begin(tensor.Pass{Train: true, Seed: 1})
	if !slices.Equal(walk, begin(tensor.Pass{Train: true, Seed: 1})) || slices.Equal(walk, begin(tensor.Pass{Train: true, Seed: 2})) {
		t.Error("the walk does not go by the seed")
	}
	if !slices.IsSorted(walk[:5]) || !slices.IsSorted(walk[5:]) || walk[4] > 5 || walk[11] > 7 || walk[0] <= 0 || walk[5] > 2 {
		t.Errorf("the walks are %v", walk)
	}
	if got := begin(tensor.Pass{}); !slices.Equal(got, l.Coords) {
		t.Errorf("evaluation is at %v, want %v", got, l.Coords)
	}
}
