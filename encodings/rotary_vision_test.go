package encodings

import (
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestGoldenVision: a whole attention layer of rope-vit with axial and with learned frequencies, on a 4x3 grid after a
// class token.
func TestGoldenVision(t *testing.T) {
	for _, c := range slices.Concat(golden.Files(t, "rope", "rope2d_axial"), golden.Files(t, "rope", "rope2d_mixed")) {
		if c.Has("angles") {
			mixedStart(t, c)
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			var config struct {
				Width, Heads int
				Dim          int     `json:"dim"`
				GridWidth    int     `json:"grid_width"`
				GridHeight   int     `json:"grid_height"`
				Theta        float64 `json:"theta"`
				Leading      int     `json:"cls_tokens"`
				Batch        int     `json:"batch"`
			}
			c.JSON(t, "config", &config)
			l := mustLayout(t)(OnGrid(config.Batch, config.Leading, config.GridHeight, config.GridWidth))
			d := Dims{Width: config.Dim, Heads: config.Heads}
			var enc Encoder
			if c.Has("w.freqs") {
				enc = mustEncoder(t, MixedRoPE{Base: config.Theta}, d)
				nn.Collect(enc).Find("layer.0.frequencies").CopyFrom(c.Tensor("w.freqs"))
			} else {
				enc = mustEncoder(t, AxialRoPE{Base: config.Theta}, d)
			}
			qkv := &nn.Linear{Weight: c.Tensor("w.qkv.weight"), Bias: c.Tensor("w.qkv.bias")}
			proj := &nn.Linear{Weight: c.Tensor("w.proj.weight"), Bias: c.Tensor("w.proj.bias")}
			x := c.Tensor("x").Reshape(l.Tokens(), config.Dim)
			tp := tape(false)
			p := mustBegin(t, tp, enc, l)
			all := qkv.Apply(tp, tp.Leaf(x))
			a := &Attention{Softmax: attention.Softmax{Heads: config.Heads}}
			a.Queries = l.Offsets
			a.Query, a.Key, a.Value = tp.Columns(all, 0, config.Dim), tp.Columns(all, config.Dim, 2*config.Dim), tp.Columns(all, 2*config.Dim, 3*config.Dim)
			out := proj.Apply(tp, a.Run(tp, p))
			c.CompareFlat(t, "out", out.Data(), golden.Forward)
			compareTurns(t, c, a.RotateQuery, config.Leading, config.Heads)
			tp.Backward(dotLoss(tp, out, c.Tensor("probe")))
			c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
			for name, w := range map[string]*tensor.Tensor{"qkv.weight": qkv.Weight, "qkv.bias": qkv.Bias, "proj.weight": proj.Weight, "proj.bias": proj.Bias} {
				c.CompareFlat(t, "grad."+name, tp.Grad(w), golden.Gradient)
			}
			if c.Has("w.freqs") {
				c.CompareFlat(t, "grad.freqs", tp.Grad(nn.Collect(enc).Find("layer.0.frequencies")), golden.Gradient)
			}
		})
	}
}

// compareTurns compares cosines and sines of the cells of the first item with [cells, pairs], or [heads, cells, pairs].
func compareTurns(t *testing.T, c *golden.Case, r *attention.Rotation, leading, heads int) {
	t.Helper()
	cos, sin := r.Cos, r.Sin
	if r.Angles != nil {
		tp := tape(false)
		cos, sin = tp.Cos(tp.Const(r.Angles.Value())).Value(), tp.Sin(tp.Const(r.Angles.Value())).Value()
	}
	s := c.Shape("cos")
	for name, table := range map[string]*tensor.Tensor{"cos": cos, "sin": sin} {
		for lead := range leading {
			for _, v := range table.Row(lead) {
				if want := map[string]float32{"cos": 1}[name]; v != want {
					t.Errorf("a leading token has %s %v, want %v", name, v, want)
				}
			}
		}
		if len(s) == 2 {
			cells := tensor.FromSlice(table.Data()[leading*table.Cols():][:s[0]*s[1]], s...)
			c.Compare(t, name, cells, golden.Forward)
			continue
		}
		cells := tensor.New(s...)
		for h := range heads {
			for n := range s[1] {
				copy(cells.Data()[(h*s[1]+n)*s[2]:][:s[2]], table.Row(leading + n)[h*s[2]:])
			}
		}
		c.Compare(t, name, cells, golden.Forward)
	}
}

// mixedStart compares the frequencies that given angles make.
func mixedStart(t *testing.T, c *golden.Case) {
	var config struct {
		Dim   int     `json:"head_dim"`
		Heads int     `json:"heads"`
		Theta float64 `json:"theta"`
	}
	c.JSON(t, "config", &config)
	f := tensor.New(2, config.Heads*config.Dim/2)
	for h, turn := range c.Float64s("angles") {
		mixedFrequencies(f, h, turn, config.Dim, config.Theta)
	}
	c.CompareFlat(t, "freqs", f.Data(), golden.Forward)
}

