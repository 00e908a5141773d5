package gps

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// matrix is a [rows][cols] of float64.
type matrix [][]float64

func matrixOf(t *tensor.Tensor) matrix {
	m := make(matrix, t.Rows())
	for r := range m {
		for _, v := range t.Row(r) {
			m[r] = append(m[r], float64(v))
		}
	}
	return m
}

// linear is x Wᵀ + b in float64.
func linear(l *nn.Linear, x []float64) []float64 {
	y := make([]float64, l.Out())
	for o := range y {
		if l.Bias != nil {
			y[o] = float64(l.Bias.Data()[o])
		}
		for i, v := range x {
			y[o] += float64(l.Weight.At(o, i)) * v
		}
	}
	return y
}

// sum adds vectors times factors.
func sum(out []float64, by float64, x []float64) []float64 {
	if out == nil {
		out = make([]float64, len(x))
	}
	for k, v := range x {
		out[k] += by * v
	}
	return out
}

// reference computes a kind of message passing by its equations, node after node.
func reference(l MessagePassing, g *graphs.Graph, x, e matrix) matrix {
	degree := g.InDegrees()
	for _, edge := range g.Edges {
		if edge.From == edge.To {
			degree[edge.To]--
		}
	}
	var out matrix
	for i := range g.Nodes {
		switch l := l.(type) {
		case *GIN:
			m := sum(nil, 1, x[i])
			for _, edge := range g.Edges {
				if edge.To == i {
					sum(m, 1, x[edge.From])
				}
			}
			h := linear(l.In, m)
			for k, v := range h {
				h[k] = max(v, 0)
			}
			out = append(out, linear(l.Out, h))
		case *GCN:
			d := func(i int) float64 { return float64(1 + degree[i]) }
			m := sum(nil, 1/d(i), x[i])
			for _, edge := range g.Edges {
				if edge.To == i && edge.From != i {
					sum(m, 1/math.Sqrt(d(i)*d(edge.From)), x[edge.From])
				}
			}
			out = append(out, linear(l.Linear, m))
		case *GAT:
			out = append(out, l.reference(g, i, x))
		case *PNA:
			out = append(out, l.reference(g, i, x, e))
		}
	}
	return out
}

func (l *GAT) reference(g *graphs.Graph, i int, x matrix) []float64 {
	neighbours := []int{i}
	for _, edge := range g.Edges {
		if edge.To == i && edge.From != i {
			neighbours = append(neighbours, edge.From)
		}
	}
	width, dim := l.Linear.Out(), l.ones.Cols()
	out := make([]float64, width)
	for h := range l.heads {
		score := func(j int) float64 {
			s, hj, hi := 0.0, linear(l.Linear, x[j]), linear(l.Linear, x[i])
			for k := h * dim; k < (h+1)*dim; k++ {
				s += float64(l.Source.Data()[k])*hj[k] + float64(l.Target.Data()[k])*hi[k]
			}
			return math.Exp(max(s, 0.2*s))
		}
		total := 0.0
		for _, j := range neighbours {
			total += score(j)
		}
		for _, j := range neighbours {
			hj := linear(l.Linear, x[j])
			for k := h * dim; k < (h+1)*dim; k++ {
				out[k] += score(j) / total * hj[k]
			}
		}
	}
	for k := range out {
		out[k] += float64(l.Bias.Data()[k])
	}
	return out
}

func (l *PNA) reference(g *graphs.Graph, i int, x, e matrix) []float64 {
	d := l.Self.Out()
	var list []matrix // a message each
	for k, edge := range g.Edges {
		if edge.To == i {
			m := linear(l.Target, x[i])
			sum(m, 1, linear(l.Source, x[edge.From]))
			list = append(list, matrix{sum(m, 1, linear(l.Edge, e[k]))})
		}
	}
	a := make([]float64, 4*d)
	for k := range d {
		if len(list) == 0 {
			continue
		}
		mean, least, most, squares := 0.0, math.Inf(1), math.Inf(-1), 0.0
		for _, m := range list {
			mean += m[0][k] / float64(len(list))
			least, most = min(least, m[0][k]), max(most, m[0][k])
		}
		for _, m := range list {
			squares += (m[0][k] - mean) * (m[0][k] - mean) / float64(len(list))
		}
		a[k], a[d+k], a[2*d+k], a[3*d+k] = mean, most, least, math.Sqrt(squares+1e-5)
	}
	scale := math.Log(1 + float64(max(len(list), 1)))
	y := sum(linear(l.Self, x[i]), 1, linear(l.Plain, a))
	return sum(sum(y, scale, linear(l.Amplify, a)), 1/scale, linear(l.Attenuate, a))
}

