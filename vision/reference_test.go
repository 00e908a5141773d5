package vision_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// reference is a vision transformer in float64, written from the equations: one image at a time, loops alone, no ragged
// batch, no kernel. It knows the encodings none and learned, and a table of places only at its own size.
type reference struct {
	config vision.Config
	params map[string][]float64
}

func newReference(m *vision.Model) *reference {
	r := &reference{m.Config, map[string][]float64{}}
	for _, p := range nn.Collect(m).Trainable() {
		for _, v := range p.Tensor.Data() {
			r.params[p.Path] = append(r.params[p.Path], float64(v))
		}
	}
	return r
}

// get returns a parameter, which must exist.
func (r *reference) get(format string, args ...any) []float64 {
	path := fmt.Sprintf(format, args...)
	p, ok := r.params[path]
	if !ok {
		panic("no parameter " + path)
	}
	return p
}

// linear returns W x + b; a missing bias is none.
func (r *reference) linear(x []float64, path string) []float64 {
	w, b := r.get("%s.weight", path), r.params[path+".bias"]
	y := make([]float64, len(w)/len(x))
	for o := range y {
		for i, v := range x {
			y[o] += w[o*len(x)+i] * v
		}
		if b != nil {
			y[o] += b[o]
		}
	}
	return y
}

func (r *reference) norm(x []float64, path string) []float64 {
	mean, variance := 0.0, 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = r.get("%s.weight", path)[i]*(v-mean)/math.Sqrt(variance+r.config.NormEps) + r.get("%s.bias", path)[i]
	}
	return y
}

// patches returns the embedded patches of an image, zeros on its right and below.
func (r *reference) patches(m *vision.Image) [][]float64 {
	c := r.config
	var tokens [][]float64
	for top := 0; top < m.Height; top += c.PatchHeight {
		for left := 0; left < m.Width; left += c.PatchWidth {
			var patch []float64
			for y := top; y < top+c.PatchHeight; y++ {
				for x := left; x < left+c.PatchWidth; x++ {
					for ch := range m.Channels {
						v := 0.0
						if y < m.Height && x < m.Width {
							v = float64(m.Pixels[(y*m.Width+x)*m.Channels+ch])
						}
						patch = append(patch, v)
					}
				}
			}
			tokens = append(tokens, r.linear(patch, "stem.projection"))
		}
	}
	return tokens
}

func each(x [][]float64, f func([]float64) []float64) [][]float64 {
	y := make([][]float64, len(x))
	for t := range x {
		y[t] = f(x[t])
	}
	return y
}

// residual adds what a part made of the tokens, by the factors of LayerScale where there are any.
func (r *reference) residual(x, part [][]float64, scale string) {
	for t := range x {
		for i, v := range part[t] {
			if s := r.params[scale]; s != nil {
				v *= s[i]
			}
			x[t][i] += v
		}
	}
}

func softmax(s []float64) []float64 {
	sum, w := 0.0, make([]float64, len(s))
	for j, v := range s {
		w[j] = math.Exp(v)
		sum += w[j]
	}
	for j := range w {
		w[j] /= sum
	}
	return w
}

// attention is that of a layer of normed tokens, before the output's product, and its weights [heads][queries][keys].
func (r *reference) attention(n [][]float64, path string) (out [][]float64, weights [][][]float64) {
	project := func(name string) [][]float64 {
		return each(n, func(x []float64) []float64 { return r.linear(x, path+"."+name) })
	}
	q, k, v := project("query"), project("key"), project("value")
	dim := r.config.Width / r.config.Heads
	out = each(n, func(x []float64) []float64 { return make([]float64, len(x)) })
	weights = make([][][]float64, r.config.Heads)
	for h := range r.config.Heads {
		for i := range n {
			s := make([]float64, len(n))
			for j := range n {
				for c := h * dim; c < (h+1)*dim; c++ {
					s[j] += q[i][c] * k[j][c] / math.Sqrt(float64(dim))
				}
			}
			w := softmax(s)
			weights[h] = append(weights[h], w)
			for j := range n {
				for c := h * dim; c < (h+1)*dim; c++ {
					out[i][c] += w[j] * v[j][c]
				}
			}
		}
	}
	return out, weights
}

// gelu is x Φ(x).
func gelu(x float64) float64 { return x * 0.5 * (1 + math.Erf(x/math.Sqrt2)) }

