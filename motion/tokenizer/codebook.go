package tokenizer

import (
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Codebook is the vectors that latents are replaced by (van den Oord and others, "Neural Discrete Representation
// Learning", 2017), which follow the latents by running means (appendix A.1 there) and not by gradient. All of it is
// buffers: it is part of checkpoints, and no optimiser moves it.
//
// After every training pass, with the rows x of the batch that chose code k,
//
//	S_k = μ S_k + (1-μ) sum x,  N_k = μ N_k + (1-μ) count,  vector k = S_k / N_k
//
// The first training pass fills an empty codebook with the first rows of its batch. How unused codes are replaced is in
// [Reset]; the rows that they become, and the noise where a batch has fewer rows than there are codes, are drawn from the
// random stream of the pass.
type Codebook struct {
	Vectors *tensor.Tensor // [codes, width]
	Sums    *tensor.Tensor // S [codes, width]
	Counts  *tensor.Tensor // N [codes]; all 0 until the first training pass
	Used    *tensor.Tensor // [codes]: 1 where N was at least 1 after some pass (since the last reset, with ResetLasting)
	Calls   *tensor.Tensor // [1]: training passes since the last reset

	Momentum   float64
	Reset      Reset
	ResetEvery int // training passes
}

func newCodebook(c Config) *Codebook {
	return &Codebook{
		Vectors: tensor.New(c.Codes, c.CodeWidth), Sums: tensor.New(c.Codes, c.CodeWidth),
		Counts: tensor.New(c.Codes), Used: tensor.New(c.Codes), Calls: tensor.New(1),
		Momentum: c.Momentum, Reset: c.Reset, ResetEvery: c.ResetEvery,
	}
}

// Params declares the buffers vectors, sums, counts, used and calls.
func (b *Codebook) Params(c *nn.Params) {
	c.Buffer("vectors", b.Vectors)
	c.Buffer("sums", b.Sums)
	c.Buffer("counts", b.Counts)
	c.Buffer("used", b.Used)
	c.Buffer("calls", b.Calls)
}

// Len returns the number of codes.
func (b *Codebook) Len() int { return b.Vectors.Rows() }

// Width returns the width of a code.
func (b *Codebook) Width() int { return b.Vectors.Cols() }

// Filled tells whether a training pass has filled the codebook.
func (b *Codebook) Filled() bool {
	for _, n := range b.Counts.Data() {
		if n != 0 {
			return true
		}
	}
	return false
}

// stream names the random numbers of a pass.
type stream struct{ key, counter uint64 }

func (s stream) rand() *rand.Rand { return rand.New(rand.NewPCG(s.key, s.counter)) }

// fill sets the codes to the first rows of the batch x [rows, width].
func (b *Codebook) fill(x []float32, numbers stream) {
	copy(b.Vectors.Data(), repeated(x, b.Len(), b.Width(), numbers.rand()))
	b.Sums.CopyFrom(b.Vectors)
	b.Counts.Fill(1)
	b.Used.Zero()
	b.Calls.Zero()
}

// leastCount is the running count below which a code stays where it is: after some ten thousand passes without use both
// sum and count would be 0, and the code no number.
const leastCount = 1e-30

// repeatNoise over the root of the width is the deviation of the noise on repeated rows.
const repeatNoise = 0.01

// repeated gives x, or where it has fewer rows than there are codes all of it as often as it takes, with noise. A batch
// without rows counts as one of zeros.
func repeated(x []float32, codes, width int, r *rand.Rand) []float32 {
	if len(x) >= codes*width {
		return x
	}
	if len(x) == 0 {
		x = make([]float32, width)
	}
	std := repeatNoise / math.Sqrt(float64(width))
	var out []float32
	for len(out) < codes*width {
		out = append(out, x...)
	}
	for i := range out {
		out[i] += float32(r.NormFloat64() * std)
	}
	return out
}

// follow moves the codes to the rows x [rows, width] that chose them. sums and counts are memory for the batch's. numbers
// are those of a reset.
func (b *Codebook) follow(x []float32, codes []int32, sums, counts []float32, numbers stream) {
	width := b.Width()
	clear(sums)
	clear(counts)
	for row, k := range codes {
		at := sums[int(k)*width:][:width]
		simd.Add(at, at, x[row*width:][:width])
		counts[k]++
	}
	mu, rest := float32(b.Momentum), float32(1-b.Momentum)
	average := func(of *tensor.Tensor, batch []float32) {
		simd.Scale(of.Data(), of.Data(), mu)
		simd.AddScaled(of.Data(), batch, rest)
	}
	average(b.Sums, sums)
	average(b.Counts, counts)
	used := b.Used.Data()
	for k, n := range b.Counts.Data() {
		if n > leastCount {
			v, s := b.Vectors.Row(k), b.Sums.Row(k)
			for i := range v {
				v[i] = s[i] / n
			}
		}
		if n >= 1 {
			used[k] = 1
		}
	}
	b.count(x, numbers)
}

// count counts the passes, and replaces unused codes when it is time. The official counter goes from 0 to ResetEvery and
// back, so that a reset comes every ResetEvery+1 passes.
func (b *Codebook) count(x []float32, numbers stream) {
	calls := b.Calls.Data()
	if int(calls[0]) < b.ResetEvery {
		calls[0]++
		return
	}
	calls[0] = 0
	if b.Reset == ResetNever {
		return
	}
	r := numbers.rand()
	rows := repeated(x, b.Len(), b.Width(), r)
	b.replace(rows, r.Perm(len(rows)/b.Width()))
}

// replace gives unused code k row order[k] of rows.
func (b *Codebook) replace(rows []float32, order []int) {
	width := b.Width()
	for k, used := range b.Used.Data() {
		if used != 0 {
			continue
		}
		copy(b.Vectors.Row(k), rows[order[k]*width:][:width])
		if b.Reset == ResetLasting {
			copy(b.Sums.Row(k), b.Vectors.Row(k))
			b.Counts.Data()[k] = 1
		}
	}
	if b.Reset == ResetLasting {
		b.Used.Zero()
	}
}
