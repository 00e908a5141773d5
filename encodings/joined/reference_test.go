package joined

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// reference computes in float64, row by row, what encoders compute on the tape: with numbers of the parameters of its own,
// so that they can be moved by small steps.
type reference map[*tensor.Tensor][]float64

type matrix [][]float64

func newMatrix(rows, cols int) matrix {
	m := make(matrix, rows)
	for i := range m {
		m[i] = make([]float64, cols)
	}
	return m
}

func (r reference) of(t *tensor.Tensor) []float64 {
	if r[t] == nil {
		for _, v := range t.Data() {
			r[t] = append(r[t], float64(v))
		}
	}
	return r[t]
}

func (r reference) linear(l *nn.Linear, x matrix) matrix {
	w, y := r.of(l.Weight), newMatrix(len(x), l.Out())
	for i, row := range x {
		for o := range y[i] {
			if l.Bias != nil {
				y[i][o] = r.of(l.Bias)[o]
			}
			for c, v := range row {
				y[i][o] += w[o*l.In()+c] * v
			}
		}
	}
	return y
}

func relu(x matrix) matrix {
	for _, row := range x {
		for c := range row {
			row[c] = max(row[c], 0)
		}
	}
	return x
}

func (r reference) mlp(m mlp, x matrix) matrix {
	for _, l := range m.layers {
		if x = r.linear(l, x); m.active {
			x = relu(x)
		}
	}
	return x
}

// normalise normalises a list of numbers.
func normalise(x []*float64) {
	mean, variance := 0.0, 0.0
	for _, v := range x {
		mean += *v / float64(len(x))
	}
	for _, v := range x {
		variance += (*v - mean) * (*v - mean) / float64(len(x))
	}
	for _, v := range x {
		*v = (*v - mean) / math.Sqrt(variance+1e-5)
	}
}

// batchNorm is that of training.
func (r reference) batchNorm(n *nn.BatchNorm, x matrix) matrix {
	for c := range x[0] {
		var column []*float64
		for i := range x {
			column = append(column, &x[i][c])
		}
		normalise(column)
		for i := range x {
			x[i][c] = x[i][c]*r.of(n.Weight)[c] + r.of(n.Bias)[c]
		}
	}
	return x
}

func (r reference) layerNorm(n *nn.LayerNorm, x matrix) matrix {
	for _, row := range x {
		var all []*float64
		for c := range row {
			all = append(all, &row[c])
		}
		normalise(all)
		for c := range row {
			row[c] = row[c]*r.of(n.Weight)[c] + r.of(n.Bias)[c]
		}
	}
	return x
}

// signMLP is [Linear, ReLU, BatchNorm]..., Linear.
func (r reference) signMLP(m signMLP, x matrix) matrix {
	for i, l := range m.layers {
		if x = r.linear(l, x); i < len(m.norms) {
			x = r.batchNorm(m.norms[i], relu(x))
		}
	}
	return x
}

// signNet follows the official code: frequency by frequency, then all frequencies to the normalisations at once.
func (r reference) signNet(s *signNet, b *graphs.Batch, vectors *tensor.Tensor) matrix {
	n, k := b.Nodes(), s.Frequencies
	phi := func(sign float64) matrix { // [frequency * nodes + node, out]
		x := newMatrix(k*n, 1)
		for i := range n {
			for c := range k {
				if v := float64(vectors.Row(i)[c]); !math.IsNaN(v) {
					x[c*n+i][0] = sign * v
				}
			}
		}
		for _, l := range s.phi {
			if l.norm != nil {
				x = r.batchNorm(l.norm, x)
			}
			y := newMatrix(len(x), len(x[0]))
			for c := range k {
				for i := range n {
					copy(y[c*n+i], x[c*n+i])
				}
				for g, graph := range b.Graphs {
					for _, e := range graph.Edges {
						for w, v := range x[c*n+b.Offsets[g]+e.From] {
							y[c*n+b.Offsets[g]+e.To][w] += v
						}
					}
				}
			}
			x = r.signMLP(l.update, y)
		}
		return x
	}
	plus, minus := phi(1), phi(-1)
	joined := newMatrix(n, 0)
	for i := range n {
		if s.Model == SignDeepSet {
			joined[i] = make([]float64, s.Out)
		}
		for c := range k {
			for w := range s.Out {
				v := plus[c*n+i][w] + minus[c*n+i][w]
				switch {
				case s.Model == SignMLP:
					joined[i] = append(joined[i], v)
				case c < b.Graphs[b.GraphOf[i]].Nodes:
					joined[i][w] += v
				}
			}
		}
	}
	return r.signMLP(s.rho, joined)
}

