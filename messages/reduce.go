package messages

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// reduction is a sum, or the like, over the edges of each node. What it has taken in so far is its state.
type reduction interface {
	// clear makes a state that of no edges.
	clear(state []float32)
	// add takes in the edges at places lo to hi of the index, all of them edges of node.
	add(state []float32, room tile, node, lo, hi int)
	// join takes in the state of edges that follow.
	join(state, later []float32)
	// finish writes the results of node, once all its edges are in.
	finish(state []float32, room tile, node int)
}

// batch is the number of edges that a reduction gives to a kernel at a time, where it has to prepare rows or weights.
const batch = 64

// reducer runs a reduction over all nodes of an index. A node has one worker, but for the hubs, whose chunks have one
// each and are joined in their order.
type reducer struct {
	index   *index
	op      reduction
	width   int       // of a state
	each    int       // scratch of a worker
	work    []float32 // of all workers
	chunks  []float32 // states of the hubs' chunks
	joining bool
}

// run does op over x. States are width wide, and every call has room for room floats of scratch.
func (r *reducer) run(tp *tensor.Tape, x *index, op reduction, width, room int) {
	*r = reducer{index: x, op: op, width: width, each: lineRoom(width) + lineRoom(room)}
	r.work, r.chunks = tp.Scratch(parallel.Workers()*r.each), tp.Scratch(x.chunks*width)
	parallel.For(len(x.pieces), 1, r)
	r.joining = true
	parallel.For(len(x.hubs), 1, r)
	tp.Release(r.chunks)
	tp.Release(r.work)
	*r = reducer{}
}

// Run does pieces lo to hi, or joins hubs lo to hi.
func (r *reducer) Run(worker, lo, hi int) {
	room := tile{r.work[worker*r.each : (worker+1)*r.each]}
	state := room.cut(r.width)
	for n := lo; n < hi; n++ {
		if r.joining {
			r.join(state, room, r.index.hubs[n])
			continue
		}
		p := r.index.pieces[n]
		if p.hub >= 0 {
			chunk := r.chunk(int(p.chunk))
			r.op.clear(chunk)
			r.op.add(chunk, room, int(p.hub), int(p.lo), int(p.hi))
			continue
		}
		for i := int(p.lo); i < int(p.hi); i++ {
			r.op.clear(state)
			if from, to := int(r.index.start[i]), int(r.index.start[i+1]); from < to {
				r.op.add(state, room, i, from, to)
			}
			r.op.finish(state, room, i)
		}
	}
}

func (r *reducer) chunk(c int) []float32 { return r.chunks[c*r.width : (c+1)*r.width] }

func (r *reducer) join(state []float32, room tile, h hub) {
	copy(state, r.chunk(int(h.chunk)))
	for c := h.chunk + 1; c < h.chunk+h.chunks; c++ {
		r.op.join(state, r.chunk(int(c)))
	}
	r.op.finish(state, room, int(h.node))
}

// tile is scratch memory that is cut into arrays from its beginning.
type tile struct{ rest []float32 }

func (t *tile) cut(n int) []float32 {
	a := t.rest[:n:n]
	t.rest = t.rest[lineRoom(n):]
	return a
}

// lineRoom is what cut takes for n floats: whole cache lines.
func lineRoom(n int) int { return (n + 15) / 16 * 16 }

// gradient is where the gradient of an input goes, row by row.
type gradient struct {
	to  []float32 // nil where none is wanted
	add bool
}

func gradientOf(v *tensor.Var) gradient {
	if v == nil || !v.Needs() {
		return gradient{}
	}
	to, add := v.Accumulate()
	return gradient{to, add}
}

// put writes, or adds, row i.
func (g gradient) put(i int, row []float32) {
	if g.to == nil {
		return
	}
	to := g.to[i*len(row) : (i+1)*len(row)]
	if g.add {
		simd.Add(to, to, row)
	} else {
		copy(to, row)
	}
}

// putAll puts rows [len(at), cols] to the rows that at names.
func (g gradient) putAll(at []int32, rows []float32, cols int) {
	if g.to == nil {
		return
	}
	if cols == 1 {
		for r, i := range at {
			if g.add {
				g.to[i] += rows[r]
			} else {
				g.to[i] = rows[r]
			}
		}
		return
	}
	for r, i := range at {
		g.put(int(i), rows[r*cols:(r+1)*cols])
	}
}

// sumOf adds src to dst on all processors.
type sumOf struct{ dst, src []float32 }

const addGrain = 1 << 14

func (s *sumOf) Run(_, lo, hi int) { simd.Add(s.dst[lo:hi], s.dst[lo:hi], s.src[lo:hi]) }
