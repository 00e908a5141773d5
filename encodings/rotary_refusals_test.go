package encodings

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
)

// TestRotarySettings: bad settings and sizes are errors that name them and say what would do.
func TestRotarySettings(t *testing.T) {
	even := Dims{Width: 16, Heads: 2}
	for _, c := range []struct {
		of   Encoding
		d    Dims
		want string
	}{
		{RoPE{}, Dims{Width: 14, Heads: 2}, "HeadDim is even, 6 or 8"},
		{RoPE{}, Dims{Width: 15, Heads: 2}, "HeadDim"},
		{XPos{}, Dims{Width: 7, Heads: 1}, "even"},
		{AxialRoPE{}, Dims{Width: 7, Heads: 1}, "even"},
		{MRoPE{}, Dims{Width: 7, Heads: 1}, "even"},
		{CARoPE{}, Dims{Width: 7, Heads: 1}, "even"},
		{ComplexFormer{}, Dims{Width: 7, Heads: 1}, "even"},
		{Harmonic{}, Dims{Width: 7, Heads: 1}, "even"},
		{ComRoPE{}, Dims{Width: 7, Heads: 1}, "even"},
		{EVA{}, Dims{Width: 6, Heads: 1}, "multiple of 4, such as 8"},
		{MixedRoPE{}, Dims{Width: 6, Heads: 1}, "multiple of 4, such as 8"},
		{RoPE{Base: -1}, even, "Base"},
		{RoPE{Base: math.NaN()}, even, "Base"},
		{RoPE{Partial: 1.5}, even, "Partial"},
		{RoPE{Partial: 0.4}, even, "Partial"},
		{RoPE{Scaling: Scaling{Linear: -2}}, even, "Scaling.Linear"},
		{RoPE{Scaling: Scaling{Power: math.NaN()}}, even, "Scaling.Power"},
		{RoPE{Scaling: Scaling{Truncate: -1}}, even, "Scaling.Truncate"},
		{RoPE{Scaling: Scaling{NTK: NTK{Factor: 2}}}, even, "NTK.Trained"},
		{RoPE{Scaling: Scaling{NTK: NTK{Factor: 0.5, Trained: 4}}}, even, "NTK.Factor"},
		{RoPE{Scaling: Scaling{NTK: NTK{Trained: 4}}}, even, "NTK.Factor"},
		{RoPE{Scaling: Scaling{NTK: NTK{Factor: 2, Trained: 4, Length: -1}}}, even, "NTK.Length"},
		{XPos{ScaleBase: -1}, even, "ScaleBase"},
		{XPos{Center: math.Inf(1)}, even, "Center"},
		{AxialRoPE{Axes: 5}, even, "HeadDim of 10"},
		{AxialRoPE{Axes: -1}, even, "axes"},
		{AxialRoPE{Shares: []int{4, 3}}, even, "Shares"},
		{AxialRoPE{Shares: []int{4, 6}}, even, "Shares"},
		{AxialRoPE{Axes: 3, Shares: []int{4, 4}}, even, "Shares"},
		{AxialRoPE{Scaling: make([]Scaling, 3)}, even, "Scaling"},
		{AxialRoPE{Scaling: []Scaling{{}, {Random: true}}}, even, "Random"},
		{AxialRoPE{Scaling: []Scaling{{NTK: NTK{Factor: 2, Trained: 4}}, {}}}, even, "NTK.Length"},
		{EVA{Trained: -1}, even, "Trained"},
		{MRoPE{Sections: [3]int{1, 1, 1}}, even, "Sections"},
	} {
		if _, err := c.of.New(c.d, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.of.Name()) {
			t.Errorf("%s%+v for %+v: the error is %v, want one with %q", c.of.Name(), c.of, c.d, err, c.want)
		}
	}
}

