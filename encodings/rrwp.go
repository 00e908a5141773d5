package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// RRWP is the relative random-walk probability encoding of GRIT (Ma et al., ICML
// 2023, section 3.1; LiamMa/GRIT, transform/rrwp.py, as of commit 6c988ea).
//
// With the adjacency matrix A, A[s,t] the weight of the edge s->t, and D the
// diagonal of its row sums, M = D^-1 A is one step of a random walk; the row of a
// node that no edge leaves is zero. The pair (query i, key j) gets the
// probabilities of walking from i to j,
//
//	R[i,j] = (I, M, M^2, ..., M^(K-1))[i,j],
//
// and node i gets R[i,i]. Paper to Go: K (ksteps) is Steps, R[i,j] a row of pair,
// R[i,i] a row of node.
//
// The zero value is the published default.
type RRWP struct {
	// Steps is the number of channels K; 0 means 21, which is walks of length 0
	// to 20. The official code gives two channels for ksteps=1 with identity and
	// one for ksteps=2 without; here channels are what was asked for.
	Steps int
	// NoIdentity leaves the walk of length 0 out: R = (M, ..., M^K).
	NoIdentity bool
	// SPD replaces each row of pair by a one-hot vector of its first channel that
	// is not zero, which with the identity is the shortest-path distance, and
	// leaves a row of zeros where there is none; rows of node become zero.
	SPD bool
}

// DefaultSteps is the number of channels of the zero RRWP, that of GRIT on ZINC.
const DefaultSteps = 21

// Channels is the number of columns K of both results.
func (r RRWP) Channels() int {
	switch {
	case r.Steps < 0:
		panic(fmt.Sprintf("encodings: RRWP: Steps is %d, expected a positive number, or 0 for %d", r.Steps, DefaultSteps))
	case r.Steps == 0:
		return DefaultSteps
	}
	return r.Steps
}

// Encode computes the encodings of all graphs of a batch: node is
// [b.Nodes(), K], pair is [b.Pairs(), K].
func (r RRWP) Encode(b *graphs.Batch) (node, pair *tensor.Tensor) {
	node, pair = tensor.New(b.Nodes(), r.Channels()), tensor.New(b.Pairs(), r.Channels())
	r.EncodeInto(b, node, pair, nil)
	return node, pair
}

// EncodeInto is [RRWP.Encode] into tensors of the caller, whatever they held. It
// allocates nothing once the scratch, which may be nil, has met a graph of the
// largest size.
func (r RRWP) EncodeInto(b *graphs.Batch, node, pair *tensor.Tensor, s *Scratch) {
	k := r.Channels()
	if node.Size() != b.Nodes()*k || pair.Size() != b.Pairs()*k {
		panic(fmt.Sprintf("encodings: RRWP: node %v and pair %v, expected [%d %d] and [%d %d]",
			node.Shape(), pair.Shape(), b.Nodes(), k, b.Pairs(), k))
	}
	if s == nil {
		s = new(Scratch)
	}
	for i, g := range b.Graphs {
		r.EncodeGraph(g, node.Data()[b.Offsets[i]*k:b.Offsets[i+1]*k], pair.Data()[b.PairOffsets[i]*k:b.PairOffsets[i+1]*k], s)
	}
}

// EncodeGraph computes the encoding of one valid graph of n nodes into node,
// [n, K], and pair, [n*n, K] query-major. The bits depend on the graph alone, not
// on the scratch, which may be nil but must not be shared by goroutines.
func (r RRWP) EncodeGraph(g *graphs.Graph, node, pair []float32, s *Scratch) {
	n, k := g.Nodes, r.Channels()
	if len(node) != n*k || len(pair) != n*n*k {
		panic(fmt.Sprintf("encodings: RRWP: %d and %d values for nodes and pairs, expected %d and %d for %d nodes and %d channels",
			len(node), len(pair), n*k, n*n*k, n, k))
	}
	if s == nil {
		s = new(Scratch)
	}
	s.walk(g)
	powers := s.powers(g, k, !r.NoIdentity)
	interleave(pair, powers, n, k)
	if r.SPD {
		clear(node)
		firstNonZero(pair, k)
		return
	}
	for i := range n {
		copy(node[i*k:(i+1)*k], pair[(i*n+i)*k:])
	}
}

// Pair is an ordered pair of node rows of a batch.
type Pair struct{ Query, Key int }

