package speed

import (
	"time"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/grit"
)

// The workload: the first batches of the stream of seed 1, in turn.
const (
	workloadSeed    = 1
	workloadBatches = 4
	batchSize       = 32
)

// molecules holds the batches once they are needed, with their encodings.
type molecules struct {
	batches []*grit.Batch
}

func (m *molecules) prepare(c grit.Config) error {
	if m.batches != nil {
		return nil
	}
	stream := datasets.NewMolecules(workloadSeed)
	for range workloadBatches {
		b, err := grit.NewBatch(c, next(stream, batchSize))
		if err != nil {
			return err
		}
		m.batches = append(m.batches, b)
	}
	return nil
}

func next(stream *datasets.Molecules, n int) grit.Graphs {
	list := make(grit.Graphs, n)
	for i := range list {
		list[i] = stream.Next()
	}
	return list
}

// trainStep measures training steps: a sample is their mean over the batches, in milliseconds.
func trainStep(w *workshop) (func() float64, error) {
	return w.eachBatch(grit.ZINC(), (*trainer).train)
}

// forwardStep measures evaluation passes in the same way.
func forwardStep(w *workshop) (func() float64, error) {
	return w.eachBatch(grit.ZINC(), (*trainer).evaluate)
}

func (w *workshop) eachBatch(c grit.Config, step func(t *trainer, b *grit.Batch) float64) (func() float64, error) {
	if err := w.prepare(c); err != nil {
		return nil, err
	}
	t, err := newTrainer(c)
	if err != nil {
		return nil, err
	}
	all := func() {
		for _, b := range w.batches {
			step(t, b)
		}
	}
	all() // makes the tape's memory
	return func() float64 {
		start := time.Now()
		all()
		return millisecond * time.Since(start).Seconds() / float64(len(w.batches))
	}, nil
}