// TestMessagePassing compares the kinds that no golden file has with their equations in float64, on a graph with a self
// loop, a node alone and edges of one direction.
func TestMessagePassing(t *testing.T) {
	for _, local := range []Local{LocalGIN, LocalGCN, LocalGAT, LocalPNA} {
		c := with(func(c *Config) { c.Local, c.EdgeEncoder = local, features.DummyEdges }).WithDefaults()
		rng := rand.New(rand.NewPCG(3, 3))
		g := graphs.Directed(6, [][2]int{{0, 1}, {1, 0}, {2, 1}, {3, 3}, {4, 3}, {0, 3}, {2, 0}})
		g.NodeTypes = make([]int32, 6)
		b := newBatch(t, c, g)
		l := newLocal(c, false, nn.NewInit(3))
		if gat, ok := l.(*GAT); ok {
			gat.Bias.Fill(0.25) // starts at 0
		}
		if gcn, ok := l.(*GCN); ok {
			gcn.Linear.Bias.Fill(0.25)
		}
		x, e := tensor.New(6, c.Width), tensor.New(len(g.Edges), c.Width)
		for _, m := range []*tensor.Tensor{x, e} {
			for k := range m.Data() {
				m.Data()[k] = float32(rng.NormFloat64())
			}
		}
		tape.Begin(tensor.Pass{})
		got, _ := l.Apply(tape, tape.Const(x), tape.Const(e), nil, b)
		var want []float32
		for _, row := range reference(l, g, matrixOf(x), matrixOf(e)) {
			for _, v := range row {
				want = append(want, float32(v))
			}
		}
		if !closeTo(got.Data(), want, 1e-5) {
			t.Errorf("%v: got %v, want %v", local, got.Data(), want)
		}
	}
}

// TestGraphNorm compares with the equations in float64, and gradients with central differences of them.
func TestGraphNorm(t *testing.T) {
	const cols = 3
	offsets := []int{0, 4, 4, 5, 11}
	rng := rand.New(rand.NewPCG(1, 1))
	n := NewGraphNorm(cols)
	x, probe := tensor.New(11, cols), tensor.New(11, cols)
	for _, p := range []*tensor.Tensor{x, probe, n.Weight, n.Bias} {
		for k := range p.Data() {
			p.Data()[k] = float32(rng.NormFloat64())
		}
	}
	loops := func() (out []float64, loss float64) {
		for g := range len(offsets) - 1 {
			values := x.Data()[offsets[g]*cols : offsets[g+1]*cols]
			mean, variance := 0.0, 0.0
			for _, v := range values {
				mean += float64(v) / float64(len(values))
			}
			for _, v := range values {
				variance += (float64(v) - mean) * (float64(v) - mean) / float64(len(values))
			}
			for k, v := range values {
				y := (float64(v)-mean)/math.Sqrt(variance+n.Eps)*float64(n.Weight.Data()[k%cols]) + float64(n.Bias.Data()[k%cols])
				loss += y * float64(probe.Data()[len(out)])
				out = append(out, y)
			}
		}
		return out, loss
	}
	want, _ := loops()
	tape.Begin(tensor.Pass{Grad: true})
	y := n.Apply(tape, tape.Leaf(x), offsets)
	for k, v := range want {
		if d := math.Abs(float64(y.Data()[k]) - v); !(d < 1e-5) {
			t.Fatalf("number %d is %v, want %v", k, y.Data()[k], v)
		}
	}
	tape.Backward(tape.Sum(tape.Mul(y, tape.Const(probe))))
	for name, p := range map[string]*tensor.Tensor{"x": x, "weight": n.Weight, "bias": n.Bias} {
		for k, g := range tape.Grad(p) {
			const h = 1.0 / 512
			kept := p.Data()[k]
			p.Data()[k] = kept + h
			_, up := loops()
			p.Data()[k] = kept - h
			_, down := loops()
			p.Data()[k] = kept
			if d := math.Abs(float64(g) - (up-down)/(2*h)); !(d < 2e-3) {
				t.Errorf("gradient %d of %s is %v, want %v", k, name, g, (up-down)/(2*h))
			}
		}
	}
}

