package gps

import (
	"runtime"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// TestAllocations bounds what a training step allocates once its memory is there: a constant few, whatever the number of
// layers and graphs, because tape and batches keep theirs and encodings come out of the cache. Preparing a batch is part
// of it. BigBird's pairs and the encodings that drive the attention are made anew for every batch.
func TestAllocations(t *testing.T) {
	const most, mostBytes = 60, 256 << 10 // a collection may empty a pool in between
	for name, c := range kinds() {
		if c.Attention == BigBird || c.Encoding != "" {
			continue
		}
		for _, layers := range []int{1, 5} {
			c.Layers = layers
			var source graphs.Slice
			for seed := range uint64(layers) {
				source = append(source, randomGraphs(c, seed)...)
			}
			got, bytes := allocations(t, c, source)
			if raced {
				continue // the race detector makes pools forget on purpose
			}
			if got > most || bytes > mostBytes {
				t.Errorf("%s: %d layers, %d graphs: %v allocations of %d bytes a step, want at most %d of %d", name,
					layers, len(source), got, bytes, most, mostBytes)
			}
		}
	}
}

func allocations(t *testing.T, c Config, source graphs.Slice) (count float64, bytes uint64) {
	data, err := NewData(c, source)
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
		tp.Backward(lossOf(c).Loss(tp, m.Forward(tp, b), b.Targets()))
		opt.Step(tp.Grad, 1e-3, optim.ClipFactor(optim.GradNorm(params, tp.Grad), 1))
		b.(*Batch).Release()
	}
	for range 3 {
		step()
	}
	const runs = 4
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	count = testing.AllocsPerRun(runs, step)
	runtime.ReadMemStats(&after)
	return count, (after.TotalAlloc - before.TotalAlloc) / (runs + 1)
}
