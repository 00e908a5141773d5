package encodings

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// rotaryKind is a rotary encoding with the number of coordinates that it wants of tokens.
type rotaryKind struct {
	of   Encoding
	axes int
}

func rotaryKinds() []rotaryKind {
	return []rotaryKind{
		{RoPE{}, 1}, {RoPE{Interleaved: true, Partial: 0.5}, 1}, {RoPE{Scaling: Scaling{Linear: 4, Power: 0.5}}, 1},
		{RoPE{Scaling: Scaling{NTK: NTK{Factor: 2, Trained: 4}}}, 1}, {RoPE{Scaling: Scaling{Truncate: 16}}, 1},
		{XPos{}, 1}, {AxialRoPE{}, 2}, {AxialRoPE{Axes: 3, HalfSplit: true}, 3}, {AxialRoPE{Shares: []int{2, 6, 4}, SlowestFirst: true}, 3},
		{AxialRoPE{Axes: 1}, 1}, {EVA{}, 2}, {MRoPE{}, 3}, {MixedRoPE{}, 2}, {ComplexFormer{}, 1},
		{ComRoPE{}, 2}, {ComRoPE{Block: 2, Axes: 1}, 1}, {ComRoPE{Kind: AxialPartition, Block: 4}, 2}, {ComRoPE{Kind: Vanilla}, 2},
		{ComRoPE{Kind: LieRE, Block: 4}, 2},
	}
}

func (k rotaryKind) String() string { return fmt.Sprintf("%s%+v", k.of.Name(), k.of) }

// rotaryDims are of a model in which two heads share keys.
var rotaryDims = Dims{Width: 64, Heads: 4, KVHeads: 2, HeadDim: 16, Layers: 2}

// rotaryRun returns the attention of given queries, keys and values, after the encoding turned them.
func rotaryRun(t testing.TB, tp *tensor.Tape, enc Encoder, l *Layout, q, k, v *tensor.Tensor, keep bool) (*Attention, *tensor.Var) {
	a := &Attention{Layer: 1, Softmax: attention.Softmax{Heads: rotaryDims.Heads, KVHeads: rotaryDims.KVHeads, KeepWeights: keep}}
	a.Queries = l.Offsets
	a.Query, a.Key, a.Value = tp.Leaf(q), tp.Leaf(k), tp.Leaf(v)
	p := mustBegin(t, tp, enc, l)
	return a, a.Run(tp, p)
}

// rotaryInputs are queries, keys and values of a number of tokens.
func rotaryInputs(tokens int, seed uint64) (q, k, v *tensor.Tensor) {
	d, init := rotaryDims, nn.NewInit(seed)
	q, k, v = tensor.New(tokens, d.Heads*d.HeadDim), tensor.New(tokens, d.KVHeads*d.HeadDim), tensor.New(tokens, d.KVHeads*d.HeadDim)
	for _, x := range []*tensor.Tensor{q, k, v} {
		init.Normal(x, 1)
	}
	return q, k, v
}

// TestRotaryShift: where an encoding says that it is relative, moving all tokens changes no weight; LieRE, which says
// that it is not, is not.
func TestRotaryShift(t *testing.T) {
	for _, kind := range rotaryKinds() {
		enc := mustEncoder(t, kind.of, rotaryDims)
		worst := 0.0
		rng := rand.New(rand.NewPCG(1, uint64(kind.axes)))
		for n := 1; n <= 6; n++ {
			coords, moved := make([]float64, n*kind.axes), make([]float64, n*kind.axes)
			for i := range coords {
				coords[i] = 8*rng.Float64() - 4
			}
			for axis := range kind.axes {
				by := 8*rng.Float64() - 4
				for i := axis; i < len(coords); i += kind.axes {
					moved[i] = coords[i] + by
				}
			}
			q, k, v := rotaryInputs(n, 9)
			tp := tape(false)
			a, _ := rotaryRun(t, tp, enc, mustLayout(t)(AtPoints([]int{0, n}, 0, kind.axes, coords)), q, k, v, true)
			b, _ := rotaryRun(t, tp, enc, mustLayout(t)(AtPoints([]int{0, n}, 0, kind.axes, moved)), q, k, v, true)
			for i, w := range a.Weights.Data() {
				worst = max(worst, math.Abs(float64(w-b.Weights.Data()[i])))
			}
		}
		if relative := enc.(interface{ Relative() bool }).Relative(); relative != (worst < 1e-4) {
			t.Errorf("%v: Relative is %v, a shift moves weights by %v", kind, relative, worst)
		}
	}
}

