package optim_test

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

func twoParams() []nn.Named {
	a, b := tensor.New(3), tensor.New(2, 2)
	for i := range a.Data() {
		a.Data()[i] = float32(i) + 0.5
	}
	b.Fill(1)
	return []nn.Named{{Path: "a", Tensor: a}, {Path: "b", Tensor: b}}
}

// gradients returns made-up gradients of a step: the second parameter has none in odd steps.
func gradients(params []nn.Named, step int) func(*tensor.Tensor) []float32 {
	return func(p *tensor.Tensor) []float32 {
		if p == params[1].Tensor && step%2 == 1 {
			return nil
		}
		g := make([]float32, p.Size())
		for i := range g {
			g[i] = float32(math.Sin(float64(7*step + i)))
		}
		return g
	}
}

// TestAdamWFirstStep follows one step by hand: the first step is the learning rate times the sign of the gradient, after
// the decay.
func TestAdamWFirstStep(t *testing.T) {
	p := []nn.Named{{Path: "a", Tensor: tensor.FromSlice([]float32{2, 2, 2}, 3)}}
	opt := optim.NewAdamW(p, optim.AdamWOptions{WeightDecay: 0.1})
	opt.Step(func(*tensor.Tensor) []float32 { return []float32{4, -0.5, 0} }, 0.01, 0.25)
	for i, want := range []float64{2*0.999 - 0.01, 2*0.999 + 0.01, 2 * 0.999} {
		if got := p[0].Tensor.At(i); math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("number %d: %v, want %v", i, got, want)
		}
	}
	if m, v := opt.State()[0].Tensor.At(0), opt.State()[1].Tensor.At(0); math.Abs(float64(m)-0.1) > 1e-7 || math.Abs(float64(v)-0.001) > 1e-9 {
		t.Errorf("moments %v and %v, want those of the scaled gradient, 0.1 and 0.001", m, v)
	}
}

func TestAdamWWithoutGradient(t *testing.T) {
	params := twoParams()
	opt := optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: 1})
	before := params[1].Tensor.Clone()
	opt.Step(gradients(params, 1), 0.1, 1)
	for i, v := range params[1].Tensor.Data() {
		if v != before.Data()[i] {
			t.Fatalf("a parameter without a gradient moved from %v to %v", before.Data()[i], v)
		}
	}
	if steps := opt.State()[4].Tensor; steps.At(0) != 1 || steps.At(1) != 0 {
		t.Errorf("steps %v, want 1 and 0", steps)
	}
}

// TestResume stops after each of ten steps and goes on with a new optimiser: the bits must be those of the whole run.
func TestResume(t *testing.T) {
	run := func(stop int) []nn.Named {
		params := twoParams()
		opt := optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: 0.01})
		for step := 0; step < 10; step++ {
			if step == stop {
				var saved []nn.Named
				for _, n := range opt.State() {
					saved = append([]nn.Named{{Path: n.Path, Tensor: n.Tensor.Clone()}}, saved...)
				}
				opt = optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: 0.01})
				if err := opt.Restore(saved); err != nil {
					t.Fatal(err)
				}
			}
			opt.Step(gradients(params, step), 0.01, 1)
		}
		return params
	}
	whole := run(-1)
	for stop := 0; stop < 10; stop++ {
		for k, p := range run(stop) {
			for i, v := range p.Tensor.Data() {
				if v != whole[k].Tensor.Data()[i] {
					t.Fatalf("stopped before step %d: %s differs", stop, p.Path)
				}
			}
		}
	}
}

func TestRestoreRefuses(t *testing.T) {
	params := twoParams()
	opt := optim.NewAdamW(params, optim.AdamWOptions{})
	opt.Step(gradients(params, 2), 0.1, 1)
	before := opt.State()[0].Tensor.Clone()
	steps := func(v ...float32) nn.Named {
		return nn.Named{Path: "optim.steps", Tensor: tensor.FromSlice(v, len(v))}
	}
	at := func(path string, shape ...int) nn.Named { return nn.Named{Path: path, Tensor: tensor.New(shape...)} }
	whole := []nn.Named{at("optim.m.a", 3), at("optim.v.a", 3), at("optim.m.b", 2, 2), at("optim.v.b", 2, 2)}
	for _, c := range []struct {
		name  string
		state []nn.Named
		want  []string
	}{
		{"nothing", nil, []string{"optim.m.a: missing", "optim.v.b: missing", "optim.steps: missing"}},
		{"shape", append([]nn.Named{at("optim.m.a", 4), steps(1, 1)}, whole[1:]...), []string{"optim.m.a: shape [4], want [3]"}},
		{"unknown", append([]nn.Named{at("optim.m.c", 4), steps(1, 1)}, whole...), []string{"optim.m.c: no parameter of this model has such a state"}},
		{"twice", append([]nn.Named{at("optim.m.a", 3), steps(1, 1)}, whole...), []string{"optim.m.a: given twice"}},
		{"half a step", append([]nn.Named{steps(1, 0.5)}, whole...), []string{"optim.steps: not all of [1 0.5] are whole numbers from 0 on"}},
		{"negative", append([]nn.Named{steps(-1, 0)}, whole...), []string{"optim.steps: not all of"}},
		{"NaN", append([]nn.Named{steps(float32(math.NaN()), 0)}, whole...), []string{"optim.steps: not all of"}},
		{"too many", append([]nn.Named{steps(1e9, 0)}, whole...), []string{"optim.steps: not all of"}},
	} {
		err := opt.Restore(c.state)
		if err == nil {
			t.Errorf("%s: taken", c.name)
			continue
		}
		for _, want := range append(c.want, "optim: the saved state does not fit this optimiser: ") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q lacks %q", c.name, err, want)
			}
		}
	}
	for i, v := range opt.State()[0].Tensor.Data() {
		if v != before.Data()[i] {
			t.Fatal("a refused state changed the optimiser")
		}
	}
}

