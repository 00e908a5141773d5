package vision_test

import (
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

// rollout is the paper's definition, matrix by matrix, on the reference's weights: [layers][heads][queries][keys].
func rollout(weights [][][][]float64, leading int) []float64 {
	n := len(weights[0][0])
	product := make([][]float64, n)
	for i := range product {
		product[i] = make([]float64, n)
		product[i][i] = 1
	}
	for _, heads := range weights {
		next := make([][]float64, n)
		for i := range next {
			next[i] = make([]float64, n)
			for j := range n {
				a := 0.0
				for _, w := range heads {
					a += 0.5 * w[i][j] / float64(len(heads))
				}
				if i == j {
					a += 0.5
				}
				for k := range n {
					next[i][k] += a * product[j][k]
				}
			}
		}
		product = next
	}
	if leading > 0 {
		return product[0][leading:]
	}
	mean := make([]float64, n)
	for _, row := range product {
		for k, v := range row {
			mean[k] += v / float64(n)
		}
	}
	return mean
}

// TestRollout compares maps with the product of matrices of the reference's weights.
func TestRollout(t *testing.T) {
	for name, c := range referenceCases() {
		t.Run(name, func(t *testing.T) {
			m := mustNew(t, c.config, 1)
			stir(m, 2)
			maps, err := m.Relevance(mustBatch(t, m, c.images...))
			if err != nil {
				t.Fatal(err)
			}
			r := newReference(m)
			for i := range c.images {
				_, weights := r.logits(&c.images[i])
				leading := 1 - int(c.config.Pooling)
				want := rollout(weights, leading)
				sum := 0.0
				for k, w := range want {
					sum += w
					if got := float64(maps[i].Values[k]); math.Abs(got-w) > 1e-6 {
						t.Errorf("image %d: patch %d has %v, want %v", i, k, got, w)
					}
				}
				if maps[i].Grid.Height*maps[i].Grid.Width != len(maps[i].Values) || leading == 0 && math.Abs(sum-1) > 1e-5 {
					t.Errorf("image %d: a map of %v with the sum %v", i, maps[i].Grid, sum)
				}
			}
		})
	}
}

// TestRelevanceRefuses: a model without weights says what to choose.
func TestRelevanceRefuses(t *testing.T) {
	c := tiny()
	c.Attention, c.Encoding = vision.Linear, encodings.MDLRPE{}
	m := mustNew(t, c, 1)
	_, err := m.Relevance(mustBatch(t, m, noise(12, 8, 2, 1)))
	if want := "vision: attention rollout follows the weights of softmax attention, and linear attention forms none: train a model with attention: softmax"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// TestResize: pixels get the values of the patches, those between two centres a mixture.
func TestResize(t *testing.T) {
	r := vision.Relevance{Grid: tensor.Size{Height: 1, Width: 2}, Cell: tensor.Size{Height: 2, Width: 4}, Values: []float32{0, 1}}
	got := r.Resize(tensor.Size{Height: 2, Width: 7})
	want := []float32{0, 0, 0.125, 0.375, 0.625, 0.875, 1}
	for i, v := range got {
		if v != want[i%7] {
			t.Errorf("pixel %d has %v, want %v", i, v, want[i%7])
		}
	}
	if r.At(0, 1) != 1 || len(got) != 14 {
		t.Errorf("%v of %d pixels", r.At(0, 1), len(got))
	}
}

// TestInspect: weights of all layers, every query's of the sum 1, also where a mask hides keys.
func TestInspect(t *testing.T) {
	for _, name := range []string{"cca", "axial-rope"} {
		c := tiny()
		c.Encoding = mustEncoding(t, name)
		m := mustNew(t, c, 1)
		layers := 0
		err := m.Inspect(mustBatch(t, m, mixed()...), func(a *encodings.Attention) {
			layers++
			row := 0
			for b := range len(a.Queries) - 1 {
				n := a.Queries[b+1] - a.Queries[b]
				for range n {
					for h := range 2 {
						sum := 0.0
						for j := range n {
							sum += float64(a.Weights.Row(row + j)[h])
						}
						if math.Abs(sum-1) > 1e-5 {
							t.Errorf("%s: weights of image %d have the sum %v", name, b, sum)
						}
					}
					row += n
				}
			}
		})
		if err != nil || layers != 2 {
			t.Errorf("%s: %d layers, %v", name, layers, err)
		}
	}
	if _, err := vision.NewBatch(mustNew(t, tiny(), 1), []vision.Image{{}}); err == nil || !strings.Contains(err.Error(), "image 0") {
		t.Error(err)
	}
}