// TestRotaryNorms: turning keeps the length of queries and keys; XPos, which scales them, keeps the products of a query
// and key at the same place.
func TestRotaryNorms(t *testing.T) {
	for _, kind := range rotaryKinds() {
		if kind.of.Name() == "xpos" || kind.of.Name() == "complexformer" {
			continue
		}
		enc := mustEncoder(t, kind.of, rotaryDims)
		q, k, v := rotaryInputs(7, 4)
		coords := make([]float64, 7*kind.axes)
		for i := range coords {
			coords[i] = float64(i*i%23) - 2.5
		}
		tp := tape(false)
		a, _ := rotaryRun(t, tp, enc, mustLayout(t)(AtPoints([]int{0, 7}, 0, kind.axes, coords)), q, k, v, false)
		turned := a.Key
		if a.RotateKey != nil {
			turned = a.RotateKey.Apply(tp, a.Key, rotaryDims.KVHeads)
		}
		for r := range 7 {
			was, is := 0.0, 0.0
			for c, x := range k.Row(r) {
				was += float64(x) * float64(x)
				is += float64(turned.Value().Row(r)[c]) * float64(turned.Value().Row(r)[c])
			}
			if math.Abs(was-is) > 1e-4*was {
				t.Errorf("%v: key %d has the squared length %v, before %v", kind, r, is, was)
			}
		}
	}
}

// rotaryLayouts are a ragged batch and its items one by one, with coordinates that are whole, negative and neither.
func rotaryLayouts(t testing.TB, axes int) (batch *Layout, items []*Layout) {
	offsets := []int{0, 5, 5, 6, 15}
	coords := make([]float64, 15*axes)
	for i := range coords {
		coords[i] = float64(i * 7 % 11)
		if i%4 == 3 {
			coords[i] -= 5.25
		}
	}
	for b := range 4 {
		lo, hi := offsets[b], offsets[b+1]
		items = append(items, mustLayout(t)(AtPoints([]int{0, hi - lo}, 1, axes, coords[lo*axes:hi*axes])))
	}
	return mustLayout(t)(AtPoints(offsets, 1, axes, coords)), items
}

// TestRotaryRagged: a batch gives what its items give one by one, bit for bit, with gradients, at any number of
// processors; an item may be empty or a single token, and so may the batch.
func TestRotaryRagged(t *testing.T) {
	for _, kind := range rotaryKinds() {
		enc := mustEncoder(t, kind.of, rotaryDims)
		batch, items := rotaryLayouts(t, kind.axes)
		q, k, v := rotaryInputs(batch.Tokens(), 6)
		probe := tensor.New(batch.Tokens(), rotaryDims.Heads*rotaryDims.HeadDim)
		nn.NewInit(8).Normal(probe, 1)
		run := func(l *Layout, lo int) [3][]float32 {
			part := func(x *tensor.Tensor) *tensor.Tensor {
				return tensor.FromSlice(x.Data()[lo*x.Cols():(lo+l.Tokens())*x.Cols()], l.Tokens(), x.Cols())
			}
			tp := tape(false)
			q, k := part(q), part(k)
			_, out := rotaryRun(t, tp, enc, l, q, k, part(v), false)
			y := slices.Clone(out.Data())
			tp.Backward(dotLoss(tp, out, part(probe)))
			return [3][]float32{y, slices.Clone(tp.Grad(q)), slices.Clone(tp.Grad(k))}
		}
		whole := run(batch, 0)
		procs := runtime.GOMAXPROCS(1)
		single := run(batch, 0)
		runtime.GOMAXPROCS(procs)
		var joined [3][]float32
		for b, l := range items {
			for n, x := range run(l, batch.Offsets[b]) {
				joined[n] = append(joined[n], x...)
			}
		}
		for n, name := range []string{"output", "gradient of queries", "gradient of keys"} {
			if !slices.Equal(whole[n], single[n]) {
				t.Errorf("%v: the %s differs on one processor", kind, name)
			}
			if !slices.Equal(whole[n], joined[n]) {
				t.Errorf("%v: the %s differs from that of single items", kind, name)
			}
		}
		none := mustLayout(t)(AtPoints([]int{0}, 0, kind.axes, nil))
		if out := run(none, 0); len(out[0]) != 0 {
			t.Errorf("%v: no items have %d outputs", kind, len(out[0]))
		}
	}
}

