package speed

import (
	"time"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
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

// gritSteps measures steps of GRIT on the batches.
func (w *workshop) gritSteps(c grit.Config, step stepper) (func() float64, error) {
	if err := w.prepare(c); err != nil {
		return nil, err
	}
	m, err := grit.New(c, workloadSeed)
	if err != nil {
		return nil, err
	}
	var list []nn.Batch
	for _, b := range w.batches {
		list = append(list, b)
	}
	return eachBatch(m, list, step), nil
}

// gpsSteps measures steps of GraphGPS on the same molecules.
func gpsSteps(c gps.Config, step stepper) (func() float64, error) {
	m, err := gps.New(c, workloadSeed)
	if err != nil {
		return nil, err
	}
	stream := datasets.NewMolecules(workloadSeed)
	var list []nn.Batch
	for range workloadBatches {
		b, err := gps.NewBatch(c, next(stream, batchSize))
		if err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return eachBatch(m, list, step), nil
}

// stepper does a step on a batch, and returns its loss.
type stepper func(t *trainer, b nn.Batch) float64

// eachBatch takes samples of steps: their mean over the batches, in milliseconds.
func eachBatch(m nn.Model, batches []nn.Batch, step stepper) func() float64 {
	t := newTrainer(m)
	all := func() {
		for _, b := range batches {
			step(t, b)
		}
	}
	all() // makes the tape's memory
	return func() float64 {
		start := time.Now()
		all()
		return millisecond * time.Since(start).Seconds() / float64(len(batches))
	}
}
