package encodings_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// grown is items that are a trunk with branches: numbers of tokens, the trunk's first, and an order of every trunk.
type grown struct {
	sizes   [][]int
	orders  [][]int32
	weights bool // are asked for, which sends two-order another way
}

// lay returns a layout of the items, with branches; kind is that of the layout.
func (g grown) lay(kind encodings.Kind, rank int) (*encodings.Layout, error) {
	offsets, coords := []int{0}, []float64(nil)
	var branches, rows, other []int32
	for b, sizes := range g.sizes {
		at := 0
		for k, n := range sizes {
			for i := range n {
				branches, rows, other = append(branches, int32(k)), append(rows, int32(at)), append(other, int32(at))
				place := i
				if k > 0 {
					place += sizes[0]
				} else {
					other[len(other)-1] = g.orders[b][i]
				}
				for axis := range rank {
					coords = append(coords, float64(place)/float64(1+axis))
				}
				at++
			}
		}
		offsets = append(offsets, offsets[b]+at)
	}
	l, err := encodings.Sequences(offsets)
	switch kind {
	case encodings.Table:
		l, err = encodings.InOrders(offsets, rows, other)
	case encodings.Points:
		l, err = encodings.AtPoints(offsets, 0, rank, coords)
	}
	if err != nil {
		return nil, err
	}
	return l.WithBranches(branches)
}

// apart returns every branch, behind its trunk, as an item of its own, and where its tokens are in g.
func (g grown) apart() (out grown, tokens []int32) {
	first := 0
	for b, sizes := range g.sizes {
		at := first + sizes[0]
		for _, n := range sizes[1:] {
			out.sizes, out.orders = append(out.sizes, []int{sizes[0] + n}), append(out.orders, slices.Clone(g.orders[b]))
			last := len(out.orders) - 1
			for t := range sizes[0] {
				tokens = append(tokens, int32(first+t))
			}
			for i := range n {
				tokens = append(tokens, int32(at+i))
				out.orders[last] = append(out.orders[last], int32(sizes[0]+i))
			}
			at += n
		}
		first = at
	}
	return out, tokens
}

// trunkTokens tells of the tokens of apart which are the trunk's.
func (g grown) trunkTokens() (trunk []bool) {
	for _, sizes := range g.sizes {
		for _, n := range sizes[1:] {
			trunk = append(append(trunk, slices.Repeat([]bool{true}, sizes[0])...), make([]bool, n)...)
		}
	}
	return trunk
}

const branchWidth, branchHeads, branchLayers = 32, 2, 2

// branchPass runs two layers of attention over tokens x and returns them, with the gradient of x for that of the branches'
// tokens; probe is 0 for other tokens.
func branchPass(name string, e encodings.Encoder, l *encodings.Layout, x, probe *tensor.Tensor, weights bool) (out, dx []float32, err error) {
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{Grad: true})
	p, err := encodings.Begin(tp, name, e, l)
	if err != nil {
		return nil, nil, err
	}
	h := p.Tokens(tp, tp.Leaf(x))
	for layer := range branchLayers {
		a := &encodings.Attention{Layer: layer, Input: tp.RMSNorm(h, nil, 1e-6)}
		a.Heads, a.Queries, a.Mask, a.KeepWeights = branchHeads, l.Offsets, l.Causal(), weights
		a.Query, a.Key, a.Value = a.Input, tp.Scale(a.Input, 0.7), tp.Scale(a.Input, 1.3)
		h = tp.Add(h, a.Run(tp, p))
	}
	out = slices.Clone(h.Keep().Data())
	tp.Backward(tp.Sum(tp.Mul(h, tp.Const(probe))))
	return out, tp.Grad(x), nil
}

func gathered(x *tensor.Tensor, rows []int32) *tensor.Tensor {
	out := tensor.New(len(rows), x.Cols())
	for i, r := range rows {
		copy(out.Row(i), x.Row(int(r)))
	}
	return out
}

