package joined

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// variants are all encodings with their defaults, and those with other networks.
func variants() []Encoding {
	var all []Encoding
	for _, k := range List() {
		all = append(all, k.Encoding)
	}
	return append(all, LapPE{Model: Transformer, PostLayers: 2}, LapPE{BatchNorm: true, Layers: 1}, SignNet{Model: SignDeepSet, Layers: 3},
		Combined{RWSE{Steps: 5, Reading: Reading{Layers: 2, Width: 4}}, LapPE{Waves: Waves{Frequencies: 3}, Width: 3}, Degree{Width: 2}})
}

func encode(t testing.TB, e Encoding, encoder Encoder, b *graphs.Batch, p tensor.Pass) *tensor.Tensor {
	t.Helper()
	tp := tensor.NewTape()
	tp.Begin(p)
	return encoder.Apply(tp, prepared(t, e, b)).Value().Clone()
}

func newEncoder(t testing.TB, e Encoding) Encoder {
	t.Helper()
	encoder, err := e.New(nn.NewInit(1))
	if err != nil {
		t.Fatal(err)
	}
	return encoder
}

// TestChannels encodes graphs of all kinds, of one node, without edges, in parts, and checks that all numbers are finite,
// and gradients too.
func TestChannels(t *testing.T) {
	b := batchOf(t, graphs.Undirected(1, nil), graphs.Undirected(4, nil), graphs.Undirected(5, [][2]int{{0, 1}, {2, 3}}),
		drawn(12, 20, false, false, 3), graphs.Directed(3, [][2]int{{0, 1}, {1, 2}}), graphs.Undirected(1, [][2]int{{0, 0}}))
	for _, e := range variants() {
		encoder := newEncoder(t, e)
		for _, train := range []bool{false, true} {
			for _, batch := range []*graphs.Batch{b, batchOf(t, graphs.Undirected(1, nil))} {
				tp := tensor.NewTape()
				tp.Begin(tensor.Pass{Train: train, Grad: true})
				out := encoder.Apply(tp, prepared(t, e, batch)).Keep()
				if out.Rows() != batch.Nodes() || out.Cols() != e.Channels() {
					t.Errorf("%s: %v, want [%d %d]", e.Name(), out.Shape(), batch.Nodes(), e.Channels())
				}
				tp.Backward(tp.Sum(tp.Square(out)))
				finite(t, e.Name(), out.Data())
				for _, p := range nn.Collect(encoder).Trainable() {
					finite(t, e.Name()+": "+p.Path, tp.Grad(p.Tensor))
				}
			}
		}
	}
}

func finite(t *testing.T, name string, x []float32) {
	t.Helper()
	for _, v := range x {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Errorf("%s: %v", name, v)
			return
		}
	}
}

// TestPermutation renumbers the nodes of a graph whose eigenvalues are single and whose vectors have one largest entry.
func TestPermutation(t *testing.T) {
	g := graphs.Undirected(9, [][2]int{{0, 1}, {1, 2}, {2, 3}, {3, 4}, {4, 5}, {2, 6}, {6, 7}, {3, 7}, {7, 8}, {1, 6}})
	perm := []int{4, 7, 0, 3, 8, 1, 6, 2, 5}
	for _, e := range variants() {
		encoder := newEncoder(t, e)
		x, y := encode(t, e, encoder, batchOf(t, g), tensor.Pass{}), encode(t, e, encoder, batchOf(t, g.Permute(perm)), tensor.Pass{})
		for i, to := range perm {
			for c, v := range x.Row(i) {
				if d := math.Abs(float64(v - y.Row(to)[c])); d > 1e-4 {
					t.Fatalf("%s: channel %d of node %d is %v, renumbered %v", e.Name(), c, i, v, y.Row(to)[c])
				}
			}
		}
	}
}

// TestBatchIsItsGraphs compares bits in evaluation.
func TestBatchIsItsGraphs(t *testing.T) {
	gs := []*graphs.Graph{drawn(7, 9, false, false, 1), graphs.Undirected(1, nil), drawn(40, 90, true, false, 4), graphs.Undirected(3, nil)}
	for _, e := range variants() {
		encoder := newEncoder(t, e)
		var single []float32
		for _, g := range gs {
			single = append(single, encode(t, e, encoder, batchOf(t, g), tensor.Pass{}).Data()...)
		}
		if !slices.Equal(single, encode(t, e, encoder, batchOf(t, gs...), tensor.Pass{}).Data()) {
			t.Errorf("%s: a batch has other bits than its graphs", e.Name())
		}
	}
}