// TestRotaryLayouts: layouts that an encoding cannot serve are refused, with both named.
func TestRotaryLayouts(t *testing.T) {
	grid, clip := mustLayout(t)(OnGrid(1, 0, 2, 2)), mustLayout(t)(OnGrid(1, 0, 2, 2, 2))
	line, table := mustLayout(t)(Sequences([]int{0, 3})), mustLayout(t)(InOrders([]int{0, 2}, []int32{1, 0}))
	nodes := OfGraphs(batchOf(t, &graphs.Graph{Nodes: 2}))
	long := mustLayout(t)(ContinuedSequences([]int{0, 1}, []int{1 << 17}, nil))
	for _, c := range []struct {
		of   Encoding
		l    *Layout
		want string
	}{
		{RoPE{}, grid, "axial-rope"}, {RoPE{}, nodes, "graphs"}, {RoPE{}, clip, "Flat"},
		{AxialRoPE{}, line, "use rope"}, {AxialRoPE{}, clip, "make it for 3"}, {AxialRoPE{}, table, "OnGrid"}, {AxialRoPE{}, nodes, "graphs"},
		{EVA{}, clip, "2 axes"}, {MixedRoPE{}, line, "2 axes"}, {MRoPE{}, grid, "3 axes"},
		{ComRoPE{Block: 4}, clip, "2 axes"}, {ComRoPE{Block: 4, Axes: 1}, table, "OnGrid"},
		{CARoPE{}, grid, "Flat"}, {Harmonic{}, grid, "Flat"}, {ComplexFormer{}, nodes, "graphs"},
		{XPos{}, long, "ScaleBase"},
		{RoPE{Scaling: Scaling{NTK: NTK{Factor: 2, Trained: 9}}}, long, "NTK.Length"},
	} {
		enc := mustEncoder(t, c.of, Dims{Width: 16, Heads: 1})
		if _, err := enc.Begin(tape(false), c.l); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.l.String()) || !strings.Contains(err.Error(), c.of.Name()) {
			t.Errorf("%s on %v: the error is %v, want one with %q and both names", c.of.Name(), c.l, err, c.want)
		}
	}
	if _, err := AtPoints([]int{0, 1}, 0, 2, []float64{0, math.NaN()}); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("a coordinate that is no number: %v", err)
	}
	if _, _, err := MRoPEPoints(MRoPEPart{Text: 1, Frames: 1}); err == nil || !strings.Contains(err.Error(), "part 0") {
		t.Errorf("a part that is text and clip: %v", err)
	}
	if _, err := mustEncoder(t, RoPE{Scaling: Scaling{Random: true}}, Dims{Width: 16, Heads: 1}).Begin(tape(true), long); err == nil {
		t.Error("random places of a sequence that goes on are not refused")
	}
}

// TestRotaryServes: one table, one sequence that goes on, and text for MRoPE.
func TestRotaryServes(t *testing.T) {
	tp := tape(false)
	d := Dims{Width: 16, Heads: 1}
	whole, _ := rotations(tp, mustBegin(t, tp, mustEncoder(t, RoPE{}, d), mustLayout(t)(Sequences([]int{0, 4}))))
	for name, c := range map[string]struct {
		of Encoding
		l  *Layout
		at []int
	}{
		"table":    {RoPE{}, mustLayout(t)(InOrders([]int{0, 4}, []int32{2, 0, 3, 1})), []int{2, 0, 3, 1}},
		"goes on":  {RoPE{}, mustLayout(t)(ContinuedSequences([]int{0, 1, 3}, []int{3, 1}, nil)), []int{3, 1, 2}},
		"text":     {MRoPE{}, mustLayout(t)(Sequences([]int{0, 4})), []int{0, 1, 2, 3}},
		"one axis": {AxialRoPE{Axes: 1, Base: ropeBase, HalfSplit: true}, mustLayout(t)(Sequences([]int{0, 3})), []int{0, 1, 2}},
	} {
		turn, _ := rotations(tp, mustBegin(t, tp, mustEncoder(t, c.of, d), c.l))
		for row, at := range c.at {
			for i, want := range whole.Sin.Row(at) {
				if turn.Sin.Row(row)[i] != want {
					t.Errorf("%s: row %d has the sine %v at pair %d, want that of place %d, %v", name, row, turn.Sin.Row(row)[i], i, at, want)
				}
			}
		}
	}
}