// sameBranches holds a layout with branches against one with every branch behind its trunk alone. The error is that of an
// encoding that does not serve it.
func sameBranches(t interface{ Fatalf(string, ...any) }, known encodings.Known, e encodings.Encoder, g grown, kind encodings.Kind, rank int) error {
	l, err := g.lay(kind, rank)
	if err != nil {
		t.Fatalf("%v", err)
	}
	rng := rand.New(rand.NewPCG(3, 9))
	x, probe := tensor.New(l.Tokens(), branchWidth), tensor.New(l.Tokens(), branchWidth)
	for i := range x.Data() {
		x.Data()[i], probe.Data()[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
		if l.Branches[i/branchWidth] == 0 {
			probe.Data()[i] = 0
		}
	}
	got, dx, err := branchPass(known.Name, e, l, x, probe, g.weights)
	if err != nil {
		return err
	}
	alone, tokens := g.apart()
	plain, err := alone.lay(kind, rank)
	if err != nil {
		t.Fatalf("%v", err)
	}
	plain.Branches = nil
	want, part, err := branchPass(known.Name, e, plain, gathered(x, tokens), gathered(probe, tokens), g.weights)
	if err != nil {
		t.Fatalf("%s serves branches and not their items alone: %v", known.Name, err)
	}
	sum := make([]float32, len(dx))
	trunk := g.trunkTokens()
	for i, token := range tokens {
		for c := range branchWidth {
			a, b := got[int(token)*branchWidth+c], want[i*branchWidth+c]
			if d := math.Abs(float64(a - b)); d > 2e-6*max(1, math.Abs(float64(b))) {
				t.Fatalf("%s, %v: token %d (trunk %v) is %v among branches and %v alone", known.Name, l, token, trunk[i], a, b)
			}
			sum[int(token)*branchWidth+c] += part[i*branchWidth+c]
		}
	}
	largest := 0.0
	for _, v := range sum {
		largest = max(largest, math.Abs(float64(v)))
	}
	for i := range sum {
		if d := math.Abs(float64(sum[i] - dx[i])); d > 1e-5*largest {
			t.Fatalf("%s, %v: the gradient of token %d is %v among branches, and the sum over them alone %v", known.Name, l, i/branchWidth, dx[i], sum[i])
		}
	}
	return nil
}

func branchEncoder(t testing.TB, k encodings.Known) encodings.Encoder {
	e, err := k.Encoding.New(encodings.Dims{Width: branchWidth, Heads: branchHeads, Layers: branchLayers}, nn.NewInit(3))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestBranches holds every encoding to it that a branch is what it would be alone, or is refused.
func TestBranches(t *testing.T) {
	g := grown{sizes: [][]int{{37, 5, 1, 30}, {3, 4, 4}}, orders: [][]int32{nil, {2, 0, 1}}}
	for i := range 37 {
		g.orders[0] = append(g.orders[0], int32(i*8%37))
	}
	layouts := []struct {
		kind encodings.Kind
		rank int
	}{{encodings.Sequence, 1}, {encodings.Table, 1}, {encodings.Points, 1}, {encodings.Points, 2}, {encodings.Points, 3}}
	refused := []string{"carope", "rcmha", "mdha", "md-tpe", "shortest-path", "rwse", "laplacian"}
	for _, k := range encodings.List() {
		e, served := branchEncoder(t, k), 0
		for _, l := range layouts {
			err := sameBranches(t, k, e, g, l.kind, l.rank)
			if err == nil {
				served++
			} else if !strings.Contains(err.Error(), "cannot serve") {
				t.Errorf("%s: %v", k.Name, err)
			}
		}
		if want := !slices.Contains(refused, k.Name); want != (served > 0) {
			t.Errorf("%s serves %d layouts with branches, want some: %v", k.Name, served, want)
		}
	}
}

// TestBranchesRefused: what goes by a whole sequence says so.
func TestBranchesRefused(t *testing.T) {
	g := grown{sizes: [][]int{{3, 2, 2}}, orders: [][]int32{{0, 1, 2}}}
	for want, e := range map[string]encodings.Encoding{
		"adds up phases":         encodings.CARoPE{},
		"convolution":            encodings.RCMHA{},
		"sums from token":        encodings.MDTPE{Axes: 1},
		"Scaling.Random draws":   encodings.RoPE{Scaling: encodings.Scaling{Random: true}},
		"NTK without Length":     encodings.RoPE{Scaling: encodings.Scaling{NTK: encodings.NTK{Factor: 2, Trained: 3}}},
		"SmoothKeys":             encodings.Decayed{Of: encodings.RoPE{}, Trained: 2, SmoothKeys: true},
		"Exempt counts":          encodings.Decayed{Of: encodings.RoPE{}, Trained: 2, Exempt: 3},
		"does not say":           silent{},
		"it decays does not say": encodings.Decayed{Of: silent{}, Trained: 2},
	} {
		enc, err := e.New(encodings.Dims{Width: branchWidth, Heads: branchHeads, Layers: branchLayers}, nn.NewInit(3))
		if err != nil {
			t.Fatal(err)
		}
		l, err := g.lay(encodings.Sequence, 1)
		if err != nil {
			t.Fatal(err)
		}
		_, err = encodings.Begin(tensor.NewTape(), e.Name(), enc, l)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), e.Name()+" cannot serve sequences with branches: ") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// silent is an encoding of others, which says nothing of branches.
type silent struct{ encodings.Bare }

func (silent) Name() string                                            { return "silent" }
func (silent) New(encodings.Dims, *nn.Init) (encodings.Encoder, error) { return silent{}, nil }
func (silent) Begin(*tensor.Tape, *encodings.Layout) (encodings.Positions, error) {
	return encodings.Silent{}, nil
}

// TestBranchesProperty draws trunks and branches.
func TestBranchesProperty(t *testing.T) {
	var two, bias encodings.Known
	for _, k := range encodings.List() {
		switch k.Name {
		case "two-order":
			two = k
		case "alibi":
			bias = k
		}
	}
	router, slopes := branchEncoder(t, two), branchEncoder(t, bias)
	rapid.Check(t, func(t *rapid.T) {
		g := grown{weights: rapid.Bool().Draw(t, "weights")}
		for range rapid.IntRange(1, 3).Draw(t, "items") {
			trunk := rapid.IntRange(0, 70).Draw(t, "trunk")
			g.sizes = append(g.sizes, append([]int{trunk}, rapid.SliceOfN(rapid.IntRange(1, 40), 1, 4).Draw(t, "branches")...))
			order := make([]int32, trunk)
			for i := range order {
				order[i] = int32(i)
			}
			g.orders = append(g.orders, rapid.Permutation(order).Draw(t, "order"))
		}
		if err := sameBranches(t, two, router, g, encodings.Table, 1); err != nil {
			t.Fatal(err)
		}
		if err := sameBranches(t, bias, slopes, g, encodings.Sequence, 1); err != nil {
			t.Fatal(err)
		}
	})
}

// TestWithBranches: what a layout says of branches, and which it refuses.
func TestWithBranches(t *testing.T) {
	offsets := []int{0, 7, 9}
	branches := []int32{0, 0, 1, 1, 2, 2, 2, 1, 2}
	l, err := encodings.InOrders(offsets, []int32{1, 0, 2, 3, 4, 6, 5, 0, 1})
	if err != nil {
		t.Fatal(err)
	}
	with, err := l.WithBranches(branches)
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{1, 0, 2, 3, 2, 4, 3, 0, 0}; !slices.Equal(with.Orders[0], want) || l.Orders[0][4] != 4 {
		t.Errorf("places %v, want %v", with.Orders[0], want)
	}
	if want := []float64{0, 1, 2, 3, 2, 3, 4, 0, 0}; !slices.Equal(with.Coords, want) || !slices.Equal(with.Flat().Coords, want) || with.Flat().Branches == nil {
		t.Errorf("coordinates %v, want %v", with.Coords, want)
	}
	if m := with.Causal(); !m.Trunk || !m.Causal || &m.QuerySegments[0] != &branches[0] {
		t.Errorf("the mask is %+v", m)
	}
	if m := l.Causal(); m.Trunk || m.QuerySegments != nil {
		t.Errorf("the mask of no branches is %+v", m)
	}
	grid, _ := encodings.OnGrid(1, 0, 3, 3)
	on, _ := encodings.ContinuedSequences(offsets, []int{0, 0}, nil)
	mixed, _ := encodings.InOrders(offsets, []int32{0, 1, 2, 4, 3, 5, 6, 0, 1})
	for want, c := range map[string]struct {
		l        *encodings.Layout
		branches []int32
	}{
		"branches in a 2-D grid":                  {grid, branches},
		"branches in sequences that go on":        {on, branches},
		"the branches of 3 tokens for 9":          {l, branches[:3]},
		"token 4 of item 0 is in branch 3":        {l, []int32{0, 0, 1, 1, 3, 3, 3, 0, 0}},
		"token 3 of item 0 is in branch 0":        {l, []int32{0, 0, 1, 0, 1, 1, 1, 0, 0}},
		"token 0 of item 1 is in branch 2":        {l, []int32{0, 0, 1, 1, 1, 1, 1, 2, 2}},
		"order 0 gives token 3 of item 0, of bra": {mixed, branches},
	} {
		if _, err := c.l.WithBranches(c.branches); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