// TestSigns checks that LapPE draws its signs by the seed, in training alone, and that SignNet has no use for them.
func TestSigns(t *testing.T) {
	b := batchOf(t, drawn(9, 14, false, false, 1), drawn(6, 8, false, false, 2))
	for _, e := range []LapPE{{}, {BatchNorm: true}} {
		encoder := newEncoder(t, e)
		seen := map[string]bool{}
		for seed := range uint64(10) {
			x := fmt.Sprint(encode(t, e, encoder, b, tensor.Pass{Train: true, Seed: seed}).Data())
			if x != fmt.Sprint(encode(t, e, encoder, b, tensor.Pass{Train: true, Seed: seed}).Data()) {
				t.Error("the same seed draws other signs")
			}
			seen[x] = true
		}
		if len(seen) < 5 {
			t.Errorf("10 seeds draw %d patterns of signs", len(seen))
		}
		x, y := encode(t, e, encoder, b, tensor.Pass{Seed: 1}), encode(t, e, encoder, b, tensor.Pass{Seed: 2})
		if !slices.Equal(x.Data(), y.Data()) {
			t.Error("evaluation depends on the seed")
		}
	}
	e := SignNet{Layers: 3}
	encoder, f := newEncoder(t, e), prepared(t, e, b)
	run := func() *tensor.Tensor {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		return encoder.Apply(tp, f).Value().Clone()
	}
	x := run()
	for i := range f.padded.Rows() {
		f.padded.Row(i)[1] *= -1
		f.padded.Row(i)[4] *= -1
	}
	if !slices.Equal(x.Data(), run().Data()) {
		t.Error("SignNet depends on signs")
	}
}

// TestSteadyPrepare checks that features are filled again without a trace of what they held.
func TestSteadyPrepare(t *testing.T) {
	large, small := batchOf(t, drawn(60, 150, false, false, 1), drawn(9, 14, true, false, 2)), batchOf(t, drawn(6, 7, false, false, 3))
	for _, e := range variants() {
		encoder := newEncoder(t, e)
		want := encode(t, e, encoder, small, tensor.Pass{})
		f := prepared(t, e, large)
		if err := e.Prepare(small, nil, nil, f); err != nil {
			t.Fatal(err)
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		if !slices.Equal(encoder.Apply(tp, f).Data(), want.Data()) {
			t.Errorf("%s: features depend on the batch before", e.Name())
		}
	}
}

func TestStableLapPE(t *testing.T) {
	b := batchOf(t, twoGraphs()...)
	for _, norm := range []bool{false, true} {
		e := StableLapPE{Waves: Waves{Frequencies: 4}, Width: 3, BatchNorm: norm}
		f := new(Features)
		if err := e.Prepare(b, nil, nil, f); err != nil {
			t.Fatal(err)
		}
		encoder, err := e.New(nn.NewInit(1))
		if err != nil {
			t.Fatal(err)
		}
		var from, to []int32
		for g, graph := range b.Graphs {
			for _, edge := range graph.Edges {
				from, to = append(from, int32(b.Offsets[g]+edge.From)), append(to, int32(b.Offsets[g]+edge.To))
			}
		}
		model := &gated{encoder, NewStableGate(3, nn.NewInit(2)), messages.NewEdges(b.Nodes(), from, to)}
		checkEncoder(t, model, f, tensor.Pass{Train: true}, func(r reference) matrix {
			s, x := encoder.(*stablePositions), newMatrix(b.Nodes(), 4)
			for i := range x {
				for c, v := range f.padded.Row(i) {
					x[i][c] = float64(v)
				}
			}
			if s.norm != nil {
				x = r.batchNorm(s.norm, x)
			}
			p, d := r.linear(s.linear, x), newMatrix(len(from), 1)
			for k := range from {
				for c := range p[0] {
					d[k][0] += (p[from[k]][c] - p[to[k]][c]) * (p[from[k]][c] - p[to[k]][c])
				}
			}
			out := r.linear(model.gate.Out, relu(r.linear(model.gate.In, d)))
			for k := range out {
				out[k][0] = 1 / (1 + math.Exp(-out[k][0]))
			}
			return out
		})
	}
}

// gated is positions and the weights of edges that are made of them.
type gated struct {
	positions Encoder
	gate      *StableGate
	edges     *messages.Edges
}

func (g *gated) Params(c *nn.Params) {
	c.Sub("positions", g.positions)
	c.Sub("gate", g.gate)
}

func (g *gated) Apply(tp *tensor.Tape, f *Features) *tensor.Var {
	return g.gate.Apply(tp, g.edges, g.positions.Apply(tp, f))
}

func TestDegree(t *testing.T) {
	g := graphs.Directed(4, [][2]int{{0, 1}, {2, 1}, {3, 1}, {1, 0}})
	e := Degree{Width: 2, Degrees: 3}
	encoder := newEncoder(t, e).(*degree)
	x := encode(t, e, encoder, batchOf(t, g), tensor.Pass{})
	for i, d := range [][2]int{{1, 1}, {2, 1}, {0, 1}, {0, 1}} { // three edges enter node 1: the last row
		for c := range 2 {
			if want := encoder.in.Row(d[0])[c] + encoder.out.Row(d[1])[c]; x.Row(i)[c] != want {
				t.Errorf("node %d has %v, want %v", i, x.Row(i)[c], want)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	for _, e := range []Encoding{
		RWSE{Steps: -1}, RWSE{Times: []int{}}, RWSE{Times: []int{0}}, RWSE{Times: []int{5000}}, RWSE{Space: math.NaN()}, RWSE{Reading: Reading{Width: -1}},
		LapPE{Waves: Waves{Frequencies: -1}}, LapPE{Model: 7}, LapPE{Width: -2}, LapPE{Model: Transformer, Width: 6}, LapPE{Waves: Waves{Norm: 9}},
		SignNet{Layers: 1}, SignNet{Model: 3}, SignNet{Out: -1}, SignNet{Waves: Waves{Laplacian: 3}},
		Degree{Degrees: -1}, Degree{Width: -1}, DegreeProfile{Reading{Layers: -1}}, HeatKernel{Times: []float64{}}, HeatKernel{Times: []float64{0}},
		HeatKernel{Space: math.Inf(1)}, Electrostatic{Reading{Width: -1}}, Combined{}, Combined{RWSE{}, LapPE{Width: -1}},
	} {
		if _, err := e.New(nn.NewInit(1)); err == nil || !strings.HasPrefix(err.Error(), "joined: ") {
			t.Errorf("%+v: %v", e, err)
		}
	}
	if _, err := (StableLapPE{}).New(nn.NewInit(1)); err == nil {
		t.Error("StableLapPE without a width is not refused")
	}
	// Features of another encoding.
	b := batchOf(t, twoGraphs()...)
	for _, e := range variants() {
		encoder := newEncoder(t, e)
		other := prepared(t, RWSE{Steps: 3}, b)
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s reads the features of another encoding", e.Name())
				}
			}()
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{})
			encoder.Apply(tp, other)
		}()
	}
}