// TestGoldenEVA: a grid of 6x6 in a model pretrained on 4x4.
func TestGoldenEVA(t *testing.T) {
	for _, c := range golden.Files(t, "rope", "rope2d_eva") {
		var config struct {
			Dim     int     `json:"head_dim"`
			Trained int     `json:"pt_seq_len"`
			Side    int     `json:"ft_seq_len"`
			Theta   float64 `json:"theta"`
		}
		c.JSON(t, "config", &config)
		x := c.Tensor("x")
		s := x.Shape()
		enc := mustEncoder(t, EVA{Base: config.Theta, Trained: config.Trained}, Dims{Width: s[1] * s[3], Heads: s[1]})
		tp := tape(false)
		turn, _ := rotations(tp, mustBegin(t, tp, enc, mustLayout(t)(OnGrid(s[0], 0, config.Side, config.Side))))
		out := turn.Apply(tp, tp.Const(headRows(x)), s[1])
		c.Compare(t, "out", headBlocks(out.Data(), s[0], s[1], s[2], s[3]), golden.Forward)
		first := func(t *tensor.Tensor) *tensor.Tensor {
			return tensor.FromSlice(t.Data()[:s[2]*t.Cols()], s[2], t.Cols())
		}
		c.Compare(t, "cos", twice(first(turn.Cos), true), golden.Forward)
		c.Compare(t, "sin", twice(first(turn.Sin), true), golden.Forward)
	}
}

// TestGoldenAxial3D is derived: an independent implementation of the project's form for n axes.
func TestGoldenAxial3D(t *testing.T) {
	for _, c := range golden.Files(t, "rope", "rope3d_axial") {
		var config struct {
			Axes int     `json:"axes"`
			Base float64 `json:"base"`
		}
		c.JSON(t, "config", &config)
		x := c.Tensor("x")
		s := x.Shape()
		enc := mustEncoder(t, AxialRoPE{Axes: config.Axes, Base: config.Base, SlowestFirst: true}, Dims{Width: s[1] * s[3], Heads: s[1]})
		places := c.Float64s("positions")
		tp := tape(false)
		l := mustLayout(t)(AtPoints(evenOffsets(s[0], s[2]), 0, config.Axes, slices.Repeat(places, s[0])))
		turn, _ := rotations(tp, mustBegin(t, tp, enc, l))
		out := turn.Apply(tp, tp.Const(headRows(x)), s[1])
		c.Compare(t, "out", headBlocks(out.Data(), s[0], s[1], s[2], s[3]), golden.Forward)
	}
}

// TestGoldenMRoPE: text, a clip of two frames, text. The loss is sum(q_rot probe) + sum(k_rot flip(probe)), flip turning
// the items round.
func TestGoldenMRoPE(t *testing.T) {
	for _, c := range golden.Files(t, "rope", "rope3d_qwen") {
		var config struct {
			Sections [3]int  `json:"mrope_section"`
			Theta    float64 `json:"theta"`
		}
		c.JSON(t, "config", &config)
		q, k, probe := c.Tensor("q"), c.Tensor("k"), c.Tensor("probe")
		s := q.Shape()
		ids := c.Ints("position_ids") // [3, items, tokens]
		n := s[0] * s[2]
		places := make([]float64, 3*n)
		for i := range places {
			places[i] = float64(ids[i%3*n+i/3])
		}
		made, next, err := MRoPEPoints(MRoPEPart{Text: 2}, MRoPEPart{Frames: 2, Rows: 2, Columns: 3}, MRoPEPart{Text: 3})
		if err != nil || next != 8 || !slices.Equal(slices.Repeat(made, s[0]), places) {
			t.Errorf("MRoPEPoints gives %v, %v and %v, want %v", made, next, err, places[:3*s[2]])
		}
		d := Dims{Width: s[1] * s[3], Heads: s[1]}
		l := mustLayout(t)(AtPoints(evenOffsets(s[0], s[2]), 0, 3, places))
		tp := tape(false)
		turn, _ := rotations(tp, mustBegin(t, tp, mustEncoder(t, MRoPE{Base: config.Theta}, d), l))
		set, _ := rotations(tp, mustBegin(t, tp, mustEncoder(t, MRoPE{Sections: config.Sections}, d), l))
		if !slices.Equal(turn.Cos.Data(), set.Cos.Data()) {
			t.Error("the default sections are not those of the file")
		}
		rowsQ, rowsK := headRows(q), headRows(k)
		qr, kr := turn.Apply(tp, tp.Leaf(rowsQ), s[1]).Keep(), turn.Apply(tp, tp.Leaf(rowsK), s[1]).Keep()
		c.Compare(t, "q_rot", headBlocks(qr.Data(), s[0], s[1], s[2], s[3]), golden.Forward)
		c.Compare(t, "k_rot", headBlocks(kr.Data(), s[0], s[1], s[2], s[3]), golden.Forward)
		flipped, half := tensor.New(s...), probe.Size()/s[0]
		for b := range s[0] {
			copy(flipped.Data()[b*half:][:half], probe.Data()[(s[0]-1-b)*half:])
		}
		tp.Backward(tp.Add(dotLoss(tp, qr, headRows(probe)), dotLoss(tp, kr, headRows(flipped))))
		c.Compare(t, "grad.q", headBlocks(tp.Grad(rowsQ), s[0], s[1], s[2], s[3]), golden.Gradient)
		c.Compare(t, "grad.k", headBlocks(tp.Grad(rowsK), s[0], s[1], s[2], s[3]), golden.Gradient)

		// The tables of the file are those of each axis by itself.
		var cos, sin []float32
		for axis := range 3 {
			var whole [3]int
			whole[axis] = s[3] / 2
			r, _ := rotations(tp, mustBegin(t, tp, mustEncoder(t, MRoPE{Sections: whole}, d), l))
			cos, sin = append(cos, twice(r.Cos, false).Data()...), append(sin, twice(r.Sin, false).Data()...)
		}
		c.CompareFlat(t, "cos", cos, golden.Forward)
		c.CompareFlat(t, "sin", sin, golden.Forward)
	}
}
