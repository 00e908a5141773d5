package optim_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// torchFiles opens figures of PyTorch, which are always the module's own.
func torchFiles(t *testing.T, prefix string) []*golden.Case {
	t.Setenv("GRAFT_GOLDEN", "")
	return golden.Files(t, "torch", prefix)
}

// ulps returns how many float32 numbers lie between a and b.
func ulps(a, b float32) int64 {
	line := func(x float32) int64 { // numbers in their order, 0 and -0 at the same place
		if bits := int64(math.Float32bits(x)); bits < 1<<31 {
			return bits
		} else {
			return 1<<31 - bits
		}
	}
	d := line(a) - line(b)
	return max(d, -d)
}

// mostUlps fails t if got is farther than limit float32 numbers from the golden tensor, and returns the distance.
func mostUlps(t *testing.T, c *golden.Case, name string, got []float32, limit int64) int64 {
	t.Helper()
	want := c.Tensor(name).Data()
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", name, len(got), len(want))
	}
	var worst int64
	for i, w := range want {
		if d := ulps(got[i], w); d > limit {
			t.Fatalf("%s: number %d is %v, want %v: %d float32 numbers apart", name, i, got[i], w, d)
		} else {
			worst = max(worst, d)
		}
	}
	return worst
}

// The distances from PyTorch, in float32 numbers, that ten steps may bring. PyTorch's kernels round differently from one
// processor to another, as ours do; on the machine that made the figures the distances are 0.
const (
	paramUlps  = 2
	momentUlps = 2
)

func TestTorchAdamW(t *testing.T) {
	for _, c := range torchFiles(t, "adamw") {
		var config struct {
			Steps, Params int
			Beta1, Beta2  float64
			Eps           float64
			WeightDecay   float64 `json:"weight_decay"`
			LR            []float64
			Keep          []int
		}
		c.JSON(t, "config", &config)
		var params []nn.Named
		index := map[*tensor.Tensor]int{}
		for i := 0; i < config.Params; i++ {
			p := nn.Named{Path: fmt.Sprint(i), Tensor: c.Tensor(fmt.Sprintf("start.%d", i))}
			params, index[p.Tensor] = append(params, p), i
		}
		opt := optim.NewAdamW(params, optim.AdamWOptions{Beta1: config.Beta1, Beta2: config.Beta2, Eps: config.Eps, WeightDecay: config.WeightDecay})
		var worst int64
		for step := 1; step <= config.Steps; step++ {
			grads := func(p *tensor.Tensor) []float32 {
				if name := fmt.Sprintf("grad.%d.%d", step, index[p]); c.Has(name) {
					return c.Tensor(name).Data()
				}
				return nil
			}
			opt.Step(grads, config.LR[step-1], 1)
			for i, p := range params {
				if name := fmt.Sprintf("param.%d.%d", step, i); c.Has(name) {
					worst = max(worst, mostUlps(t, c, name, p.Tensor.Data(), paramUlps))
				}
			}
		}
		t.Logf("parameters: at most %d float32 numbers apart", worst)
		worst = 0
		for _, n := range opt.State() {
			if n.Path != "optim.steps" {
				worst = max(worst, mostUlps(t, c, n.Path[len("optim."):], n.Tensor.Data(), momentUlps))
			}
		}
		t.Logf("moments: at most %d float32 numbers apart", worst)
	}
}

func TestTorchClip(t *testing.T) {
	for _, c := range torchFiles(t, "clip") {
		var limits map[string]float64
		c.JSON(t, "config", &limits)
		for tag, limit := range limits {
			var params []nn.Named
			for i := 0; c.Has(fmt.Sprintf("%s.grad.%d", tag, i)); i++ {
				params = append(params, nn.Named{Tensor: c.Tensor(fmt.Sprintf("%s.grad.%d", tag, i))})
			}
			norm := optim.GradNorm(params, (*tensor.Tensor).Data)
			c.CompareFloat64s(t, tag+".norm", []float64{norm}, 1e-6)
			factor := float32(optim.ClipFactor(norm, limit))
			for i, p := range params {
				got := make([]float32, p.Tensor.Size())
				for k, g := range p.Tensor.Data() {
					got[k] = g * factor
				}
				c.CompareFlat(t, fmt.Sprintf("%s.clipped.%d", tag, i), got, 1e-6)
			}
		}
	}
}

// official is a case of lr_schedules.json.
type official struct {
	Scheduler string
	BaseLR    float64 `json:"base_lr"`
	Warmup    int
	Epochs    int     `json:"max_epoch"`
	MinLR     float64 `json:"min_lr"`
	Mode      string  `json:"min_lr_mode"`
	Epoch     []int
	LR        []float64
}

func (o official) schedule() (optim.Schedule, error) {
	switch o.Scheduler {
	case "cosine_with_warmup":
		s := optim.Cosine{Warmup: o.Warmup, Epochs: o.Epochs, Floor: o.MinLR / o.BaseLR}
		switch o.Mode {
		case "threshold": // the official code has no such mode: nothing is kept
			s.Floor = 0
		case "rescale":
			s.FloorMode = optim.FloorRescale
		case "clamp":
			s.FloorMode = optim.FloorClamp
		default:
			return nil, fmt.Errorf("unknown mode %q", o.Mode)
		}
		return s, nil
	case "linear_with_warmup":
		return optim.Linear{Warmup: o.Warmup, Epochs: o.Epochs}, nil
	}
	return nil, fmt.Errorf("unknown scheduler %q", o.Scheduler)
}

func TestOfficialSchedules(t *testing.T) {
	for _, path := range golden.Paths(t, "grit", "lr_schedules", ".json") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Cases map[string]official }
		if err := json.Unmarshal(text, &file); err != nil || len(file.Cases) == 0 {
			t.Fatalf("%s: %d cases, %v", filepath.Base(path), len(file.Cases), err)
		}
		for name, o := range file.Cases {
			s, err := o.schedule()
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			for i, epoch := range o.Epoch {
				if got := o.BaseLR * s.Factor(epoch); math.Abs(got-o.LR[i]) > 1e-12*o.BaseLR {
					t.Errorf("%s: epoch %d: %v, want %v", name, epoch, got, o.LR[i])
				}
			}
		}
	}
}
