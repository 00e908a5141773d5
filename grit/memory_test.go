package grit_test

import (
	"runtime"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// TestAllocations bounds what a training step allocates once its memory is there: a constant few, whatever the number of
// layers and graphs, because tape and batches keep theirs. Preparing a batch is part of it.
func TestAllocations(t *testing.T) {
	const most, mostBytes = 40, 256 << 10 // a collection may empty a pool in between
	for _, layers := range []int{1, 6} {
		c := small(grit.ZINC())
		c.Layers = layers
		var source grit.Graphs
		for seed := range uint64(layers) {
			source = append(source, randomGraphs(c, seed)...)
		}
		data, err := grit.NewData(c, source)
		if err != nil {
			t.Fatal(err)
		}
		m := newModel(t, c, 1)
		params := nn.Collect(m).Trainable()
		opt := optim.NewAdamW(params, optim.AdamWOptions{})
		tp := tensor.NewTape()
		items := make([]int, len(source))
		for k := range items {
			items[k] = k
		}
		step := func() {
			b, err := data.Prepare(items)
			if err != nil {
				t.Fatal(err)
			}
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			tp.Backward(nn.L1{}.Loss(tp, m.Forward(tp, b), b.Targets()))
			opt.Step(tp.Grad, 1e-3, optim.ClipFactor(optim.GradNorm(params, tp.Grad), 1))
			b.(*grit.Batch).Release()
		}
		for range 3 {
			step()
		}
		var before, after runtime.MemStats
		const runs = 5
		runtime.ReadMemStats(&before)
		got := testing.AllocsPerRun(runs, step)
		runtime.ReadMemStats(&after)
		bytes := (after.TotalAlloc - before.TotalAlloc) / (runs + 1)
		t.Logf("%d layers, %d graphs: %v allocations of %d bytes a step", layers, len(source), got, bytes)
		if raced {
			continue // the race detector makes pools forget on purpose
		}
		if got > most || bytes > mostBytes {
			t.Errorf("%d layers, %d graphs: %v allocations of %d bytes a step, want at most %d of %d",
				layers, len(source), got, bytes, most, mostBytes)
		}
	}
}