// TestNormAdd compares the operation with the three that it joins: results, gradients, running statistics; in training and
// evaluation, over several pieces of rows, with a column without variance, and where gradients are there already.
func TestNormAdd(t *testing.T) {
	for _, rows := range []int{0, 1, 5, 700} {
		for _, train := range []bool{true, false} {
			rng := rand.New(rand.NewPCG(1, uint64(rows)))
			x, z, probe := tensor.New(rows, 6), tensor.New(rows, 6), tensor.New(rows, 6)
			norm := nn.NewBatchNorm(6)
			for _, p := range []*tensor.Tensor{x, z, probe, norm.Weight, norm.Bias, norm.RunningMean} {
				for k := range p.Data() {
					p.Data()[k] = float32(rng.NormFloat64())
				}
			}
			for r := range rows {
				z.Set(3, r, 2)
			}
			run := func(joined bool) (out [][]float32) {
				n := *norm
				n.RunningMean, n.RunningVar = norm.RunningMean.Clone(), norm.RunningVar.Clone()
				tape.Begin(tensor.Pass{Train: train, Grad: true})
				vx, vz := tape.Leaf(x), tape.Leaf(z)
				var y *tensor.Var
				if joined {
					y = normAdd(tape, vx, vz, &n)
				} else {
					y = tape.Add(vx, tape.ReLU(n.Apply(tape, vz)))
				}
				out = append(out, append([]float32{}, y.Data()...), n.RunningMean.Data(), n.RunningVar.Data())
				tape.Backward(tape.Add(tape.Sum(tape.Mul(y, tape.Const(probe))), tape.Add(tape.Sum(vx), tape.Sum(vz))))
				for _, p := range []*tensor.Tensor{x, z, n.Weight, n.Bias} {
					out = append(out, append([]float32{}, tape.Grad(p)...))
				}
				return out
			}
			want, got := run(false), run(true)
			for k := range want {
				if !closeTo(got[k], want[k], 1e-4) {
					t.Errorf("%d rows, training %v: result %d is %v, want %v", rows, train, k, got[k], want[k])
				}
			}
		}
	}
}

// TestSparse looks at the pattern of BigBird: every node sees itself, its window and the global nodes, global nodes all,
// and a graph has the same pattern alone and in a batch.
func TestSparse(t *testing.T) {
	s := sparse{window: 1, random: 2, global: 2}
	p := s.pairs([]int{0, 3, 23})
	for i := range 20 {
		keys := map[int]bool{}
		for _, k := range p.Keys[p.RowStart[3+i]:p.RowStart[4+i]] {
			if keys[int(k)-3] {
				t.Errorf("node %d sees %d twice", i, k-3)
			}
			keys[int(k)-3] = true
		}
		for _, j := range []int{0, 1, max(i-1, 0), i, min(i+1, 19)} {
			if !keys[j] {
				t.Errorf("node %d does not see %d", i, j)
			}
		}
		if i < 2 && len(keys) != 20 || i >= 2 && len(keys) > 7 {
			t.Errorf("node %d sees %d nodes", i, len(keys))
		}
	}
	alone := sparse{window: 1, random: 2, global: 2}
	one := alone.pairs([]int{0, 20})
	for k, key := range one.Keys {
		if at := p.RowStart[3] + k; p.Keys[at] != key+3 {
			t.Fatalf("pair %d is %d in a batch, %d alone", k, p.Keys[at]-3, key)
		}
	}
}
