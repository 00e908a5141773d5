package joined

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/spectra"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// graphOf makes a graph of [2, edges] rows of nodes.
func graphOf(n int, ends []int64, id string) *graphs.Graph {
	g := &graphs.Graph{Nodes: n, ID: id}
	for e := range len(ends) / 2 {
		g.Edges = append(g.Edges, graphs.Edge{From: int(ends[e]), To: int(ends[len(ends)/2+e])})
	}
	return g
}

func batchOf(t testing.TB, gs ...*graphs.Graph) *graphs.Batch {
	t.Helper()
	b, err := graphs.NewBatch(gs)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func prepared(t testing.TB, e Encoding, b *graphs.Batch) *Features {
	t.Helper()
	f := new(Features)
	if err := e.Prepare(b, nil, nil, f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestGoldenStatistics compares walks and spectra of the graphs of posenc. Eigenvectors are compared up to sign where the
// file says that their eigenvalue is single; elsewhere the projectors on the spaces of whole eigenvalues are.
func TestGoldenStatistics(t *testing.T) {
	for _, c := range golden.Files(t, "graphgps", "posenc") {
		var config struct{ Graphs []string }
		c.JSON(t, "config", &config)
		for _, name := range config.Graphs {
			n := int(c.Ints(name + ".num_nodes")[0])
			g := graphOf(n, c.Ints(name+".edge_index"), name)
			c.Compare(t, name+".rwse20", prepared(t, RWSE{}, batchOf(t, g)).Statistics, golden.Forward)
			compareWaves(t, c, g, name+".lap_none", Waves{Frequencies: 8})
			compareWaves(t, c, g, name+".lap_sym", Waves{Frequencies: 4, Laplacian: Symmetric})
		}
	}
}

func compareWaves(t *testing.T, c *golden.Case, g *graphs.Graph, name string, w Waves) {
	l := spectra.New(g, w.Laplacian != Combinatorial)
	c.Compare(t, name+".L", tensor.FromMatrix(l.Matrix()), golden.Forward)
	spectrum, _, err := l.Full()
	if err != nil {
		t.Fatal(err)
	}
	c.CompareFloat64s(t, name+".spectrum", spectrum, golden.Forward)
	values, vectors, err := w.Features(batchOf(t, g))
	if err != nil {
		t.Fatal(err)
	}
	n, k := g.Nodes, w.Frequencies
	wantValues, wantVectors, simple := c.Tensor(name+".EigVals"), c.Tensor(name+".EigVecs"), c.Ints(name+".simple")
	for m := range k {
		for i := range n {
			got, want := float64(values.Row(0)[m]), float64(wantValues.Row(i)[m])
			if (m >= n) != math.IsNaN(got) || math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-5 {
				t.Errorf("%s: eigenvalue %d is %v, the file has %v", name, m, got, want)
			}
			got, want = math.Abs(float64(vectors.Row(i)[m])), math.Abs(float64(wantVectors.Row(i)[m]))
			if math.IsNaN(got) != math.IsNaN(want) || m < n && simple[m] == 1 && math.Abs(got-want) > 1e-5 {
				t.Errorf("%s: vector %d has %v at node %d, the file %v, signs apart", name, m, got, i, want)
			}
		}
	}
	for m := 0; m < min(k, n); {
		next := m + 1
		for next < n && spectrum[next]-spectrum[m] < 1e-4 {
			next++
		}
		if next > k {
			return // cut through a space
		}
		for i := range n {
			for j := range n {
				var got, want float64
				for v := m; v < next; v++ {
					got += float64(vectors.Row(i)[v]) * float64(vectors.Row(j)[v])
					want += float64(wantVectors.Row(i)[v]) * float64(wantVectors.Row(j)[v])
				}
				if math.Abs(got-want) > 1e-5 {
					t.Errorf("%s: the projector of eigenvalue %v has %v at %d, %d, the file %v", name, spectrum[m], got, i, j, want)
				}
			}
		}
		m = next
	}
}

// encoderCase runs an encoder of a file and the linear layer for raw features beside it, and compares output and gradients.
func encoderCase(t *testing.T, c *golden.Case, e Encoder, f *Features, train bool, paths map[string]string) *nn.Params {
	params := nn.Collect(e)
	for path, name := range paths {
		params.Find(path).CopyFrom(c.Tensor("w." + name))
	}
	x, weight, bias := c.Tensor("in.x"), c.Tensor("w.linear_x.weight"), c.Tensor("w.linear_x.bias")
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Train: train, Grad: true})
	out := tp.Concat(tp.Linear(tp.Leaf(x), tp.Leaf(weight), tp.Leaf(bias)), e.Apply(tp, f)).Keep()
	tp.Backward(tp.Sum(tp.Mul(out, tp.Const(c.Tensor("probe")))))
	c.Compare(t, "out.x", out.Value(), golden.Forward)
	c.CompareFlat(t, "grad.x", tp.Grad(x), golden.Gradient)
	c.CompareFlat(t, "gw.linear_x.weight", tp.Grad(weight), golden.Gradient)
	c.CompareFlat(t, "gw.linear_x.bias", tp.Grad(bias), golden.Gradient)
	trainable := params.Trainable()
	for _, p := range trainable {
		c.CompareFlat(t, "gw."+paths[p.Path], tp.Grad(p.Tensor), golden.Gradient)
	}
	return params
}

// batchOfGolden cuts the edges of a file's batch into graphs.
func batchOfGolden(t *testing.T, c *golden.Case) *graphs.Batch {
	var sizes []int
	c.JSON(t, "sizes", &sizes)
	var gs []*graphs.Graph
	start := make([]int, len(sizes)+1)
	for g, n := range sizes {
		gs = append(gs, &graphs.Graph{Nodes: n})
		start[g+1] = start[g] + n
	}
	of, ends := c.Ints("in.batch"), c.Ints("in.edge_index")
	for e := range len(ends) / 2 {
		g := of[ends[e]]
		gs[g].Edges = append(gs[g].Edges, graphs.Edge{From: int(ends[e]) - start[g], To: int(ends[len(ends)/2+e]) - start[g]})
	}
	return batchOf(t, gs...)
}

func TestGoldenRWSE(t *testing.T) {
	for _, c := range golden.Files(t, "graphgps", "enc_rwse") {
		b := batchOfGolden(t, c)
		e := RWSE{Reading: Reading{Width: 6}}
		f := prepared(t, e, b)
		c.Compare(t, "in.pestat_RWSE", f.Statistics, golden.Forward)
		encoder, err := e.New(nn.NewInit(1))
		if err != nil {
			t.Fatal(err)
		}
		params := encoderCase(t, c, encoder, f, true, map[string]string{
			"norm.weight": "raw_norm.weight", "norm.bias": "raw_norm.bias", "norm.running_mean": "raw_norm.running_mean",
			"norm.running_var": "raw_norm.running_var", "layer.0.weight": "pe_encoder.weight", "layer.0.bias": "pe_encoder.bias"})
		for path, name := range map[string]string{"norm.running_mean": "raw_norm.running_mean", "norm.running_var": "raw_norm.running_var"} {
			c.Compare(t, "after."+name, params.Find(path), golden.Forward)
		}
		for _, when := range []string{"w.", "after."} {
			c.Ignore(when+"raw_norm.num_batches_tracked", "PyTorch counts batches, which nothing reads")
		}
	}
}

func TestGoldenLapPE(t *testing.T) {
	for _, c := range golden.Files(t, "graphgps", "enc_lappe") {
		b := batchOfGolden(t, c)
		e := LapPE{Width: 6}
		f := prepared(t, e, b)
		// The encoder is compared with the file's vectors, whose signs and bases are not ours.
		values, vectors := c.Tensor("in.EigVals"), c.Tensor("in.EigVecs")
		for i := range b.Nodes() {
			for k := range 8 {
				v, there := vectors.Row(i)[k], k < f.Rows[i+1]-f.Rows[i]
				if there == math.IsNaN(float64(v)) {
					t.Fatalf("node %d, frequency %d: the file has %v", i, k, v)
				}
				if !there {
					continue
				}
				row := f.Statistics.Row(f.Rows[i] + k)
				if d := math.Abs(float64(row[1] - values.Row(i)[k])); d > 1e-5 {
					t.Errorf("node %d: eigenvalue %d is %v, the file has %v", i, k, row[1], values.Row(i)[k])
				}
				row[0], row[1] = v, values.Row(i)[k]
			}
		}
		encoder, err := e.New(nn.NewInit(1))
		if err != nil {
			t.Fatal(err)
		}
		encoderCase(t, c, encoder, f, false, map[string]string{"layer.0.weight": "linear_A.weight", "layer.0.bias": "linear_A.bias",
			"layer.1.weight": "pe_encoder.1.weight", "layer.1.bias": "pe_encoder.1.bias"})
	}
}
