package tokenizer

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Quantised is what a codebook makes of latents in one pass.
type Quantised struct {
	Vectors *tensor.Var // [rows, width]: the nearest codes; the gradient goes straight through to the latents
	// Commitment is the mean of the squares of latent minus code, without its weight: its gradient moves the latents.
	Commitment *tensor.Var
	Codes      []int32 // [rows]; valid until the next pass on the tape
	Use        Use     // of the codes in this batch
}

// Use tells how a codebook is used.
type Use struct {
	Codes      int     // that were chosen at least once
	Perplexity float64 // exp of the entropy of the codes' shares: as many codes, all used alike, would be as surprising
}

// UseOf counts the codes of a codebook of some size. The perplexity is that of the official code, exp(-sum p ln(p+1e-6)),
// and 1 where there are no codes.
func UseOf(codebook int, codes ...[]int32) Use {
	counts, total := make([]float32, codebook), 0
	for _, list := range codes {
		total += len(list)
		for _, k := range list {
			counts[k]++
		}
	}
	return useOf(counts, total)
}

func useOf(counts []float32, total int) Use {
	var u Use
	entropy := 0.0
	for _, n := range counts {
		if n > 0 {
			u.Codes++
			p := float64(n) / float64(total)
			entropy -= p * math.Log(p+1e-6)
		}
	}
	u.Perplexity = math.Exp(entropy)
	return u
}

// lookupGrain is how many rows are compared with all codes at a time.
const lookupGrain = 64

// quantisation is the operation of [Codebook.Apply]: in the forward pass it looks codes up, piece by piece, and in the
// backward pass hands the gradient straight through.
type quantisation struct {
	x, y, commitment *tensor.Var
	codes            []int32
	table            []float32 // the codes [codes, width], as they were
	norms            []float32 // [codes]: half the squares of their lengths
	scores           []float32 // [workers, lookupGrain, codes]: products of rows with all codes
}

// Apply returns the nearest codes of the latents x [rows, width]: those of the least Euclidean distance, the first of
// equally near ones. A training pass fills an empty codebook before, and afterwards moves the codes.
func (b *Codebook) Apply(tp *tensor.Tape, x *tensor.Var) Quantised {
	if x.Cols() != b.Width() {
		panic(fmt.Sprintf("tokenizer: Codebook: latents of width %d for codes of width %d", x.Cols(), b.Width()))
	}
	op, ok := tp.Spare().(*quantisation)
	if !ok {
		op = new(quantisation)
	}
	*op = quantisation{x: x, codes: op.codes[:0], y: tp.Out(x.Needs(), x.Rows(), x.Cols()), commitment: tp.Out(x.Needs())}
	var numbers stream
	if tp.Training() {
		numbers.key, numbers.counter = tp.Draw()
		if !b.Filled() {
			b.fill(x.Data(), numbers)
		}
	}
	b.lookup(tp, op)
	op.commitment.Data()[0] = float32(op.meanSquare())
	counts := tp.Scratch(b.Len())
	if tp.Training() && x.Rows() > 0 {
		sums := tp.Scratch(b.Vectors.Size())
		b.follow(x.Data(), op.codes, sums, counts, numbers)
		tp.Release(sums)
	} else {
		tally(counts, op.codes)
	}
	q := Quantised{Vectors: op.y, Commitment: op.commitment, Codes: op.codes, Use: useOf(counts, len(op.codes))}
	tp.Release(counts)
	tp.Record("Quantise", op, op.y, op.commitment)
	return q
}

func tally(counts []float32, codes []int32) {
	clear(counts)
	for _, k := range codes {
		counts[k]++
	}
}

// lookup finds the nearest codes and copies them to op.y.
func (b *Codebook) lookup(tp *tensor.Tape, op *quantisation) {
	op.table, op.norms = b.Vectors.Data(), tp.Scratch(b.Len())
	for k := range op.norms {
		op.norms[k] = float32(simd.SumSquares(b.Vectors.Row(k)) / 2)
	}
	for range op.x.Rows() {
		op.codes = append(op.codes, 0)
	}
	op.scores = tp.Scratch(parallel.Workers() * lookupGrain * b.Len())
	parallel.For(op.x.Rows(), lookupGrain, op)
	tp.Release(op.scores)
	tp.Release(op.norms)
	op.table, op.norms, op.scores = nil, nil, nil
}

// Run looks the rows lo to hi up. The nearest code has the largest x·c - |c|²/2.
func (op *quantisation) Run(worker, lo, hi int) {
	codes, width := len(op.norms), op.x.Cols()
	scores := op.scores[worker*lookupGrain*codes:][:(hi-lo)*codes]
	simd.Gemm(false, true, hi-lo, codes, width, op.x.Data()[lo*width:hi*width], width, op.table, width, scores, codes, false)
	for r := lo; r < hi; r++ {
		row, best := scores[(r-lo)*codes:][:codes], 0
		for k, s := range row {
			row[k] = s - op.norms[k]
			if row[k] > row[best] {
				best = k
			}
		}
		op.codes[r] = int32(best)
		copy(op.y.Data()[r*width:(r+1)*width], op.table[best*width:(best+1)*width])
	}
}

// meanSquare is the mean of (x-y)², 0 where there is nothing.
func (op *quantisation) meanSquare() float64 {
	sum := 0.0
	y := op.y.Data()
	for i, x := range op.x.Data() {
		d := float64(x - y[i])
		sum += d * d
	}
	return sum / float64(max(1, len(y)))
}

// Backward adds the gradient of the vectors as it is, and that of the commitment, 2 (x-y)/size.
func (op *quantisation) Backward(*tensor.Tape) {
	if !op.x.Needs() {
		return
	}
	dx := op.x.AccumulateZeroed()
	if op.y.Reached() {
		simd.Add(dx, dx, op.y.OutGrad())
	}
	if op.commitment.Reached() {
		by := 2 * op.commitment.OutGrad()[0] / float32(max(1, len(dx)))
		simd.AddScaled(dx, op.x.Data(), by)
		simd.AddScaled(dx, op.y.Data(), -by)
	}
}