// logits returns those of an image, and the attention weights of every layer.
func (r *reference) logits(m *vision.Image) (out []float64, weights [][][][]float64) {
	x := r.patches(m)
	if r.config.Pooling == vision.ClassToken {
		x = append([][]float64{append([]float64(nil), r.get("class_token")...)}, x...)
	}
	if r.config.Encoding != nil && r.config.Encoding.Name() == "learned" {
		for t := range x {
			for i := range x[t] {
				x[t][i] += r.get("encoding.table")[t*len(x[t])+i]
			}
		}
	}
	for k := range r.config.Layers {
		path := "block." + fmt.Sprint(k)
		a, w := r.attention(each(x, func(v []float64) []float64 { return r.norm(v, path+".attention_norm") }), path+".attention")
		weights = append(weights, w)
		r.residual(x, each(a, func(v []float64) []float64 { return r.linear(v, path+".attention.output") }), path+".attention_scale")
		r.residual(x, each(x, func(v []float64) []float64 {
			h := r.linear(r.norm(v, path+".feed_forward_norm"), path+".feed_forward.in")
			for i := range h {
				h[i] = gelu(h[i])
			}
			return r.linear(h, path+".feed_forward.out")
		}), path+".feed_forward_scale")
	}
	x = each(x, func(v []float64) []float64 { return r.norm(v, "norm") })
	read := x[0]
	if r.config.Pooling == vision.MeanPool {
		read = make([]float64, r.config.Width)
		for _, v := range x {
			for i := range v {
				read[i] += v[i] / float64(len(x))
			}
		}
	}
	return r.linear(read, "head"), weights
}

// loss is the mean cross entropy of the images' labels.
func (r *reference) loss(images []vision.Image) float64 {
	sum := 0.0
	for i := range images {
		y, _ := r.logits(&images[i])
		sum -= math.Log(softmax(y)[images[i].Label]) / float64(len(images))
	}
	return sum
}

// referenceCases are models that the reference knows, with images for them.
func referenceCases() map[string]struct {
	config vision.Config
	images []vision.Image
} {
	type of = struct {
		config vision.Config
		images []vision.Image
	}
	token, mean := tiny(), tiny()
	token.Width, mean.Width, token.LayerScale = 8, 8, 0.5
	token.NormEps = 1e-3
	token.Encoding = encodings.Learned{}
	mean.Encoding, mean.Pooling = encodings.None{}, vision.MeanPool
	return map[string]of{
		"class token, table, layer scale": {token, []vision.Image{noise(12, 8, 2, 1), noise(11, 7, 2, 2)}}, // padded to the same grid
		"mean, no places, several sizes":  {mean, []vision.Image{noise(5, 7, 2, 1), noise(1, 1, 2, 2), noise(12, 2, 2, 3)}},
	}
}

// TestReference compares logits with the reference, and gradients of all parameters with its central differences.
func TestReference(t *testing.T) {
	for name, c := range referenceCases() {
		t.Run(name, func(t *testing.T) {
			m := mustNew(t, c.config, 1)
			stir(m, 2)
			r := newReference(m)
			b := mustBatch(t, m, c.images...)
			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{Grad: true})
			y := m.Forward(tp, b).Keep()
			for i := range c.images {
				want, _ := r.logits(&c.images[i])
				for k, w := range want {
					if got := float64(y.Value().Row(i)[k]); math.Abs(got-w) > 1e-5*math.Max(1, math.Abs(w)) {
						t.Errorf("image %d: logit %d is %v, want %v", i, k, got, w)
					}
				}
			}
			loss := nn.SoftCrossEntropy{}.Loss(tp, y, b.Targets())
			tp.Backward(loss)
			checkGradients(t, m, tp, r, c.images)
		})
	}
}

func checkGradients(t *testing.T, m *vision.Model, tp *tensor.Tape, r *reference, images []vision.Image) {
	t.Helper()
	for _, p := range nn.Collect(m).Trainable() {
		g := tp.Grad(p.Tensor)
		if g == nil {
			t.Errorf("%s has no gradient", p.Path)
			continue
		}
		x := r.params[p.Path]
		largest, worst := 0.0, 0.0
		for i := 0; i < len(x); i += 1 + len(x)/24 { // some of the large ones
			const h = 1e-5
			old := x[i]
			x[i] = old + h
			up := r.loss(images)
			x[i] = old - h
			down := r.loss(images)
			x[i] = old
			want := (up - down) / (2 * h)
			largest = math.Max(largest, math.Abs(want))
			worst = math.Max(worst, math.Abs(want-float64(g[i])))
		}
		if worst > 1e-4*math.Max(largest, 1e-2) {
			t.Errorf("%s: a gradient is off by %v, the largest is %v", p.Path, worst, largest)
		}
	}
}
