package sequences_test

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// reference computes a model in float64 loops, from the formulas.
type reference struct {
	c sequences.Config
	p map[string][]float64
}

func newReference(m *sequences.Model) *reference {
	r := &reference{m.Config, map[string][]float64{}}
	for _, t := range nn.Collect(m).All() {
		values := make([]float64, t.Tensor.Size())
		for i, v := range t.Tensor.Data() {
			values[i] = float64(v)
		}
		r.p[t.Path] = values
	}
	return r
}

// linear returns x Wᵀ + b.
func (r *reference) linear(name string, x []float64) []float64 {
	return product(r.p[name+".weight"], r.p[name+".bias"], x)
}

func product(w, bias, x []float64) []float64 {
	y := make([]float64, len(w)/len(x))
	for o := range y {
		if bias != nil {
			y[o] = bias[o]
		}
		for i, v := range x {
			y[o] += w[o*len(x)+i] * v
		}
	}
	return y
}

func (r *reference) norm(name string, x []float64) []float64 {
	mean, square := 0.0, 0.0
	if r.c.Norm == sequences.LayerNorm {
		for _, v := range x {
			mean += v / float64(len(x))
		}
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = (v - mean) / math.Sqrt(square+r.c.NormEps) * r.p[name+".weight"][i]
		if b := r.p[name+".bias"]; b != nil {
			y[i] += b[i]
		}
	}
	return y
}

func (r *reference) activation(x float64) float64 {
	gelu := func(x float64) float64 { return x / 2 * (1 + math.Erf(x/math.Sqrt2)) }
	silu := func(x float64) float64 { return x / (1 + math.Exp(-x)) }
	relu := func(x float64) float64 { return math.Max(x, 0) }
	switch r.c.FeedForward {
	case sequences.SwiGLU, sequences.SiLU:
		return silu(x)
	case sequences.GeGLU, sequences.GELU:
		return gelu(x)
	case sequences.GELUTanh:
		return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
	case sequences.SquaredReLU:
		return relu(x) * relu(x)
	}
	return relu(x)
}

// rotate turns the half-split pairs of every head of x by the place, as RoPE{} does.
func (r *reference) rotate(x []float64, place int) {
	if _, ok := r.c.Encoding.(encodings.RoPE); !ok {
		return
	}
	d := r.c.HeadDim
	for h := 0; h < len(x); h += d {
		for i := range d / 2 {
			sin, cos := math.Sincos(float64(place) * math.Pow(10000, -2*float64(i)/float64(d)))
			u, v := x[h+i], x[h+i+d/2]
			x[h+i], x[h+i+d/2] = u*cos-v*sin, v*cos+u*sin
		}
	}
}

// attend returns the attention of the last of the tokens n, which were normed.
func (r *reference) attend(block string, n [][]float64) []float64 {
	c, d := r.c, r.c.HeadDim
	last := len(n) - 1
	q := r.linear(block+"attention.query", n[last])
	r.rotate(q, last)
	out := make([]float64, c.Heads*d)
	for h := range c.Heads {
		kv := h / (c.Heads / c.KVHeads) * d
		scores, sum := make([]float64, len(n)), 0.0
		var values [][]float64
		for j, x := range n {
			k := r.linear(block+"attention.key", x)
			r.rotate(k, j)
			for f := range d {
				scores[j] += c.AttentionScale * q[h*d+f] * k[kv+f]
			}
			if c.SoftCap > 0 {
				scores[j] = c.SoftCap * math.Tanh(scores[j]/c.SoftCap)
			}
			if _, ok := c.Encoding.(encodings.ALiBi); ok {
				scores[j] -= float64(encodings.ALiBi{}.Slopes(c.Heads)[h]) * float64(last-j)
			}
			scores[j] = math.Exp(scores[j])
			sum += scores[j]
			values = append(values, r.linear(block+"attention.value", x))
		}
		for j := range n {
			for f := range d {
				out[h*d+f] += scores[j] / sum * values[j][kv+f]
			}
		}
	}
	return r.linear(block+"attention.output", out)
}

