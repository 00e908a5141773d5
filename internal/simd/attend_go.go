package simd

import (
	"math"
	"unsafe"
)

// value returns the score s of row r and column c with its terms, -Inf where it does not count.
func (t *TileTerms) value(s float32, r, c int) float32 {
	if t.Bias != nil {
		s += t.Bias[int(t.At[r])+c]
	}
	if t.Mask != nil && t.Mask[r*t.step()]>>c&1 == 0 {
		return float32(math.Inf(-1))
	}
	return s
}

func softmaxTileGo(s []float32, rows int, terms TileTerms, top, sum, change, _ []float32) {
	for r := range rows {
		row := s[r*TileCols:][:TileCols]
		most := top[r]
		for c, x := range row {
			x = terms.value(x, r, c)
			row[c] = x
			if x > most {
				most = x
			}
		}
		change[r] = float32(math.Exp(float64(top[r] - most)))
		top[r] = most
		total := float32(0)
		for c, x := range row {
			e := float32(math.Exp(float64(x - most)))
			row[c] = e
			total += e
		}
		sum[r] = float32(sum[r]*change[r]) + total
	}
}

func softmaxTileGradGo(s, ds []float32, rows int, terms TileTerms, top, inv, dots []float32) {
	for r := range rows {
		row, grad := s[r*TileCols:][:TileCols], ds[r*TileCols:][:TileCols]
		for c, x := range row {
			x = terms.value(x, r, c)
			p := float32(math.Exp(float64(x-top[r]))) * inv[r]
			row[c] = p
			if terms.Mask != nil && terms.Mask[r*terms.step()]>>c&1 == 0 {
				grad[c] = 0
				continue
			}
			grad[c] = p * (grad[c] - dots[r])
		}
	}
}

func rangeBitsGo(words *uint64, rows int, index, low, high *int32) {
	numbers, from, to := unsafe.Slice(index, TileCols), unsafe.Slice(low, rows), unsafe.Slice(high, rows)
	for r := range unsafe.Slice(words, rows) {
		w := uint64(0)
		for c, x := range numbers {
			if from[r] <= x && x <= to[r] {
				w |= 1 << c
			}
		}
		unsafe.Slice(words, rows)[r] &= w
	}
}

func decayTileGo(s, slope []float32, rows int, factors []float32, at []int32) {
	for n, x := range s[:rows*TileCols] {
		if x > 0 {
			f := factors[int(at[n/TileCols])+n%TileCols]
			s[n] = x * f
			if slope != nil {
				slope[n] *= f
			}
		}
	}
}

func rotateHalvesGo(dst *float32, ldd int, src *float32, lds int, cos, sin *float32, lda, rows, pairs int, fc, fs float32) {
	for range rows {
		to, from, c, s := row(dst, 2*pairs), row(src, 2*pairs), row(cos, pairs), row(sin, pairs)
		for p := range pairs {
			to[p], to[p+pairs] = turned(from[p], from[p+pairs], c[p]*fc, s[p]*fs)
		}
		dst, src, cos, sin = below(dst, ldd), below(src, lds), below(cos, lda), below(sin, lda)
	}
}

func rotateNeighboursGo(dst *float32, ldd int, src *float32, lds int, cos, sin *float32, lda, rows, pairs int, fc, fs float32) {
	for range rows {
		to, from, c, s := row(dst, 2*pairs), row(src, 2*pairs), row(cos, pairs), row(sin, pairs)
		for p := range pairs {
			to[2*p], to[2*p+1] = turned(from[2*p], from[2*p+1], c[p]*fc, s[p]*fs)
		}
		dst, src, cos, sin = below(dst, ldd), below(src, lds), below(cos, lda), below(sin, lda)
	}
}

// turned returns the pair (u, v), turned.
func turned(u, v, c, s float32) (x, y float32) {
	return float32(u*c) - float32(v*s), float32(v*c) + float32(u*s)
}

func rowDotsGo(s, x, a *float32, rows, cols int) {
	sums, with := row(s, rows), row(a, cols)
	for r := range sums {
		sums[r] = 0
		for c, v := range row(x, cols) {
			sums[r] += float32(v * with[c])
		}
		x = below(x, 4*cols)
	}
}

func scaleBlockGo(dst *float32, ldd int, src *float32, lds int, rows, cols int, s float32) {
	for range rows {
		scaleGo(row(dst, cols), row(src, cols), s)
		dst, src = below(dst, ldd), below(src, lds)
	}
}

func scaleBlockRowsGo(dst *float32, ldd int, src *float32, lds int, s *float32, rows, cols int) {
	for _, f := range row(s, rows) {
		scaleGo(row(dst, cols), row(src, cols), f)
		dst, src = below(dst, ldd), below(src, lds)
	}
}

func transposeGo(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	for r := range rows {
		for c, x := range src[r*lds : r*lds+cols] {
			dst[c*ldd+r] = x
		}
	}
}
