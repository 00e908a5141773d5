package attention

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// workspace is scratch memory that every worker of a kernel has a part of.
type workspace struct {
	work []float32 // of all workers
	each int       // of one
}

// takeWork takes scratch memory of each floats for every worker, whose part begins at a cache line.
func (w *workspace) takeWork(tp *tensor.Tape, each int) {
	w.each = roundUp(each, 16)
	w.work = tp.Scratch(parallel.Workers() * w.each)
}

// releaseWork gives it back.
func (w *workspace) releaseWork(tp *tensor.Tape) {
	tp.Release(w.work)
	w.work = nil
}

// tile is the part of a worker, to be cut into arrays; none where no memory was taken.
func (w *workspace) tile(worker int) tile {
	if w.work == nil {
		return tile{}
	}
	return tile{w.work[worker*w.each : (worker+1)*w.each]}
}

// tile is scratch memory that is cut into arrays from its beginning.
type tile struct{ rest []float32 }

func (t *tile) cut(n int) []float32 {
	a := t.rest[:n:n]
	t.rest = t.rest[n:]
	return a
}