// TestRotaryGradients: parameters against central differences, through the whole attention with shared heads.
func TestRotaryGradients(t *testing.T) {
	for _, kind := range rotaryKinds() {
		enc := mustEncoder(t, kind.of, rotaryDims)
		params := nn.Collect(enc).Trainable()
		if len(params) == 0 {
			continue
		}
		l, _ := rotaryLayouts(t, kind.axes)
		for i := range l.Coords {
			l.Coords[i] *= 0.1 // angles of a few radians, where differences are good
		}
		q, k, v := rotaryInputs(l.Tokens(), 2)
		probe := tensor.New(l.Tokens(), rotaryDims.Heads*rotaryDims.HeadDim)
		nn.NewInit(3).Normal(probe, 1)
		tp := tape(false)
		_, out := rotaryRun(t, tp, enc, l, q, k, v, false)
		tp.Backward(dotLoss(tp, out, probe))
		loss := func() float64 {
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{})
			_, out := rotaryRun(t, tp, enc, l, q, k, v, false)
			sum := 0.0
			for n, y := range out.Data() {
				sum += float64(y) * float64(probe.Data()[n])
			}
			return sum
		}
		for _, p := range params {
			g := tp.Grad(p.Tensor)
			if strings.HasPrefix(p.Path, "layer.0.") {
				if g != nil {
					t.Errorf("%v: %s has a gradient from layer 1", kind, p.Path)
				}
				continue
			}
			biggest := 0.0
			for _, v := range g {
				biggest = max(biggest, math.Abs(float64(v)))
			}
			for n := 0; n < len(g); n += 1 + len(g)/6 {
				const h = 1.0 / 512
				old := p.Tensor.Data()[n]
				p.Tensor.Data()[n] = old + h
				up := loss()
				p.Tensor.Data()[n] = old - h
				down := loss()
				p.Tensor.Data()[n] = old
				if want := (up - down) / (2 * h); math.Abs(float64(g[n])-want) > 1e-2*max(biggest, 0.1) {
					t.Errorf("%v: gradient %d of %s is %v, want %v", kind, n, p.Path, g[n], want)
				}
			}
		}
	}
}

// TestRotaryTable: whole coordinates come from the table and others do not; both are the same numbers.
func TestRotaryTable(t *testing.T) {
	enc := mustEncoder(t, RoPE{}, Dims{Width: 16, Heads: 1}).(*ropeEncoder)
	for _, n := range []int{3, 300, 7} {
		tp := tape(false)
		turn, _ := rotations(tp, mustBegin(t, tp, enc, mustLayout(t)(Sequences([]int{0, n, 2 * n}))))
		for row := range 2 * n {
			for i, w := range enc.freqs {
				s, c := math.Sincos(float64(row%n) * w)
				if turn.Cos.Row(row)[i] != float32(c) || turn.Sin.Row(row)[i] != float32(s) {
					t.Fatalf("row %d of %d has (%v, %v) at pair %d, want (%v, %v)", row, n, turn.Cos.Row(row)[i], turn.Sin.Row(row)[i], i, c, s)
				}
			}
		}
	}
	tp := tape(false)
	far, _ := rotations(tp, mustBegin(t, tp, enc, mustLayout(t)(ContinuedSequences([]int{0, 1}, []int{1 << 20}, nil))))
	if s, _ := math.Sincos(float64(1 << 20)); far.Sin.Data()[0] != float32(s) {
		t.Errorf("a place far out has sine %v, want %v", far.Sin.Data()[0], s)
	}
	if rows := enc.table.Load().rows; rows != 512 {
		t.Errorf("the table has %d rows, want 512", rows)
	}
}

// TestRotaryAllocates: passes of a steady loop allocate a few small things, none of the size of the batch, and the
// operations nothing at all.
func TestRotaryAllocates(t *testing.T) {
	for _, kind := range rotaryKinds() {
		if kind.of.Name() == "liere" {
			continue // its passes are too slow to be repeated here, and its operation is ComRoPE's
		}
		enc := mustEncoder(t, kind.of, rotaryDims)
		coords := make([]float64, 200*kind.axes)
		for i := range coords {
			coords[i] = float64(i / kind.axes % 14)
		}
		l := mustLayout(t)(AtPoints([]int{0, 90, 200}, 0, kind.axes, coords))
		q, k, _ := rotaryInputs(200, 1)
		tp := tensor.NewTape()
		a := &Attention{}
		pass := func() {
			tp.Begin(tensor.Pass{Grad: true})
			p := mustBegin(t, tp, enc, l)
			*a = Attention{}
			a.Query, a.Key = tp.Leaf(q), tp.Leaf(k)
			p.Attend(tp, a)
			tp.Backward(tp.Add(tp.Sum(a.Query), tp.Sum(a.Key)))
		}
		pass()
		// The least of three rounds: a collection may take the scratch that matrix products keep.
		bytes := uint64(math.MaxUint64)
		for range 3 {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			const passes = 10
			for range passes {
				pass()
			}
			runtime.ReadMemStats(&after)
			bytes = min(bytes, (after.TotalAlloc-before.TotalAlloc)/passes)
		}
		if bytes > 4096 {
			t.Errorf("%v: a pass allocates %d bytes", kind, bytes)
		}
	}
}
