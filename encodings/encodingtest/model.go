package encodingtest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// model is a small transformer around an encoder.
type model struct {
	dims    encodings.Dims
	encoder encodings.Encoder
	params  *nn.Params // of the encoder
	layers  []*layer
	tape    *tensor.Tape // of passes that do not bring their own
}

type layer struct{ query, key, value, out *nn.Linear }

func newInit() *nn.Init { return nn.NewInit(11) }

// newModel makes a model whose encoder has its initial parameters.
func (k *kit) newModel() (*model, error) {
	d := k.options.Dims
	encoder, err := k.encoding.New(d, newInit())
	if err != nil {
		return nil, err
	}
	if encoder == nil {
		return nil, fmt.Errorf("neither an encoder nor an error comes from New")
	}
	m := &model{dims: d, encoder: encoder, params: nn.Collect(encoder), tape: k.tape}
	init := nn.NewInit(12)
	for range d.Layers {
		m.layers = append(m.layers, &layer{
			query: nn.NewLinearNoBias(d.Width, d.Heads*d.HeadDim, init),
			key:   nn.NewLinearNoBias(d.Width, d.KVHeads*d.HeadDim, init),
			value: nn.NewLinearNoBias(d.Width, d.KVHeads*d.HeadDim, init),
			out:   nn.NewLinearNoBias(d.Heads*d.HeadDim, d.Width, init),
		})
	}
	return m, nil
}

// mustModel makes a model whose encoder's parameters were moved a little.
func (k *kit) mustModel() *model {
	m, err := k.newModel()
	if err != nil {
		panic(err)
	}
	random := rand.New(rand.NewPCG(13, 0))
	for _, p := range m.params.Trainable() {
		for i := range p.Tensor.Data() {
			p.Tensor.Data()[i] += float32(0.1 * random.NormFloat64())
		}
	}
	return m
}

// input returns tokens for a layout.
func (m *model) input(l Layout) *tensor.Tensor { return noise(14, l.Tokens(), m.dims.Width) }

// noise returns standard normal numbers.
func noise(seed uint64, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range t.Data() {
		t.Data()[i] = float32(random.NormFloat64())
	}
	return t
}

// pass says how the model is run.
type pass struct {
	tensor.Pass
	tape   *tensor.Tape // nil means the model's
	noLoss bool
}

// result is what a run gives, in memory of its own.
type result struct {
	out   []float32 // [tokens, width]
	value float64   // the sum of out times a probe, plus the encoding's loss
	loss  []float32 // the encoding's loss; nil where it has none
	input []float32 // the gradient of the tokens; nil where the pass has none
	grads [][]float32
	wrong []string // shapes that are not those of the contract
}

// run puts tokens x through the model.
func (m *model) run(p pass, l Layout, x *tensor.Tensor) (*result, error) {
	tp := p.tape
	if tp == nil {
		tp = m.tape
	}
	tp.Begin(p.Pass)
	positions, err := m.encoder.Begin(tp, l.Layout)
	if err != nil {
		return nil, err
	}
	r := &result{}
	if positions == nil {
		return nil, fmt.Errorf("neither positions nor an error come from Begin")
	}
	expect := func(what string, v *tensor.Var, rows, cols int) bool {
		if v == nil || v.Rows() != rows || v.Cols() != cols {
			r.wrong = append(r.wrong, fmt.Sprintf("%s, expected [%d %d]", describe(what, v), rows, cols))
			return false
		}
		return true
	}
	d := m.dims
	h := positions.Tokens(tp, tp.Leaf(x))
	if !expect("Tokens returns", h, l.Tokens(), d.Width) {
		return r, nil
	}
	for i := range m.layers {
		a := m.attention(tp, i, h, l)
		y := a.Run(tp, positions)
		// Heads of queries and keys may have become wider; the kernel sees to it that they fit each other.
		if !expect("attention returns", y, l.Tokens(), d.Heads*d.HeadDim) {
			return r, nil
		}
		h = tp.Add(h, m.layers[i].out.Apply(tp, y))
	}
	h.Keep()
	probe := noise(15, l.Tokens(), d.Width)
	total := tp.Sum(tp.Mul(h, tp.Const(probe)))
	if loss := positions.Loss(tp); loss != nil {
		if !expect("Loss returns", loss, 1, 1) || len(loss.Shape()) != 0 {
			r.wrong = append(r.wrong, fmt.Sprintf("Loss returns the shape %v, expected a scalar", loss.Shape()))
			return r, nil
		}
		r.loss = append([]float32{}, loss.Data()...)
		if !p.noLoss {
			r.value = float64(loss.Data()[0])
			total = tp.Add(total, loss)
		}
	}
	r.out = append([]float32{}, h.Data()...)
	for i, y := range r.out {
		r.value += float64(y) * float64(probe.Data()[i])
	}
	if p.Grad {
		tp.Backward(total)
		r.input = append([]float32{}, tp.Grad(x)...)
		for _, t := range m.params.Trainable() {
			r.grads = append(r.grads, append([]float32(nil), tp.Grad(t.Tensor)...))
		}
	}
	return r, nil
}

// attention returns the attention of layer i, before the encoding has its say.
func (m *model) attention(tp *tensor.Tape, i int, h *tensor.Var, l Layout) *encodings.Attention {
	a := &encodings.Attention{Layer: i, Input: tp.RMSNorm(h, nil, 1e-6)}
	a.Heads, a.KVHeads = m.dims.Heads, m.dims.KVHeads
	a.Queries = l.Offsets
	a.Query, a.Key, a.Value = m.layers[i].query.Apply(tp, a.Input), m.layers[i].key.Apply(tp, a.Input), m.layers[i].value.Apply(tp, a.Input)
	a.Mask.Causal = l.Causal
	return a
}

func describe(what string, v *tensor.Var) string {
	if v == nil {
		return what + " nil"
	}
	return fmt.Sprintf("%s %v", what, v.Shape())
}

// differs returns the first place where two slices have different bits, -1 where there is none.
func differs(a, b []float32) int {
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return i
		}
	}
	return -1
}

// apart returns how far two slices are from each other at most, relative to the largest magnitude of the first, and
// where.
func apart(want, got []float32) (distance float64, at int) {
	largest := 1e-6
	for _, x := range want {
		largest = max(largest, math.Abs(float64(x)))
	}
	for i, x := range want {
		if d := math.Abs(float64(x)-float64(got[i])) / largest; !(d <= distance) {
			distance, at = d, i
		}
	}
	return distance, at
}
