package dit

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestUnconditional drops one clip of three, and all: their tokens are the table's, which alone learns from them.
func TestUnconditional(t *testing.T) {
	const tokens, width = 2, 3
	u := NewUnconditional(tokens, width, nn.NewInit(1))
	params := nn.Collect(u)
	if params.Count() != tokens*width || params.All()[0].Path != "tokens.table" {
		t.Errorf("parameters %v", params.All())
	}
	m, table := filled(1, 3*tokens, width), u.Table.Table.Data()
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	in := tp.Leaf(m)
	y := u.Apply(tp, in, []bool{false, true, false})
	want := slices.Concat(m.Data()[:6], table, m.Data()[12:])
	if !slices.Equal(y.Data(), want) {
		t.Errorf("%v, want %v", y.Data(), want)
	}
	tp.Backward(tp.Sum(tp.Mul(y, y)))
	for i, g := range tp.Grad(m) {
		wanted := 2 * m.Data()[i]
		if i/6 == 1 {
			wanted = 0
		}
		if g != wanted {
			t.Errorf("gradient %d: %v, want %v", i, g, wanted)
		}
	}
	for i, g := range tp.Grad(u.Table.Table) {
		if g != 2*table[i] {
			t.Errorf("gradient %d of the table: %v, want %v", i, g, 2*table[i])
		}
	}

	tp.Begin(tensor.Pass{})
	if y := u.Apply(tp, nil, []bool{true, true}); !slices.Equal(y.Data(), slices.Concat(table, table)) {
		t.Errorf("without a movement: %v", y.Data())
	}
	if y := u.Apply(tp, tp.Const(tensor.New(0, width)), nil); y.Rows() != 0 {
		t.Errorf("no clips: %d tokens", y.Rows())
	}
	for want, f := range map[string]func(){
		"motion tokens [6, 3] of 2 clips, want 2 tokens of width 3 each": func() { u.Apply(tp, tp.Const(m), []bool{true, true}) },
		"no motion tokens, and clip 1 is not dropped":                    func() { u.Apply(tp, nil, []bool{true, false}) },
		"predictions of shape [6 3] and [2 3]":                           func() { Guide(m, u.Table.Table, 1) },
		"5 of 4 steps left":                                              func() { DynamicScale(3, 5, 4) },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, want) {
					t.Errorf("panic %q, want %s", text, want)
				}
			}()
			f()
		}()
	}
}

func TestGuide(t *testing.T) {
	with, without := filled(1, 2, 3), filled(2, 2, 3)
	for scale, want := range map[float64]func(i int) float64{
		0: func(i int) float64 { return float64(without.Data()[i]) },
		1: func(i int) float64 { return float64(with.Data()[i]) },
		GuidanceScale: func(i int) float64 {
			return 3*float64(with.Data()[i]) - 2*float64(without.Data()[i])
		},
	} {
		got := Guide(with, without, scale)
		for i, v := range got.Data() {
			if math.Abs(float64(v)-want(i)) > 1e-6 {
				t.Errorf("scale %v, number %d: %v, want %v", scale, i, v, want(i))
			}
		}
	}
	for at, want := range map[int]float64{1000: 1, 0: 4, 500: 1 + 3*(1-math.Cos(math.Pi/32))/2} {
		if got := DynamicScale(3, at, 1000); math.Abs(got-want) > 1e-12 {
			t.Errorf("at %d: %v, want %v", at, got, want)
		}
	}
}
