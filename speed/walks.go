package speed

import (
	"time"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// walkGraphs is the number of molecules in the ZINC of 12,000.
const walkGraphs = 12000

// walker encodes batches, a batch at a time into the same memory as training does, but on all processors: to keep the
// encodings of 12,000 molecules would take 600 MB.
type walker struct {
	encoding encodings.RRWP
	batches  []*graphs.Batch
	desks    []desk // one a worker
}

// desk is where a worker writes.
type desk struct {
	scratch    encodings.Scratch
	node, pair []float32
}

// Run encodes batches lo to hi.
func (w *walker) Run(worker, lo, hi int) {
	d, k := &w.desks[worker], w.encoding.Channels()
	for _, b := range w.batches[lo:hi] {
		node := tensor.FromSlice(d.node[:b.Nodes()*k], b.Nodes(), k)
		pair := tensor.FromSlice(d.pair[:b.Pairs()*k], b.Pairs(), k)
		w.encoding.EncodeInto(b, node, pair, &d.scratch)
	}
}

// newWalker returns a walker over the molecules of the workload, of which there are a whole number of batches.
func newWalker(molecules int) (*walker, error) {
	w := &walker{batches: make([]*graphs.Batch, molecules/batchSize), desks: make([]desk, parallel.Workers())}
	stream := datasets.NewMolecules(workloadSeed)
	pairs, nodes := 0, 0
	for i := range w.batches {
		b := new(graphs.Batch)
		if err := b.Fill(next(stream, batchSize)); err != nil {
			return nil, err
		}
		pairs, nodes = max(pairs, b.Pairs()), max(nodes, b.Nodes())
		w.batches[i] = b
	}
	k := w.encoding.Channels()
	for i := range w.desks {
		w.desks[i].node, w.desks[i].pair = make([]float32, nodes*k), make([]float32, pairs*k)
	}
	return w, nil
}

// walks measures the random-walk encodings of as many molecules as ZINC-12k has, in seconds.
func walks(*workshop) (func() float64, error) {
	w, err := newWalker(walkGraphs)
	return func() float64 { return w.sample() }, err
}

// sample encodes all batches and returns the seconds that it took.
func (w *walker) sample() float64 {
	start := time.Now()
	parallel.For(len(w.batches), 1, w)
	return time.Since(start).Seconds()
}