// lapPE follows the official code: all frequencies of all nodes, those that are missing masked as keys and then zeroed.
func (r reference) lapPE(l *lapPE, b *graphs.Batch, values, vectors *tensor.Tensor, signs []float64) matrix {
	n, k := b.Nodes(), l.Frequencies
	x := newMatrix(n*k, 2)
	missing := make([]bool, n*k)
	for i := range n {
		for c := range k {
			v := float64(vectors.Row(i)[c])
			if missing[i*k+c] = math.IsNaN(v); !missing[i*k+c] {
				x[i*k+c][0], x[i*k+c][1] = v*signs[c], float64(values.Row(int(b.GraphOf[i]))[c])
			}
		}
	}
	if l.norm != nil {
		for c := range k {
			var both []*float64
			for i := range n {
				both = append(both, &x[i*k+c][0], &x[i*k+c][1])
			}
			normalise(both)
			for _, v := range both {
				*v = *v*r.of(l.norm.Weight)[c] + r.of(l.norm.Bias)[c]
			}
		}
	}
	x = r.mlp(l.set, x)
	for _, block := range l.blocks {
		x = r.waveBlock(block, x, k, missing)
	}
	out := newMatrix(n, l.Width)
	for row, v := range x {
		for c := range v {
			if !missing[row] {
				out[row/k][c] += v[c]
			}
		}
	}
	return r.mlp(l.post, out)
}

func (r reference) waveBlock(b *waveBlock, x matrix, k int, missing []bool) matrix {
	d := len(x[0])
	qkv, a := r.linear(b.qkv, x), newMatrix(len(x), d)
	dim := d / b.heads
	for row := range x {
		first := row / k * k
		for h := range b.heads {
			weights, sum := make([]float64, k), 0.0
			for j := range k {
				if missing[first+j] {
					continue
				}
				s := 0.0
				for c := h * dim; c < (h+1)*dim; c++ {
					s += qkv[row][c] * qkv[first+j][d+c]
				}
				weights[j] = math.Exp(s / math.Sqrt(float64(dim)))
				sum += weights[j]
			}
			for j, w := range weights {
				for c := h * dim; c < (h+1)*dim; c++ {
					a[row][c] += w / sum * qkv[first+j][2*d+c]
				}
			}
		}
	}
	for row, o := range r.linear(b.out, a) {
		for c := range o {
			o[c] += x[row][c]
		}
		a[row] = o
	}
	x = r.layerNorm(b.norm1, a)
	y := r.linear(b.feed.Out, relu(r.linear(b.feed.In, x)))
	for row := range y {
		for c := range y[row] {
			y[row][c] += x[row][c]
		}
	}
	return r.layerNorm(b.norm2, y)
}

// checkEncoder compares an encoder with its reference: outputs, and gradients of sum(out * probe) at some entries of every
// parameter by central differences of the reference.
func checkEncoder(t *testing.T, e Encoder, f *Features, pass tensor.Pass, compute func(r reference) matrix) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	params := nn.Collect(e).Trainable()
	for _, p := range params { // away from what all zeros or ones would hide
		for i := range p.Tensor.Data() {
			p.Tensor.Data()[i] += float32(0.2 * random.NormFloat64())
		}
	}
	r := reference{}
	want := compute(r)
	tp := tensor.NewTape()
	pass.Grad = true
	tp.Begin(pass)
	out := e.Apply(tp, f).Keep()
	probe := tensor.New(out.Rows(), out.Cols())
	for i := range probe.Data() {
		probe.Data()[i] = float32(random.NormFloat64())
	}
	tp.Backward(tp.Sum(tp.Mul(out, tp.Const(probe))))
	loss := func(m matrix) (sum float64) {
		for i, row := range m {
			for c, v := range row {
				sum += v * float64(probe.Row(i)[c])
			}
		}
		return sum
	}
	largest := 0.0
	for i, row := range want {
		for c, v := range row {
			largest = max(largest, math.Abs(v))
			if d := math.Abs(v - float64(out.Value().Row(i)[c])); !(d < 2e-5*max(largest, 1)) {
				t.Fatalf("node %d, channel %d: %v, in float64 %v", i, c, out.Value().Row(i)[c], v)
			}
		}
	}
	for _, p := range params {
		grad := tp.Grad(p.Tensor)
		if grad == nil {
			t.Errorf("%s has no gradient", p.Path)
			continue
		}
		most := 0.0
		for _, g := range grad {
			most = max(most, math.Abs(float64(g)))
		}
		for range 6 {
			i := random.IntN(len(grad))
			const step = 1e-6
			was := r[p.Tensor][i]
			r[p.Tensor][i] = was + step
			up := loss(compute(r))
			r[p.Tensor][i] = was - step
			down := loss(compute(r))
			r[p.Tensor][i] = was
			if want := (up - down) / (2 * step); math.Abs(want-float64(grad[i])) > 1e-3*max(most, math.Abs(want), 0.1) {
				t.Errorf("%s: gradient %d is %v, the difference quotient %v", p.Path, i, grad[i], want)
			}
		}
	}
}

