package sequences_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

func TestBatch(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	none := float32(math.NaN())
	for _, c := range []struct {
		o    sequences.BatchOptions
		want []float32
	}{
		{sequences.BatchOptions{EveryToken: true}, []float32{none, none, 3, 9, 5, 2, 10, 0}},
		{sequences.BatchOptions{}, []float32{3, 9, 5, 2, 10, 0}},
	} {
		b := newBatch(t, m, c.o, toyExamples()...)
		if !slices.Equal(b.IDs, []int32{1, 4, 2, 3, 7, 2, 2, 10}) || !slices.Equal(b.Layout.Offsets, []int{0, 4, 5, 8}) || b.Items() != 3 {
			t.Errorf("tokens %v at %v", b.IDs, b.Layout.Offsets)
		}
		if got := b.Targets().Data(); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%+v: targets %v, want %v", c.o, got, c.want)
		}
		tp := tensor.NewTape()
		if got := m.Forward(tp, b).Shape(); !slices.Equal(got, []int{len(c.want), 13}) {
			t.Errorf("%+v: logits %v for %d targets", c.o, got, len(c.want))
		}
	}
	names := ""
	for _, d := range newBatch(t, m, sequences.BatchOptions{}, toyExamples()...).Dump() {
		names += d.Path + " "
	}
	if names != "offsets ids rows targets " {
		t.Errorf("a dump has %s", names)
	}
}

// TestLogitsOfTargetsOnly: leaving out the other logits changes neither loss nor gradients.
func TestLogitsOfTargetsOnly(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	var losses []float32
	var grads [][]float32
	for _, o := range []sequences.BatchOptions{{}, {EveryToken: true}} {
		b := newBatch(t, m, o, toyExamples()...)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Grad: true})
		loss := nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets())
		losses = append(losses, loss.Data()[0])
		tp.Backward(loss)
		var all []float32
		for _, p := range nn.Collect(m).Trainable() {
			all = append(all, tp.Grad(p.Tensor)...)
		}
		grads = append(grads, all)
	}
	if math.Abs(float64(losses[0]-losses[1])) > 1e-6 {
		t.Errorf("losses %v", losses)
	}
	for i := range grads[0] {
		if math.Abs(float64(grads[0][i]-grads[1][i])) > 1e-6 {
			t.Fatalf("gradient %d: %v and %v", i, grads[0][i], grads[1][i])
		}
	}
}

func TestExampleErrors(t *testing.T) {
	plain := newModel(t, toy(nil), 1)
	learned := newModel(t, toy(encodings.Learned{MaxLength: 3}), 1)
	c := toy(nil)
	c.MaxLength = 3
	short := newModel(t, c, 1)
	routed := newModel(t, toy(encodings.TwoOrder{}), 1)
	good := sequences.Example{Prompt: []int32{1}, Target: []int32{2}}
	orders := func(list ...[]int32) *sequences.Places { return &sequences.Places{Orders: list} }
	for _, e := range []struct {
		name string
		m    *sequences.Model
		bad  sequences.Example
		want string
	}{
		{"no target", plain, sequences.Example{Prompt: []int32{1, 2}}, "it has no target"},
		{"one token", plain, sequences.Example{Target: []int32{1}}, "a single token without a prompt"},
		{"prompt", plain, sequences.Example{Prompt: []int32{13}, Target: []int32{1}}, "token 0 of its prompt is 13: want 0 to 12"},
		{"target", plain, sequences.Example{Prompt: []int32{1}, Target: []int32{1, -4}}, "token 1 of its target is -4: want 0 to 12"},
		{"long", short, sequences.Example{Prompt: []int32{1, 2, 3}, Target: []int32{4, 5}}, "would read 4 tokens of it, 1 more than MaxLength"},
		{"table", learned, sequences.Example{Prompt: []int32{1, 2, 3}, Target: []int32{4, 5}}, "encodings: learned cannot serve sequences"},
		{"order", plain, sequences.Example{Prompt: []int32{1, 2}, Target: []int32{1}, Places: orders([]int32{0, 0})}, "order 0 gives token 1 of item 0 the place 0"},
		{"orders", plain, sequences.Example{Prompt: []int32{1, 2}, Target: []int32{1}, Places: orders([]int32{0, 1}, []int32{0})}, "order 1 has 1 places, order 0 has 2"},
		{"many places", plain, sequences.Example{Prompt: []int32{1, 2}, Target: []int32{1}, Places: orders([]int32{0, 1, 2})}, "places for 3 tokens, of which there are 2"},
		{"both", plain, sequences.Example{Prompt: []int32{1}, Target: []int32{1}, Places: &sequences.Places{Orders: [][]int32{{0}}, Rank: 1}}, "both orders and coordinates"},
		{"cells", plain, sequences.Example{Prompt: []int32{1}, Target: []int32{1}, Places: &sequences.Places{Orders: [][]int32{{0}}, Cells: [2]int{0, 2}}}, "the cells are tokens 0 to 2 of the 1"},
		{"rank", plain, sequences.Example{Prompt: []int32{1}, Target: []int32{1}, Places: &sequences.Places{Rank: 2, Coords: []float64{1, 2, 3}}}, "3 coordinates of rank 2"},
		{"NaN", plain, sequences.Example{Prompt: []int32{1}, Target: []int32{1}, Places: &sequences.Places{Rank: 1, Coords: []float64{math.NaN()}}}, "is NaN: want a finite number"},
		{"unserved", routed, sequences.Example{Prompt: []int32{1}, Target: []int32{1}, Places: &sequences.Places{Rank: 1, Coords: []float64{1}}}, "two-order cannot serve 1-D points"},
	} {
		ok := good
		if e.m == routed {
			ok.Places = orders([]int32{0}, []int32{0})
		}
		_, err := sequences.NewData(e.m, []sequences.Example{ok, e.bad}, sequences.BatchOptions{})
		if err == nil || !strings.Contains(err.Error(), e.want) || !strings.HasPrefix(err.Error(), "sequences: example 1: ") {
			t.Errorf("%s: NewData: %v, want %q", e.name, err, e.want)
		}
		if _, err := sequences.NewBatch(e.m, []sequences.Example{e.bad}, sequences.BatchOptions{}); err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%s: NewBatch: %v, want %q", e.name, err, e.want)
		}
	}
	_, err := sequences.NewBatch(plain, []sequences.Example{good, {Prompt: []int32{1}, Target: []int32{1}, Places: orders([]int32{0})}}, sequences.BatchOptions{})
	if err == nil || !strings.Contains(err.Error(), "items 0 and 1 of a batch: one has places and the other has none") {
		t.Errorf("mixed places: %v", err)
	}
	data, err := sequences.NewData(plain, []sequences.Example{good, {Prompt: []int32{1}, Target: []int32{1}, Places: orders([]int32{0})}}, sequences.BatchOptions{})
	if err != nil || data.Len() != 2 {
		t.Fatalf("data of %v examples: %v", data, err)
	}
	if _, err := data.Prepare([]int{1, 0}); err == nil || !strings.Contains(err.Error(), "examples [1 0]") {
		t.Errorf("mixed places in a batch of data: %v", err)
	}
}

