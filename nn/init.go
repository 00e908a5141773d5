package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/tensor"
)

// Init fills the parameters of a new model with random numbers. It is one stream, used up in the order in which the
// layers are made, so the same seed gives the same model.
type Init struct {
	rng *rand.Rand
}

// NewInit returns the stream of seed.
func NewInit(seed uint64) *Init {
	const stream = 0x6e6e2e496e6974 // apart from other uses of the same seed
	return &Init{rand.New(rand.NewPCG(seed, stream))}
}

// Uniform draws from the uniform distribution over [-bound, bound).
func (in *Init) Uniform(t *tensor.Tensor, bound float64) {
	for i := range t.Data() {
		t.Data()[i] = float32((2*in.rng.Float64() - 1) * bound)
	}
}

// Normal draws from the normal distribution of mean 0 and standard deviation std.
func (in *Init) Normal(t *tensor.Tensor, std float64) {
	for i := range t.Data() {
		t.Data()[i] = float32(in.rng.NormFloat64() * std)
	}
}

// XavierNormal draws from the normal distribution of standard deviation sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio
// 2010).
func (in *Init) XavierNormal(t *tensor.Tensor, fanIn, fanOut int) {
	in.Normal(t, math.Sqrt(2/fans("XavierNormal", fanIn, fanOut)))
}

// XavierUniform draws from the uniform distribution of bound sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010).
func (in *Init) XavierUniform(t *tensor.Tensor, fanIn, fanOut int) {
	in.Uniform(t, math.Sqrt(6/fans("XavierUniform", fanIn, fanOut)))
}

func fans(name string, fanIn, fanOut int) float64 {
	if fanIn < 0 || fanOut < 0 || fanIn+fanOut == 0 {
		panic(fmt.Sprintf("nn: %s: fans %d and %d are not sizes of a layer", name, fanIn, fanOut))
	}
	return float64(fanIn + fanOut)
}

// LinearDefault draws weight [out, in] and bias, which may be nil, from the uniform distribution of bound 1/sqrt(in),
// the default of PyTorch's linear layer.
func (in *Init) LinearDefault(weight, bias *tensor.Tensor) {
	bound := 1 / math.Sqrt(float64(max(weight.Cols(), 1)))
	in.Uniform(weight, bound)
	if bias != nil {
		in.Uniform(bias, bound)
	}
}