// twoGraphs are a molecule-like graph with a loop, and one that is too small for all frequencies.
func twoGraphs() []*graphs.Graph {
	return []*graphs.Graph{
		graphs.Undirected(7, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 0}, {3, 4}, {4, 5}, {4, 6}, {6, 6}}),
		graphs.Undirected(3, [][2]int{{0, 1}, {1, 2}}),
	}
}

func TestSignNetAgainstReference(t *testing.T) {
	b := batchOf(t, twoGraphs()...)
	for _, e := range []SignNet{
		{Waves: Waves{Frequencies: 5}, Width: 3, Layers: 3, Hidden: 4, Out: 2, PostLayers: 2},
		{Waves: Waves{Frequencies: 5, Laplacian: Symmetric, Norm: Wavelength}, Width: 2, Model: SignDeepSet, Layers: 2, Hidden: 5, Out: 3, PostLayers: 3},
		{Waves: Waves{Frequencies: 4}, Width: 2, Model: SignDeepSet, Layers: 2, Hidden: 3, Out: 3, PostLayers: 1},
	} {
		encoder, err := e.New(nn.NewInit(3))
		if err != nil {
			t.Fatal(err)
		}
		_, vectors, err := e.Features(b)
		if err != nil {
			t.Fatal(err)
		}
		checkEncoder(t, encoder, prepared(t, e, b), tensor.Pass{Train: true}, func(r reference) matrix {
			return r.signNet(encoder.(*signNet), b, vectors)
		})
	}
}

func TestLapPEAgainstReference(t *testing.T) {
	b := batchOf(t, twoGraphs()...)
	for _, c := range []struct {
		e     LapPE
		train bool
	}{
		{LapPE{Waves: Waves{Frequencies: 5}, Width: 4, Layers: 3, PostLayers: 2}, true},
		{LapPE{Waves: Waves{Frequencies: 5, Norm: L1}, Width: 3, Layers: 1, PostLayers: 1, BatchNorm: true}, true},
		// In training there is dropout, whose masks the reference does not know.
		{LapPE{Waves: Waves{Frequencies: 5, Laplacian: RandomWalk}, Width: 4, Model: Transformer, Heads: 2, Layers: 2}, false},
	} {
		encoder, err := c.e.New(nn.NewInit(3))
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range encoder.(*lapPE).blocks {
			block.feed = nn.NewFeedForward(4, 8, nn.ReLU, nn.NewInit(4)) // of 2048 the differences take long
		}
		values, vectors, err := c.e.Features(b)
		if err != nil {
			t.Fatal(err)
		}
		pass := tensor.Pass{Train: c.train, Seed: 5}
		signs := []float64{1, 1, 1, 1, 1}
		if c.train {
			tp := tensor.NewTape()
			tp.Begin(pass)
			for k, s := range drawSigns(tp, 5) {
				signs[k] = float64(s)
			}
		}
		checkEncoder(t, encoder, prepared(t, c.e, b), pass, func(r reference) matrix {
			return r.lapPE(encoder.(*lapPE), b, values, vectors, signs)
		})
	}
}

func TestReadingAgainstReference(t *testing.T) {
	b := batchOf(t, twoGraphs()...)
	for _, e := range []Encoding{
		RWSE{Steps: 4, Reading: Reading{Width: 3}},
		RWSE{Steps: 4, Reading: Reading{Width: 3, Layers: 1, NoNorm: true}},
		DegreeProfile{Reading{Width: 2, Layers: 3}},
	} {
		encoder, err := e.New(nn.NewInit(3))
		if err != nil {
			t.Fatal(err)
		}
		f := prepared(t, e, b)
		checkEncoder(t, encoder, f, tensor.Pass{Train: true}, func(r reference) matrix {
			l, x := encoder.(*reader), newMatrix(b.Nodes(), f.Statistics.Cols())
			for i := range x {
				for c, v := range f.Statistics.Row(i) {
					x[i][c] = float64(v)
				}
			}
			if l.norm != nil {
				x = r.batchNorm(l.norm, x)
			}
			return r.mlp(l.mlp, x)
		})
	}
}