func TestForwardPanics(t *testing.T) {
	m := newModel(t, toy(encodings.Learned{MaxLength: 3}), 1)
	long := newBatch(t, newModel(t, toy(nil), 1), sequences.BatchOptions{}, sequences.Example{Prompt: []int32{1, 2, 3, 4, 5}, Target: []int32{1}})
	for _, c := range []struct {
		call func(tp *tensor.Tape)
		want string
	}{
		{func(tp *tensor.Tape) { m.Forward(tp, strange{}) }, "sequences: Forward: got a sequences_test.strange, want a *sequences.Batch"},
		{func(tp *tensor.Tape) { m.Forward(tp, long) }, "sequences: Forward: encodings: learned cannot serve sequences"},
		{func(*tensor.Tape) { sequences.ToInterleaved(tensor.New(6, 2), 2, 2) }, "sequences: ToInterleaved: 2 heads with 2 pairs each"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, c.want) {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.call(tensor.NewTape())
		}()
	}
	if _, _, err := m.Run(tensor.NewTape(), long); err == nil {
		t.Error("Run accepts a layout that the encoding does not serve")
	}
}

type strange struct{}

func (strange) Items() int              { return 0 }
func (strange) Targets() *tensor.Tensor { return nil }

// TestLearnedTokens: of a target with several answers those alone have targets, each after all that stands before it.
func TestLearnedTokens(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	none := float32(math.NaN())
	list := []sequences.Example{
		{Prompt: []int32{1, 2}, Target: []int32{3, 4, 5, 6}, Learned: []bool{true, false, false, true}},
		{Target: []int32{7, 8, 9}, Learned: []bool{true, false, true}}, // nothing stands before the first
	}
	for _, c := range []struct {
		o    sequences.BatchOptions
		want []float32
	}{
		{sequences.BatchOptions{EveryToken: true}, []float32{none, 3, none, none, 6, none, 9}},
		{sequences.BatchOptions{}, []float32{3, 6, 9}},
	} {
		b := newBatch(t, m, c.o, list...)
		if got := b.Targets().Data(); fmt.Sprint(got) != fmt.Sprint(c.want) || !slices.Equal(b.IDs, []int32{1, 2, 3, 4, 5, 7, 8}) {
			t.Errorf("%+v: targets %v of %v, want %v", c.o, got, b.IDs, c.want)
		}
	}
	// All at once is each answer after what stands before it.
	tp := tensor.NewTape()
	together := m.Forward(tp, newBatch(t, m, sequences.BatchOptions{}, list[:1]...))
	first := m.Forward(tensor.NewTape(), newBatch(t, m, sequences.BatchOptions{}, sequences.Example{Prompt: []int32{1, 2}, Target: []int32{3}}))
	second := m.Forward(tensor.NewTape(), newBatch(t, m, sequences.BatchOptions{}, sequences.Example{Prompt: []int32{1, 2, 3, 4, 5}, Target: []int32{6}}))
	if !slices.Equal(together.Value().Row(0), first.Value().Row(0)) || !slices.Equal(together.Value().Row(1), second.Value().Row(0)) {
		t.Error("answers in one sequence have other logits than alone")
	}
	for _, c := range []struct {
		e    sequences.Example
		want string
	}{
		{sequences.Example{Prompt: []int32{1}, Target: []int32{2, 3}, Learned: []bool{true}}, "of 1 tokens whether they are learned, and its target has 2"},
		{sequences.Example{Prompt: []int32{1}, Target: []int32{2, 3}, Learned: []bool{false, false}}, "no token of its target is learned"},
		{sequences.Example{Target: []int32{2, 3}, Learned: []bool{true, false}}, "no token of its target is learned"},
	} {
		if _, err := sequences.NewBatch(m, []sequences.Example{c.e}, sequences.BatchOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.e, err, c.want)
		}
	}
}