func (r *reference) feedForward(block string, n []float64) []float64 {
	up := r.linear(block+"feed_forward.up", n)
	var gate []float64
	if r.c.FeedForward.Gated() {
		gate = r.linear(block+"feed_forward.gate", n)
	}
	for i := range up {
		if gate != nil {
			up[i] *= r.activation(gate[i])
		} else {
			up[i] = r.activation(up[i])
		}
	}
	return r.linear(block+"feed_forward.down", up)
}

// logits returns those of every token of a sequence.
func (r *reference) logits(ids []int32) [][]float64 {
	c := r.c
	x := make([][]float64, len(ids))
	for t, id := range ids {
		x[t] = make([]float64, c.Width)
		for f := range x[t] {
			x[t][f] = c.EmbeddingScale * r.p["embedding.table"][int(id)*c.Width+f]
			if _, ok := c.Encoding.(encodings.Learned); ok {
				x[t][f] += r.p["encoding.table"][t*c.Width+f]
			}
		}
	}
	normed := func(name string) [][]float64 {
		n := make([][]float64, len(x))
		for t := range x {
			n[t] = r.norm(name, x[t])
		}
		return n
	}
	for k := range c.Layers {
		block := "block." + string(rune('0'+k)) + "."
		n := normed(block + "attention_norm")
		for t := range x {
			for f, v := range r.attend(block, n[:t+1]) {
				x[t][f] += c.ResidualScale * v
			}
		}
		n = normed(block + "feed_forward_norm")
		for t := range x {
			for f, v := range r.feedForward(block, n[t]) {
				x[t][f] += c.ResidualScale * v
			}
		}
	}
	head := r.p["head.weight"]
	if head == nil {
		head = r.p["embedding.table"]
	}
	out := normed("norm")
	for t := range out {
		out[t] = product(head, nil, out[t])
		for i := range out[t] {
			out[t][i] *= c.LogitScale
		}
	}
	return out
}

// loss returns the mean cross entropy over the targets of the examples.
func (r *reference) loss(examples []sequences.Example) float64 {
	sum, count := 0.0, 0
	for _, e := range examples {
		ids := append(append([]int32(nil), e.Prompt...), e.Target...)
		for t, row := range r.logits(ids[:len(ids)-1]) {
			if t+1 < len(e.Prompt) {
				continue
			}
			total := 0.0
			for _, v := range row {
				total += math.Exp(v)
			}
			sum += math.Log(total) - row[ids[t+1]]
			count++
		}
	}
	return sum / float64(count)
}

// forms are configurations that show every setting of the arithmetic.
func forms() map[string]sequences.Config {
	size := sequences.Config{Vocabulary: 11, Layers: 2, Width: 8, Heads: 4, KVHeads: 2, HeadDim: 4, FeedForwardWidth: 6, InitStd: 0.4}
	with := func(change func(c *sequences.Config)) sequences.Config {
		c := size
		change(&c)
		return c
	}
	small := size
	small.KVHeads = 0
	gpt2 := sequences.GPT2(small)
	t5 := small
	t5.Encoding = encodings.None{}
	t5 = sequences.T5Decoder(t5)
	for _, c := range []*sequences.Config{&gpt2, &t5} {
		c.Dropout, c.AttentionDropout, c.FeedForwardDropout, c.OutputDropout = 0, 0, 0, 0
		c.InitStd = 0.4
	}
	return map[string]sequences.Config{
		"llama": sequences.LLaMA(size), "gpt2": gpt2, "t5": t5, "minicpm": sequences.MiniCPM(size),
		"one head of keys": with(func(c *sequences.Config) { c.KVHeads = 1 }),
		"biases":           with(func(c *sequences.Config) { c.AttentionBias, c.FeedForwardBias = true, true }),
		"soft cap":         with(func(c *sequences.Config) { c.SoftCap = 1.5; c.Encoding = encodings.ALiBi{} }),
		"geglu":            with(func(c *sequences.Config) { c.FeedForward = sequences.GeGLU }),
		"reglu":            with(func(c *sequences.Config) { c.FeedForward = sequences.ReGLU }),
		"gelu":             with(func(c *sequences.Config) { c.FeedForward = sequences.GELU; c.AttentionScale = 0.3 }),
		"silu":             with(func(c *sequences.Config) { c.FeedForward = sequences.SiLU }),
		"squared relu":     with(func(c *sequences.Config) { c.FeedForward = sequences.SquaredReLU }),
	}
}

