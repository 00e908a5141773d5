package sequences_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// TestBatchOfBranches: the last token of every branch is only a target, and what is no answer is not learned.
func TestBatchOfBranches(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	none := float32(math.NaN())
	e := sequences.Example{Prompt: []int32{1, 2, 3}, Target: []int32{4, 5, 6, 7, 8, 9}, Branches: []int{2, 5, 7},
		Learned: []bool{true, true, false, true, false, true}}
	for _, c := range []struct {
		o    sequences.BatchOptions
		want []float32
	}{
		{sequences.BatchOptions{}, []float32{4, 5, 7, 9, 3}},
		{sequences.BatchOptions{EveryToken: true}, []float32{none, none, 4, 5, 7, 9, 3}},
	} {
		b := newBatch(t, m, c.o, e, sequences.Example{Prompt: []int32{1}, Target: []int32{3}})
		if got := fmt.Sprint(b.IDs, b.Layout.Offsets, b.Layout.Branches, b.Layout.Coords); got != "[1 2 3 4 6 8 1] [0 6 7] [0 0 1 1 2 3 0] [0 1 2 3 2 2 0]" {
			t.Errorf("tokens %s", got)
		}
		if got := b.Targets().Data(); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v: targets %v, want %v", c.o, got, c.want)
		}
		if d := b.Dump(); d[len(d)-1].Path != "branches" {
			t.Errorf("a dump has no branches")
		}
	}
}

func TestBranchErrors(t *testing.T) {
	plain, summing := newModel(t, toy(nil), 1), newModel(t, toy(encodings.MDTPE{Axes: 1}), 1)
	limited := toy(nil)
	limited.MaxLength = 4
	short := newModel(t, limited, 1)
	ids := []int32{1, 2, 3, 4}
	not := []bool{false, true, false, true}
	for want, c := range map[string]struct {
		m *sequences.Model
		e sequences.Example
	}{
		"branch 0 begins with token 5 and ends before token 4 of 8":  {plain, sequences.Example{Branches: []int{5, 4}}},
		"branch 0 begins with token 3 and ends before token 4":       {plain, sequences.Example{Branches: []int{3, 4}}},
		"branch 1 begins with token 7":                               {plain, sequences.Example{Branches: []int{3, 7}}},
		"branch 0 begins with token -1":                              {plain, sequences.Example{Branches: []int{-1, 4}}},
		"branch 0 begins with token 9":                               {plain, sequences.Example{Branches: []int{9}}},
		"the first token of branch 1 is learned":                     {plain, sequences.Example{Branches: []int{2, 6}}},
		"places for 4 tokens, and the trunk has 3":                   {plain, sequences.Example{Branches: []int{3}, Places: &sequences.Places{Rank: 1, Coords: []float64{0, 1, 2, 3}}}},
		"the model would read 5 tokens of it, 1 more than MaxLength": {short, sequences.Example{Branches: []int{2, 6}, Learned: not}},
		"md-tpe cannot serve sequences with branches: it sums":       {summing, sequences.Example{Branches: []int{2, 6}, Learned: not}},
	} {
		c.e.Prompt, c.e.Target = ids, ids
		_, err := sequences.NewBatch(c.m, []sequences.Example{c.e}, sequences.BatchOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := sequences.NewData(c.m, []sequences.Example{c.e}, sequences.BatchOptions{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("NewData: %v, want %q", err, want)
		}
	}
}

// TestBranchesReach: it is the trunk with the longest branch that is held to MaxLength.
func TestBranchesReach(t *testing.T) {
	c := toy(nil)
	c.MaxLength = 5
	e := sequences.Example{Prompt: []int32{1, 2, 3, 4}, Target: []int32{1, 2, 3, 4}, Branches: []int{2, 6}, Learned: []bool{false, true, false, true}}
	if b := newBatch(t, newModel(t, c, 1), sequences.BatchOptions{}, e); len(b.IDs) != 6 {
		t.Errorf("%d tokens", len(b.IDs))
	}
}

// TestBranchesAreAlone: the loss of examples with branches, and its gradients, are those of their branches alone.
func TestBranchesAreAlone(t *testing.T) {
	models := []*sequences.Model{newModel(t, toy(nil), 1), newModel(t, toy(encodings.ALiBi{}), 1),
		newModel(t, toy(encodings.TwoOrder{NoEntropy: true}), 1), newModel(t, toy(encodings.AxialRoPE{}), 1)}
	rapid.Check(t, func(t *rapid.T) {
		which := rapid.IntRange(0, len(models)-1).Draw(t, "model")
		m := models[which]
		tokens := func(name string, least int) []int32 {
			return rapid.SliceOfN(rapid.Int32Range(0, 12), least, 9).Draw(t, name)
		}
		var packed, alone []sequences.Example
		for range rapid.IntRange(1, 3).Draw(t, "examples") {
			trunk := tokens("trunk", 1)
			e := sequences.Example{Prompt: slices.Clone(trunk)}
			switch which {
			case 2:
				order := make([]int32, len(trunk))
				for i := range order {
					order[i] = int32(i)
				}
				e.Places = &sequences.Places{Orders: [][]int32{order, rapid.Permutation(order).Draw(t, "order")}}
			case 3:
				e.Places = &sequences.Places{Rank: 2}
				for i := range trunk {
					e.Places.Coords = append(e.Places.Coords, float64(i/2), float64(i%2))
				}
			}
			places := e.Places
			for k := range rapid.IntRange(1, 4).Draw(t, "branches") {
				question, answer := tokens("question", 1), tokens("answer", 1)
				e.Branches = append(e.Branches, len(e.Prompt)+len(e.Target))
				alone = append(alone, sequences.Example{Prompt: slices.Concat(trunk, question), Target: answer, Places: places})
				if k == 0 {
					e.Prompt = append(e.Prompt, question...)
				} else {
					e.Target, e.Learned = append(e.Target, question...), append(e.Learned, make([]bool, len(question))...)
				}
				e.Target, e.Learned = append(e.Target, answer...), append(e.Learned, slices.Repeat([]bool{true}, len(answer))...)
			}
			packed = append(packed, e)
		}
		learn := func(examples []sequences.Example) (float64, []float32) {
			b, err := sequences.NewBatch(m, examples, sequences.BatchOptions{EveryToken: rapid.Bool().Draw(t, "every")})
			if err != nil {
				t.Fatal(err)
			}
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			loss := nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()).Keep()
			tp.Backward(loss)
			var grads []float32
			for _, p := range nn.Collect(m).Trainable() {
				grads = append(grads, tp.Grad(p.Tensor)...)
			}
			return float64(loss.Data()[0]), grads
		}
		want, grads := learn(alone)
		got, gotGrads := learn(packed)
		if math.Abs(got-want) > 1e-6*want {
			t.Fatalf("the loss is %v among branches and %v alone", got, want)
		}
		largest, worst := 0.0, 0.0
		for i, g := range grads {
			largest, worst = max(largest, math.Abs(float64(g))), max(worst, math.Abs(float64(g-gotGrads[i])))
		}
		if !(worst <= 1e-5*largest) {
			t.Fatalf("gradients of up to %v differ by %v", largest, worst)
		}
	})
}
