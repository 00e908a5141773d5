package attention

import (
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// This file computes z, the logarithm of the sum of exp(k) so far, of all channels of all tokens: the sum of every chunk
// by itself, then over the chunks in float64, so that thousands of tokens do not add up their roundings, then within
// every chunk.

// channelGrain is the number of channels whose chunks are added up at a time.
const channelGrain = 128

func (op *additive) channelPieces() int { return parallel.Chunks(op.Heads*op.m, channelGrain) }

// formZ computes z and the borders.
func (op *additive) formZ(tp *tensor.Tape) {
	width, chunks := op.Heads*op.m, len(op.chunks.list)
	op.z = tp.Scratch(op.k.Rows() * width)
	op.border = tp.Scratch((chunks + op.chunks.items()) * width)
	op.high, op.mass = tp.Scratch(chunks*width), tp.Scratch(chunks*width)
	op.takeWork(tp, 3*width)
	op.run(additiveMass, chunks, 1)
	op.run(additiveBorders, op.chunks.items()*op.channelPieces(), 1)
	op.run(additiveZ, chunks, 1)
	for _, s := range [...][]float32{op.work, op.mass, op.high} {
		tp.Release(s)
	}
	op.work, op.mass, op.high = nil, nil, nil
}

// raise sets each element of high to the larger of itself and that of x. NaN wins.
func raise(high, x []float32) {
	x = x[:len(high)]
	for c, v := range x {
		if v > high[c] || v != v {
			high[c] = v
		}
	}
}

// massOf computes the largest key and the sum of chunk i, of all channels, where something comes after it.
func (op *additive) massOf(t tile, i int) {
	p, width := op.chunks.list[i], op.Heads*op.m
	if p.after < 0 {
		return
	}
	high, mass, row := op.high[i*width:(i+1)*width], op.mass[i*width:(i+1)*width], t.cut(width)
	simd.Fill(high, noMass)
	clear(mass)
	for r := p.lo; r < p.hi; r++ {
		raise(high, op.k.Data()[r*width:(r+1)*width])
	}
	for r := p.lo; r < p.hi; r++ {
		simd.Sub(row, op.k.Data()[r*width:(r+1)*width], high)
		simd.Exp(row, row)
		simd.Add(mass, mass, row)
	}
}

// borders adds up the chunks of sequence b, for one piece of the channels. An infinite key makes all that follow NaN, as
// it does in a soft-max.
func (op *additive) borders(b, piece int) {
	width := op.Heads * op.m
	first := op.chunks.item[b]
	list := op.chunks.of(b)
	for c := piece * channelGrain; c < min((piece+1)*channelGrain, width); c++ {
		top, sum := float64(noMass), 0.0
		if op.UnitMass {
			top, sum = 0, 1
		}
		var after []float64
		if op.state != nil {
			h := c / op.m
			_, before := op.state.of(b, h, false)
			_, after = op.state.of(b, h, true)
			if top, sum = before[c%op.m], 1; top <= noMass {
				sum = 0
			}
		}
		for n := 0; ; n++ {
			z := top + math.Log(sum)
			if sum == 0 {
				z = noMass
			}
			op.border[(first+b+n)*width+c] = float32(z)
			if n == len(list) {
				if after != nil {
					after[c%op.m] = z
				}
				break
			}
			if list[n].after < 0 {
				break
			}
			high, mass := float64(op.high[(first+n)*width+c]), float64(op.mass[(first+n)*width+c])
			now := max(top, high)
			sum = sum*math.Exp(top-now) + mass*math.Exp(high-now)
			top = now
		}
	}
}

// borderOf returns z before chunk i, head h; z after it is that of the next row.
func (op *additive) borderOf(i, h int, after bool) []float32 {
	row := i + op.chunks.list[i].item
	if after {
		row++
	}
	return op.border[(row*op.Heads+h)*op.m:][:op.m]
}

// zOf computes z of the tokens of chunk i, of all channels: with r the largest of the border and the keys so far and a
// the sum of exp(key - r), z = r + log a. z never falls from token to token, not even by rounding.
func (op *additive) zOf(t tile, i int) {
	p, width := op.chunks.list[i], op.Heads*op.m
	row := i + p.item
	before := op.border[row*width : (row+1)*width]
	high, sum, e := t.cut(width), t.cut(width), t.cut(width)
	copy(high, before)
	for c, z := range before {
		sum[c] = 1
		if z <= noMass {
			sum[c] = 0
		}
	}
	for r := p.lo; r < p.hi; r++ {
		k, z := op.k.Data()[r*width:(r+1)*width], op.z[r*width:(r+1)*width]
		copy(z, high)
		raise(high, k)
		simd.Sub(e, z, high)
		simd.Exp(e, e)
		simd.Mul(sum, sum, e)
		simd.Sub(e, k, high)
		simd.Exp(e, e)
		simd.Add(sum, sum, e)
		simd.AddConst(e, sum, -1)
		simd.Log1p(e, e)
		simd.Add(z, high, e)
		raise(z, before) // -Inf where there is no mass
		before = z
	}
}