func TestAdamWOptions(t *testing.T) {
	for want, o := range map[string]optim.AdamWOptions{
		"optim: AdamW: Beta1 1 is outside [0, 1)":              {Beta1: 1},
		"optim: AdamW: Beta2 -0.5 is outside [0, 1)":           {Beta2: -0.5},
		"optim: AdamW: Eps NaN is outside [0, +Inf)":           {Eps: math.NaN()},
		"optim: AdamW: WeightDecay -0.01 is outside [0, +Inf)": {WeightDecay: -0.01},
		"optim: AdamW: WeightDecay +Inf is outside [0, +Inf)":  {WeightDecay: math.Inf(1)},
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %s", got, want)
				}
			}()
			optim.NewAdamW(nil, o)
		}()
	}
}

func TestClipFactor(t *testing.T) {
	for _, c := range []struct{ norm, limit, want float64 }{
		{2, 1, 1 / 2.000001}, {0.5, 1, 1}, {0, 1, 1}, {5, 0, 1}, {5, -1, 1}, {math.Inf(1), 1, 0}, {math.NaN(), 1, math.NaN()},
	} {
		if got := optim.ClipFactor(c.norm, c.limit); got != c.want && !(got != got && c.want != c.want) {
			t.Errorf("ClipFactor(%v, %v) = %v, want %v", c.norm, c.limit, got, c.want)
		}
	}
}

func TestGradNorm(t *testing.T) {
	params := twoParams()
	g := map[*tensor.Tensor][]float32{params[0].Tensor: {3, 0, 0}, params[1].Tensor: {0, 0, 4, 0}}
	grads := func(p *tensor.Tensor) []float32 { return g[p] }
	if got := optim.GradNorm(params, grads); got != 5 {
		t.Errorf("norm %v, want 5", got)
	}
	delete(g, params[1].Tensor)
	if got := optim.GradNorm(params, grads); got != 3 {
		t.Errorf("norm %v without the second gradient, want 3", got)
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		g[params[0].Tensor][1] = float32(bad)
		if got := optim.GradNorm(params, grads); !math.IsNaN(got) && !math.IsInf(got, 1) {
			t.Errorf("norm %v of gradients with %v", got, bad)
		}
	}
	g[params[0].Tensor] = []float32{3e30, 4e30, 0}
	if got := optim.GradNorm(params, grads); math.Abs(got/5e30-1) > 1e-6 {
		t.Errorf("norm %v of large gradients, want 5e30", got)
	}
}

func TestScheduleEdges(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     optim.Schedule
		epoch int
		want  float64
	}{
		{"constant", optim.Constant{}, 1000, 1},
		{"no warm-up", optim.Cosine{Epochs: 10}, 0, 1},
		{"beyond the end", optim.Cosine{Epochs: 10}, 25, 0},
		{"floor beyond the end", optim.Cosine{Epochs: 10, Floor: 0.1}, 25, 0.1},
		{"no floor in the warm-up", optim.Cosine{Warmup: 5, Epochs: 10, Floor: 0.1, FloorMode: optim.FloorClamp}, 0, 1e-6},
		{"warm-up longer than the training", optim.Cosine{Warmup: 20, Epochs: 10}, 10, 0.5},
		{"linear beyond the end", optim.Linear{Epochs: 10}, 11, 0},
		{"linear of no epochs", optim.Linear{}, 0, 0},
		{"linear half way", optim.Linear{Epochs: 10}, 5, 0.5},
	} {
		if got := c.s.Factor(c.epoch); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	defer func() {
		if got := recover(); got != "optim: Cosine: unknown floor mode 7" {
			t.Errorf("panic %v", got)
		}
	}()
	optim.Cosine{FloorMode: 7}.Factor(0)
}