// scramble gives every parameter, norms and biases too, numbers that are all different.
func scramble(m *sequences.Model) {
	for k, t := range nn.Collect(m).All() {
		for i := range t.Tensor.Data() {
			t.Tensor.Data()[i] += 0.1 * float32(math.Sin(float64(i+1)*1.7+float64(k)))
		}
	}
}

func newModel(t testing.TB, c sequences.Config, seed uint64) *sequences.Model {
	t.Helper()
	m, err := sequences.New(c, seed)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func newBatch(t testing.TB, m *sequences.Model, o sequences.BatchOptions, examples ...sequences.Example) *sequences.Batch {
	t.Helper()
	b, err := sequences.NewBatch(m, examples, o)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// toyExamples have prompts and targets of several lengths, one a single token, one without a prompt.
func toyExamples() []sequences.Example {
	return []sequences.Example{
		{Prompt: []int32{1, 4, 2}, Target: []int32{3, 9}},
		{Prompt: []int32{7}, Target: []int32{5}},
		{Target: []int32{2, 2, 10, 0}},
	}
}

func TestAgainstReference(t *testing.T) {
	for name, c := range forms() {
		t.Run(name, func(t *testing.T) {
			m := newModel(t, c, 3)
			scramble(m)
			examples := toyExamples()
			r := newReference(m)
			tp := tensor.NewTape()

			tp.Begin(tensor.Pass{})
			got := m.Forward(tp, newBatch(t, m, sequences.BatchOptions{EveryToken: true}, examples...)).Value()
			row := 0
			for _, e := range examples {
				ids := append(append([]int32(nil), e.Prompt...), e.Target...)
				for _, want := range r.logits(ids[:len(ids)-1]) {
					for i, w := range want {
						if d := math.Abs(float64(got.At(row, i)) - w); d > 2e-5 {
							t.Fatalf("token %d: logit %d is %v, want %v", row, i, got.At(row, i), w)
						}
					}
					row++
				}
			}

			b := newBatch(t, m, sequences.BatchOptions{}, examples...)
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			loss := nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets())
			if got, want := float64(loss.Data()[0]), r.loss(examples); math.Abs(got-want) > 1e-5 {
				t.Errorf("loss %v, want %v", got, want)
			}
			tp.Backward(loss)
			checkGradients(t, m, tp, r, examples)
		})
	}
}

// checkGradients compares some elements of every gradient with central differences of the reference's loss.
func checkGradients(t *testing.T, m *sequences.Model, tp *tensor.Tape, r *reference, examples []sequences.Example) {
	t.Helper()
	const h = 1e-5
	for _, p := range nn.Collect(m).Trainable() {
		grad := tp.Grad(p.Tensor)
		if grad == nil {
			t.Errorf("%s has no gradient", p.Path)
			continue
		}
		values := r.p[p.Path]
		for i := 0; i < len(values); i += 1 + len(values)/3 {
			if strings.HasPrefix(p.Path, "encoding") && i >= 3*r.c.Width {
				break // places that no token has
			}
			old := values[i]
			values[i] = old + h
			up := r.loss(examples)
			values[i] = old - h
			down := r.loss(examples)
			values[i] = old
			if want := (up - down) / (2 * h); math.Abs(float64(grad[i])-want) > 1e-4*math.Max(1, math.Abs(want)) {
				t.Errorf("%s[%d]: gradient %v, want %v", p.Path, i, grad[i], want)
			}
		}
	}
}
