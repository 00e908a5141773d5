package grit

import (
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// moleculeBatches returns four batches of 32 of the speed workload, prepared for c.
func moleculeBatches(tb testing.TB, c Config) []*Batch {
	tb.Helper()
	stream := datasets.NewMolecules(1)
	var out []*Batch
	for range 4 {
		var gs []*graphs.Graph
		for range 32 {
			gs = append(gs, stream.Next())
		}
		b, err := NewBatch(c, gs)
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

// BenchmarkTrainStep is a training step of the ZINC model: forward, loss, backward, clipping and AdamW.
func BenchmarkTrainStep(b *testing.B) {
	m, err := New(ZINC(), 1)
	if err != nil {
		b.Fatal(err)
	}
	batches := moleculeBatches(b, m.Config)
	params := nn.Collect(m).Trainable()
	opt := optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: 1e-5})
	tp := tensor.NewTape()
	step := uint64(0)
	train := func() {
		batch := batches[step%4]
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: step})
		loss := nn.L1{}.Loss(tp, m.Forward(tp, batch), batch.Targets())
		tp.Backward(loss)
		opt.Step(tp.Grad, 1e-3, optim.ClipFactor(optim.GradNorm(params, tp.Grad), 1))
		step++
	}
	for range 4 {
		train()
	}
	b.ReportAllocs()
	for b.Loop() {
		train()
	}
	b.ReportMetric(float64(tp.PeakBytes())/1e6, "arena-MB")
}

// BenchmarkForward is an evaluation pass of the ZINC model.
func BenchmarkForward(b *testing.B) {
	m, err := New(ZINC(), 1)
	if err != nil {
		b.Fatal(err)
	}
	batches := moleculeBatches(b, m.Config)
	tp := tensor.NewTape()
	step := 0
	for b.Loop() {
		tp.Begin(tensor.Pass{})
		m.Forward(tp, batches[step%4])
		step++
	}
	b.ReportMetric(float64(tp.PeakBytes())/1e6, "arena-MB")
}
