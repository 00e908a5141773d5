package joined

import (
	"fmt"
	"math"
	"slices"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
)

// returns is the statistic of [RWSE].
type returns struct {
	times string // a rune each
	space float64
}

func (r returns) size(g *graphs.Graph) int { return g.Nodes * len([]rune(r.times)) }

// compute writes the probabilities [nodes, times].
func (r returns) compute(g *graphs.Graph, out []float32, s *scratch) error {
	times := []rune(r.times)
	steps := int(slices.Max(times))
	w := &s.walks
	w.fill(g)
	if work := w.work(steps); work > mostWork {
		return fmt.Errorf("rwse: walks of %d steps in a graph of %d nodes and %d edges need %.2g multiplications, more than %.2g: take fewer steps, or the encoding degree or degree-profile",
			steps, g.Nodes, len(g.Edges), work, float64(mostWork))
	}
	w.out, w.columns = out, len(times)
	w.column = resize(w.column, steps+1)
	for i := range w.column {
		w.column[i] = w.column[i][:0]
	}
	w.factor = resize(w.factor, steps+1)
	for len(w.blocks) < parallel.Workers() {
		w.blocks = append(w.blocks, walkBlock{})
	}
	for i, k := range times {
		w.column[k] = append(w.column[k], i)
		w.factor[k] = math.Pow(float64(k), r.space/2)
	}
	parallel.For(g.Nodes, walkers, w)
	return nil
}

// mostWork is the number of multiplications from which walks are refused: twenty minutes of one core.
const mostWork = 4e12

// walkers is the number of nodes whose walks are followed at once: wide enough for the vector unit to be busy.
const walkers = 32

// walks follows random walks from blocks of nodes. With S = D^-1/2 A D^-1/2 the powers of P = D^-1 A have the diagonal of
// those of S; where A is symmetric so is S, and
//
//	P^(a+b)[i,i] = sum over j of S^a[j,i] S^b[j,i],
//
// so that b = (k+1)/2 steps from i tell of walks of k. A graph with directions needs the steps backwards as well.
type walks struct {
	nodes       int
	symmetric   bool
	forth, back links // of S, or of P and its transpose
	degree      []float64
	blocks      []walkBlock // of the workers
	out         []float32   // [nodes, columns]
	columns     int
	column      [][]int   // [steps+1] where the probability of so many steps goes
	factor      []float64 // [steps+1]
}

// fill reads the edges of a graph.
func (w *walks) fill(g *graphs.Graph) {
	n := g.Nodes
	w.nodes, w.degree = n, resize(w.degree, n)
	clear(w.degree)
	for e, edge := range g.Edges {
		w.degree[edge.From] += float64(g.Weight(e))
	}
	w.forth.fill(g)
	w.back.transpose(&w.forth, n)
	w.forth.transpose(&w.back, n) // now its columns ascend too
	w.symmetric = slices.Equal(w.forth.start, w.back.start) && slices.Equal(w.forth.to, w.back.to) && slices.Equal(w.forth.weight, w.back.weight)
	for i := range n {
		for e := w.forth.start[i]; e < w.forth.start[i+1]; e++ {
			by := w.degree[i]
			if w.symmetric {
				by = math.Sqrt(by * w.degree[w.forth.to[e]])
			}
			w.forth.weight[e] = float32(float64(w.forth.weight[e]) / by)
		}
		for e := w.back.start[i]; e < w.back.start[i+1] && !w.symmetric; e++ {
			w.back.weight[e] = float32(float64(w.back.weight[e]) / w.degree[w.back.to[e]])
		}
	}
}

// work is a bound of the multiplications that walks of so many steps take: a step of a block goes along as many edges as
// there are walks, but no more than all, for each of its nodes.
func (w *walks) work(steps int) float64 {
	edges := float64(len(w.forth.to))
	each, blocks := float64(walkers), float64(parallel.Chunks(w.nodes, walkers))
	if !w.symmetric {
		each *= 2
	}
	half := (steps + 1) / 2
	if all := blocks * edges * each * float64(half); all <= mostWork {
		return all
	}
	counts, next := make([]float64, w.nodes), make([]float64, w.nodes) // of walks from each node
	for i := range counts {
		counts[i] = 1
	}
	total := 0.0
	for range half {
		for i := range next {
			next[i] = 0
			for _, to := range w.forth.to[w.forth.start[i]:w.forth.start[i+1]] {
				next[i] += counts[to]
			}
		}
		counts, next = next, counts
		for lo := 0; lo < w.nodes; lo += walkers {
			sum := 0.0
			for _, c := range counts[lo:min(lo+walkers, w.nodes)] {
				sum += c
			}
			total += min(sum, edges) * each
		}
		if total > mostWork {
			break
		}
	}
	return total
}