// Pairs gives the sparse form of the pair encoding that the official code keeps:
// only pairs with a channel that is not zero, sorted by query, then key, with
// their channels in the rows of value, [len(index), K]. Pairs that are absent are
// those no walk of at most K-1 steps joins.
func (r RRWP) Pairs(b *graphs.Batch) (index []Pair, value *tensor.Tensor) {
	_, pair := r.Encode(b)
	k := r.Channels()
	var kept []float32
	row := 0
	for g := range b.Graphs {
		lo, hi := b.Offsets[g], b.Offsets[g+1]
		for i := lo; i < hi; i++ {
			for j := lo; j < hi; j++ {
				channels := pair.Data()[row*k : (row+1)*k]
				row++
				if anyNonZero(channels) {
					index = append(index, Pair{i, j})
					kept = append(kept, channels...)
				}
			}
		}
	}
	return index, tensor.FromSlice(kept, len(index), k)
}

func anyNonZero(v []float32) bool {
	for _, x := range v {
		if x != 0 {
			return true
		}
	}
	return false
}

// firstNonZero makes each row of k channels one-hot at its first that is not zero.
func firstNonZero(pair []float32, k int) {
	for ; len(pair) > 0; pair = pair[k:] {
		found := false
		for c, x := range pair[:k] {
			pair[c] = 0
			if x != 0 && !found {
				found = true
				pair[c] = 1
			}
		}
	}
}

// interleave turns k matrices of n*n into n*n rows of k channels, one query at a
// time so that source and destination of a query stay in the first-level cache.
func interleave(pair, powers []float32, n, k int) {
	for i := range n {
		out := pair[i*n*k : (i+1)*n*k]
		for c := range k {
			at := c
			for _, p := range powers[(c*n+i)*n : (c*n+i)*n+n] {
				out[at] = p
				at += k
			}
		}
	}
}

// Scratch is working memory of encodings, grown as needed. The zero value is
// ready; one goroutine at a time may use it.
type Scratch struct {
	start  []int32   // [nodes+1] first step of each node
	to     []int32   // [edges] steps of the walk sorted by the node they leave
	prob   []float32 // [edges] their probabilities
	degree []float64 // [nodes]
	matrix []float32 // [K, nodes, nodes]
}

// walk lists the non-zero entries of M row by row.
func (s *Scratch) walk(g *graphs.Graph) {
	n := g.Nodes
	s.start, s.degree = grow(s.start, n+1), growFloat64(s.degree, n)
	s.to, s.prob = grow(s.to, len(g.Edges)), growFloat32(s.prob, len(g.Edges))
	clear(s.start)
	clear(s.degree)
	for e, edge := range g.Edges {
		s.start[edge.From+1]++
		s.degree[edge.From] += float64(g.Weight(e))
	}
	for i := range n {
		s.start[i+1] += s.start[i]
	}
	// Filling moves each start to the next row's; afterwards they move back.
	for e, edge := range g.Edges {
		at := s.start[edge.From]
		s.start[edge.From]++
		s.to[at] = int32(edge.To)
		// The reciprocal is rounded before the product, as the official code does.
		s.prob[at] = g.Weight(e) * (1 / float32(s.degree[edge.From]))
	}
	copy(s.start[1:], s.start[:n])
	s.start[0] = 0
}

// denseFrom is the size from which a product with a matrix that is not sparse
// goes through the dense kernel; below it, and for sparse ones, adding up a few
// rows per row is faster. It decides by the graph alone, so the same graph has
// the same bits in any batch.
const denseFrom = 32

// powers computes I (if identity), M, M^2, ... into k matrices [n, n].
func (s *Scratch) powers(g *graphs.Graph, k int, identity bool) []float32 {
	n := g.Nodes
	size := n * n
	s.matrix = growFloat32(s.matrix, k*size)
	step := 0
	if identity {
		first := s.matrix[:size]
		clear(first)
		for i := range n {
			first[i*n+i] = 1
		}
		step++
	}
	if step == k {
		return s.matrix
	}
	one := s.matrix[step*size : (step+1)*size]
	clear(one)
	for i := range n {
		for e := s.start[i]; e < s.start[i+1]; e++ {
			one[i*n+int(s.to[e])] = s.prob[e]
		}
	}
	dense := n >= denseFrom && len(g.Edges)*4 > size
	for step++; step < k; step++ {
		last, next := s.matrix[(step-1)*size:step*size], s.matrix[step*size:(step+1)*size]
		if dense {
			simd.Gemm(false, false, n, n, n, one, n, last, n, next, n, false)
			continue
		}
		// M^(s+1) = M M^s: row i is a mean of the rows of the nodes that i leads to.
		for i := range n {
			row := next[i*n : (i+1)*n]
			clear(row)
			for e := s.start[i]; e < s.start[i+1]; e++ {
				to := int(s.to[e])
				simd.AddScaled(row, last[to*n:(to+1)*n], s.prob[e])
			}
		}
	}
	return s.matrix
}

func grow(s []int32, n int) []int32 {
	if cap(s) < n {
		return make([]int32, n)
	}
	return s[:n]
}

func growFloat32(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	return s[:n]
}

func growFloat64(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
