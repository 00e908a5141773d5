package scaling

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/peakmemory"
	"github.com/graft-ml/graft/internal/processortime"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// How models are trained.
const (
	seed         = 1
	learningRate = 1e-3
	weightDecay  = 1e-5
	clipNorm     = 1
)

// When steps have been timed often enough.
const (
	fastSteps = 50 // of a step that takes no time
	fastTime  = time.Second
	slowSteps = 3
	slowTime  = 30 * time.Second
)

// train measures the study's only point in this process.
func (s Study) train(ctx context.Context) (Point, error) {
	p := Point{Model: s.Models[0], Nodes: s.Nodes[0], Degree: s.Degree}
	t, err := s.newTrainer(&p)
	if err != nil {
		return p, err
	}
	now := sinceStart
	if s.ProcessorTime {
		now = processortime.Seconds
	}
	p.FirstLoss = t.step()
	var times []float64
	for start := time.Now(); !enough(len(times), s.Steps, time.Since(start)); {
		if err := ctx.Err(); err != nil {
			return p, err
		}
		began, err := now()
		if err != nil {
			return p, fmt.Errorf("scaling: the time of processors: %w", err)
		}
		p.LastLoss = t.step()
		ended, err := now()
		if err != nil {
			return p, err
		}
		times = append(times, ended-began)
	}
	slices.Sort(times)
	p.Steps, p.Fastest, p.Slowest = len(times), times[0], times[len(times)-1]
	p.Seconds = (times[(len(times)-1)/2] + times[len(times)/2]) / 2
	if p.PeakBytes, err = peakmemory.Bytes(); errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	return p, err
}

// beginning is where the clock begins.
var beginning = time.Now()

// sinceStart is the time by the clock, in seconds.
func sinceStart() (float64, error) { return time.Since(beginning).Seconds(), nil }

// enough tells whether so many steps, which took so long, are enough where at least some are wanted.
func enough(n, want int, took time.Duration) bool {
	if took >= slowTime {
		return n >= min(want, slowSteps)
	}
	return n >= want && (took >= fastTime || n >= fastSteps)
}

// trainer trains a model on one graph.
type trainer struct {
	model  nn.Model
	params []nn.Named
	batch  nn.Batch
	tape   *tensor.Tape
	opt    *optim.AdamW
	steps  uint64
}

// newTrainer makes model and graph, and says what they are in p.
func (s Study) newTrainer(p *Point) (*trainer, error) {
	m, err := ModelByName(p.Model)
	if err != nil {
		return nil, err
	}
	recipe := m.of(s.Layers, s.Width)
	t := &trainer{tape: tensor.NewTape()}
	if t.model, err = recipe.New(seed); err != nil {
		return nil, err
	}
	t.params = nn.Collect(t.model).Trainable()
	for _, named := range t.params {
		p.Parameters += named.Tensor.Size()
	}
	t.opt = optim.NewAdamW(t.params, optim.AdamWOptions{WeightDecay: weightDecay})
	g, err := RandomGraph(p.Nodes, p.Degree, seed)
	if err != nil {
		return nil, err
	}
	p.Edges = len(g.Edges)
	start := time.Now()
	data, err := recipe.Data(graphs.Slice{g})
	if err != nil {
		return nil, err
	}
	t.batch, err = data.Prepare([]int{0})
	p.PrepareSeconds = time.Since(start).Seconds()
	return t, err
}

// step does a step of training and returns its loss.
func (t *trainer) step() float64 {
	t.tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: seed, Step: t.steps})
	loss := nn.CrossEntropy{}.Loss(t.tape, t.model.Forward(t.tape, t.batch), t.batch.Targets())
	value := float64(loss.Data()[0])
	t.tape.Backward(loss)
	t.opt.Step(t.tape.Grad, learningRate, optim.ClipFactor(optim.GradNorm(t.params, t.tape.Grad), clipNorm))
	t.steps++
	return value
}
