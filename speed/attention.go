package speed

import (
	"math"
	"time"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// The sizes of the attention figures.
const (
	attentionHeads  = 8
	attentionDim    = 64 // of a head
	attentionWidth  = attentionHeads * attentionDim
	attentionTokens = 2048
	longTokens      = 16384
	cachedTokens    = 4096
)

// attentionForm is softmax attention with one of the things that an encoding may ask of it.
type attentionForm struct {
	suffix, about string
	causal        bool
	structure     func(tp *tensor.Tape, r *attention.Rotation, slopes *tensor.Tensor) attention.Structure
}

func attentionForms() []attentionForm {
	return []attentionForm{
		{"", "", false, func(*tensor.Tape, *attention.Rotation, *tensor.Tensor) attention.Structure {
			return attention.Structure{}
		}},
		{"_causal", ", causal", true, func(*tensor.Tape, *attention.Rotation, *tensor.Tensor) attention.Structure {
			return attention.Structure{Mask: attention.Mask{Causal: true}}
		}},
		{"_rotary", ", queries and keys rotated", false, func(_ *tensor.Tape, r *attention.Rotation, _ *tensor.Tensor) attention.Structure {
			return attention.Structure{RotateQuery: r, RotateKey: r}
		}},
		{"_alibi", ", biased by distance", false, func(tp *tensor.Tape, _ *attention.Rotation, slopes *tensor.Tensor) attention.Structure {
			return attention.Structure{Biases: []attention.Bias{attention.DistanceBias{Slopes: tp.Const(slopes)}}}
		}},
	}
}

// attentionPass is softmax attention over sequences laid end to end, and what it needs.
type attentionPass struct {
	tp                     *tensor.Tape
	offsets                []int
	query, key, value, out *tensor.Tensor
	slopes                 *tensor.Tensor
	rotation               *attention.Rotation
	form                   attentionForm
	cache                  *attention.Cache // of decoding; nil for none
}

func newAttentionPass(form attentionForm, lengths ...int) *attentionPass {
	p := &attentionPass{tp: tensor.NewTape(), form: form, offsets: []int{0}, slopes: tensor.New(attentionHeads)}
	n := 0
	for _, l := range lengths {
		n += l
		p.offsets = append(p.offsets, n)
	}
	for i, t := range []**tensor.Tensor{&p.query, &p.key, &p.value, &p.out} {
		*t = tensor.FromSlice(values(n*attentionWidth, uint64(i)), n, attentionWidth)
	}
	for h := range attentionHeads {
		p.slopes.Set(float32(math.Exp2(-float64(h+1))), h)
	}
	const pairs = attentionDim / 2
	p.rotation = &attention.Rotation{Cos: tensor.New(n, pairs), Sin: tensor.New(n, pairs), Pairs: pairs}
	for t := range n {
		for i := range pairs {
			sin, cos := math.Sincos(float64(t) * math.Pow(10000, -float64(i)/pairs))
			p.rotation.Cos.Set(float32(cos), t, i)
			p.rotation.Sin.Set(float32(sin), t, i)
		}
	}
	return p
}

// forward runs the attention; backward does so and returns the time that the gradients of a weighted sum of its result
// took.
func (p *attentionPass) forward() { p.pass(false) }

func (p *attentionPass) backward() time.Duration {
	out := p.pass(true)
	loss := p.tp.Sum(p.tp.Mul(out, p.tp.Const(p.out)))
	start := time.Now()
	p.tp.Backward(loss)
	return time.Since(start)
}

func (p *attentionPass) pass(grad bool) *tensor.Var {
	p.tp.Begin(tensor.Pass{Grad: grad})
	s := attention.Softmax{Heads: attentionHeads}
	return s.Apply(p.tp, attention.SoftmaxInput{
		Queries: p.offsets, Query: p.tp.Leaf(p.query), Key: p.tp.Leaf(p.key), Value: p.tp.Leaf(p.value),
		Structure: p.form.structure(p.tp, p.rotation, p.slopes), Cache: p.cache,
	}).Tokens
}

// attentionFlops are the floating-point operations of the products that attention over sequences of these lengths must
// do: two forward, Q K^T and A V, and five backward, which has to make A again.
func attentionFlops(products int, causal bool, lengths ...int) float64 {
	sum := 0.0
	for _, l := range lengths {
		pairs := float64(l) * float64(l)
		if causal {
			pairs = float64(l) * float64(l+1) / 2
		}
		sum += 2 * float64(products) * pairs * attentionWidth
	}
	return sum
}

// attentionKinds are softmax attention, forward and backward, plain and with what encodings ask of it.
func attentionKinds() []kind {
	var list []kind
	for _, form := range attentionForms() {
		list = append(list, kind{
			Entry: Entry{"attention_fwd" + form.suffix, flopsUnit, "softmax attention, 2,048 tokens, 8 heads of 64" + form.about},
			needs: []string{peakName},
			sample: func(w *workshop) (func() float64, error) {
				p, flops := newAttentionPass(form, attentionTokens), attentionFlops(2, form.causal, attentionTokens)
				return func() float64 { return flops / w.over(p.forward) / 1e9 }, nil
			},
		}, kind{
			Entry: Entry{"attention_bwd" + form.suffix, flopsUnit, "its gradients" + form.about},
			needs: []string{peakName},
			sample: func(w *workshop) (func() float64, error) {
				p, flops := newAttentionPass(form, attentionTokens), attentionFlops(5, form.causal, attentionTokens)
				return func() float64 { return flops / p.backward().Seconds() / 1e9 }, nil
			},
		})
	}
	return append(list,
		kind{Entry: Entry{"attention_ragged", "ratio", "64 sequences of 5 to 500 tokens: time over that of as many operations at 2,048 tokens"}, sample: attentionRagged},
		kind{Entry: Entry{"attention_memory", "MB", "memory beyond inputs and outputs, 16,384 tokens, forward and backward"}, sample: attentionMemory},
		kind{Entry: Entry{"attention_decode", "ratio", "a token with a cache of 4,096: bytes that stream_triad would move in that time over those of the cache"},
			sample: attentionDecode},
	)
}

// attentionRagged compares short sequences of many lengths with a long one, operation by operation.
func attentionRagged(w *workshop) (func() float64, error) {
	lengths := make([]int, 64)
	for i := range lengths {
		lengths[i] = 5 + i*(500-5)/(len(lengths)-1)
	}
	form := attentionForms()[0]
	long, short := newAttentionPass(form, attentionTokens), newAttentionPass(form, lengths...)
	work := attentionFlops(2, false, lengths...) / attentionFlops(2, false, attentionTokens)
	return func() float64 { return w.over(short.forward) / (work * w.over(long.forward)) }, nil
}

// attentionMemory runs once, which takes seconds: the memory is the same every time.
func attentionMemory(*workshop) (func() float64, error) {
	const rows = 4 * longTokens * attentionWidth
	beyond := -1.0
	return func() float64 {
		if beyond < 0 {
			p := newAttentionPass(attentionForms()[0], longTokens)
			p.backward()
			const held = 5 // the result, its gradient and those of the three inputs
			beyond = (float64(p.tp.PeakBytes()) - held*rows) / megabyte
		}
		return beyond
	}, nil
}

// attentionDecode measures a step of decoding: one token after a cache of many, in bytes that would go through the memory
// in that time.
func attentionDecode(w *workshop) (func() float64, error) {
	p, cache := newAttentionPass(attentionForms()[0], cachedTokens), &attention.Cache{}
	one := newAttentionPass(attentionForms()[0], 1)
	p.cache, one.cache = cache, cache
	p.forward()
	const bytes = 2 * 4 * cachedTokens * attentionWidth
	rate, err := triad(w)
	if err != nil {
		return nil, err
	}
	return func() float64 {
		seconds := w.over(func() {
			one.forward()
			cache.Truncate(0, cachedTokens)
		})
		return seconds * rate() * 1e9 / bytes
	}, nil
}