func TestByName(t *testing.T) {
	for text, want := range map[string]Encoding{
		"rwse":                     RWSE{},
		"rwse:times=1x2x4:no-norm": RWSE{Times: []int{1, 2, 4}, Reading: Reading{NoNorm: true}},
		"lappe:width=16:frequencies=10:laplacian=sym:norm=wavelength-asin:model=Transformer": LapPE{Width: 16, Model: Transformer,
			Waves: Waves{Frequencies: 10, Laplacian: Symmetric, Norm: WavelengthAsin}},
		"lappe+rwse:width=20:steps=16": Combined{LapPE{}, RWSE{Steps: 16, Reading: Reading{Width: 20}}},
		"heat-kernel:times=0.5x2":      HeatKernel{Times: []float64{0.5, 2}},
		"signnet:model=DeepSet":        SignNet{Model: SignDeepSet},
	} {
		e, err := ByName(text)
		if err != nil || fmt.Sprintf("%#v", e) != fmt.Sprintf("%#v", want) {
			t.Errorf("%s: %#v, %v, want %#v", text, e, err, want)
		}
	}
	for text, part := range map[string]string{
		"rsew": `did you mean "rwse"`, "": "unknown encoding", "rwse:step=3": `did you mean "steps"`, "lappe+": "unknown encoding",
		"lappe:model=gru": "one of its names", "rwse:steps=x": "a whole number", "rwse:steps": "wants a value",
	} {
		if _, err := ByName(text); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q: %v, want a word of %s", text, err, part)
		}
	}
	for _, k := range List() {
		if k.Encoding.Name() != k.Name || k.About == "" {
			t.Errorf("%s is listed as %s", k.Encoding.Name(), k.Name)
		}
	}
	if names := Names(); len(names) != len(List()) {
		t.Errorf("names %v", names)
	}
	if name := (Combined{LapPE{}, RWSE{}}).Name(); name != "lappe+rwse" {
		t.Errorf("a combination is called %s", name)
	}
}
