package nn_test

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// moments returns mean, standard deviation and largest magnitude.
func moments(t *tensor.Tensor) (mean, std, largest float64) {
	for _, v := range t.Data() {
		mean += float64(v) / float64(t.Size())
		largest = max(largest, math.Abs(float64(v)))
	}
	for _, v := range t.Data() {
		std += (float64(v) - mean) * (float64(v) - mean) / float64(t.Size())
	}
	return mean, math.Sqrt(std), largest
}

// TestInitDistributions compares moments of many draws with those of the distributions. A uniform distribution of bound
// b has standard deviation b/sqrt(3).
func TestInitDistributions(t *testing.T) {
	const n = 200_000
	for _, c := range []struct {
		name  string
		fill  func(*nn.Init, *tensor.Tensor)
		std   float64
		bound float64 // 0: none
	}{
		{"Uniform", func(in *nn.Init, t *tensor.Tensor) { in.Uniform(t, 2) }, 2 / math.Sqrt(3), 2},
		{"Normal", func(in *nn.Init, t *tensor.Tensor) { in.Normal(t, 0.5) }, 0.5, 0},
		{"XavierNormal", func(in *nn.Init, t *tensor.Tensor) { in.XavierNormal(t, 64, 128) }, math.Sqrt(2.0 / 192), 0},
		{"XavierUniform", func(in *nn.Init, t *tensor.Tensor) { in.XavierUniform(t, 21, 64) }, math.Sqrt(6.0/85) / math.Sqrt(3), math.Sqrt(6.0 / 85)},
		{"LinearDefault", func(in *nn.Init, t *tensor.Tensor) { in.LinearDefault(t.Reshape(n/50, 50), nil) }, 1 / math.Sqrt(50) / math.Sqrt(3), 1 / math.Sqrt(50)},
		{"CausalConv", func(_ *nn.Init, t *tensor.Tensor) {
			t.CopyFrom(nn.NewCausalConv(n/4, 4, nn.NewInit(5)).Weight.Reshape(n))
		}, 0.5 / math.Sqrt(3), 0.5},
	} {
		x := tensor.New(n)
		c.fill(nn.NewInit(3), x)
		mean, std, largest := moments(x)
		if math.Abs(mean) > 5*c.std/math.Sqrt(n) || math.Abs(std-c.std) > 0.01*c.std {
			t.Errorf("%s: mean %v and standard deviation %v, want 0 and %v", c.name, mean, std, c.std)
		}
		if c.bound > 0 && (largest > c.bound || largest < 0.999*c.bound) {
			t.Errorf("%s: largest magnitude %v, want just below %v", c.name, largest, c.bound)
		}
	}
}

func TestInitSeeds(t *testing.T) {
	draw := func(seed uint64) []float32 {
		l := nn.NewLinear(3, 2, nn.NewInit(seed))
		return append(append([]float32(nil), l.Weight.Data()...), l.Bias.Data()...)
	}
	a, b, other := draw(1), draw(1), draw(2)
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("the same seed gives %v and %v", a, b)
		}
		if a[i] == other[i] {
			t.Errorf("seeds 1 and 2 agree in %v", a[i])
		}
	}
}