// walkBlock is what a worker needs to follow the walks of a block of nodes. Between blocks all of it is zero.
type walkBlock struct {
	x, y, spare front
	reached     []bool
	part        [walkers]float32
	sum         [walkers]float64
}

// front is a matrix [nodes, walkers] of which only some rows are not zero.
type front struct {
	rows   []int32
	values []float32
}

// Run follows the walks of the nodes lo to hi, which are at most a block.
func (w *walks) Run(worker, lo, hi int) {
	b := &w.blocks[worker]
	b.reached = resize(b.reached, w.nodes)
	for _, f := range []*front{&b.x, &b.y, &b.spare} {
		f.values = resize(f.values, w.nodes*walkers)
	}
	for _, f := range []*front{&b.x, &b.y} {
		for i := lo; i < hi; i++ {
			f.rows = append(f.rows, int32(i))
			f.values[i*walkers+i-lo] = 1
		}
	}
	for k := 1; k < len(w.column); k++ {
		switch {
		case k%2 == 1 && w.symmetric:
			b.step(&b.y, &b.x, &w.forth, &w.forth)
		case k%2 == 1:
			b.step(&b.spare, &b.y, &w.back, &w.forth)
			b.y, b.spare = b.spare, b.y
		case w.symmetric: // both half the way
			b.x, b.y = b.y, b.x
		default:
			b.step(&b.spare, &b.x, &w.forth, &w.back)
			b.x, b.spare = b.spare, b.x
		}
		if len(w.column[k]) == 0 {
			continue
		}
		if w.symmetric && k%2 == 0 {
			b.product(&b.x, &b.x)
		} else {
			b.product(&b.x, &b.y)
		}
		for i := lo; i < hi; i++ {
			for _, c := range w.column[k] {
				w.out[i*w.columns+c] = float32(b.sum[i-lo] * w.factor[k])
			}
		}
	}
	for _, f := range []*front{&b.x, &b.y, &b.spare} {
		f.clear()
	}
}

// clear makes all of a front zero.
func (f *front) clear() {
	for _, r := range f.rows {
		clear(f.values[int(r)*walkers : int(r)*walkers+walkers])
	}
	f.rows = f.rows[:0]
}

// step sets dst to m src; turned is the transpose of m. Few rows are added to where they lead; many are gathered where
// they lead to, which touches memory more kindly. Both add the same numbers in the same order.
func (b *walkBlock) step(dst, src *front, turned, m *links) {
	dst.clear()
	if 4*len(src.rows) > len(b.reached) {
		for to := range int32(len(b.reached)) {
			lo, hi := m.start[to], m.start[to+1]
			if lo == hi {
				continue
			}
			row := dst.values[int(to)*walkers : int(to)*walkers+walkers]
			for e := lo; e < hi; e++ {
				from := int(m.to[e]) * walkers
				simd.AddScaled(row, src.values[from:from+walkers], m.weight[e])
			}
			dst.rows = append(dst.rows, to)
		}
		return
	}
	for _, from := range src.rows {
		row := src.values[int(from)*walkers : int(from)*walkers+walkers]
		for e := turned.start[from]; e < turned.start[from+1]; e++ {
			to := turned.to[e]
			if !b.reached[to] {
				b.reached[to] = true
				dst.rows = append(dst.rows, to)
			}
			simd.AddScaled(dst.values[int(to)*walkers:int(to)*walkers+walkers], row, turned.weight[e])
		}
	}
	b.sort(dst)
}

// sort puts the rows of a front in order, in which what follows is faster, and forgets which were reached.
func (b *walkBlock) sort(f *front) {
	if 16*len(f.rows) < len(b.reached) {
		slices.Sort(f.rows)
		for _, r := range f.rows {
			b.reached[r] = false
		}
		return
	}
	f.rows = f.rows[:0]
	for r, is := range b.reached {
		if is {
			f.rows = append(f.rows, int32(r))
			b.reached[r] = false
		}
	}
}

// product sums the products of two fronts over the nodes.
func (b *walkBlock) product(x, y *front) {
	clear(b.sum[:])
	rows := x.rows
	if len(y.rows) < len(rows) {
		rows = y.rows
	}
	for len(rows) > 0 {
		n := min(len(rows), 64)
		clear(b.part[:])
		for _, r := range rows[:n] {
			at := int(r) * walkers
			simd.MulAdd(b.part[:], x.values[at:at+walkers], y.values[at:at+walkers])
		}
		for c, v := range b.part {
			b.sum[c] += float64(v)
		}
		rows = rows[n:]
	}
}
