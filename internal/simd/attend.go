package simd

import "unsafe"

// TileCols is the number of columns of a tile of attention scores. The rows of a tile lie next to each other.
const TileCols = 64

// TileTerms is what is added to the scores of a tile of attention before their softmax. The zero value adds nothing.
type TileTerms struct {
	// Bias[At[r]] and what follows is added to row r; nil means nothing. Every row reads TileCols numbers.
	Bias []float32
	At   []int32
	// Mask has a word for every row, or one word for all: bit c is set where column c counts. nil means that all do.
	Mask []uint64
}

// SoftmaxTile is a step of a softmax that goes over tiles of columns (Milakov and Gimelshein, "Online normalizer
// calculation for softmax", 2018). With t the scores s [rows, TileCols] and their terms, and for every row
//
//	top' = max(top, max t), change = e^(top - top')
//	s = e^(t - top'), sum = sum * change + sum of s
//
// Columns that do not count give 0. Begin with sum 0 and top the lowest finite number. part, of a row's length, is
// scratch. A row with a NaN gets sum NaN.
func SoftmaxTile(s []float32, rows int, terms TileTerms, top, sum, change, part []float32) {
	terms.check("SoftmaxTile", rows)
	matrix("SoftmaxTile", "s", len(s), rows, TileCols, TileCols)
	for _, x := range [...]struct {
		name string
		have int
	}{{"top", len(top)}, {"sum", len(sum)}, {"change", len(change)}, {"part", len(part)}} {
		atLeast("SoftmaxTile", x.name, x.have, rows)
	}
	if rows > 0 {
		active.softmaxTile(s, rows, terms, top, sum, change, part)
	}
}

// SoftmaxTileGrad is the way back. From the scores s and terms that SoftmaxTile was given, the last top, and inv, 1
// over the last sum, it makes the weights again: s = e^(t - top) * inv. From ds, the gradients of the weights, it makes
// those of the scores: ds = s * (ds - dots), where dots is the sum over the whole row of weight times gradient.
func SoftmaxTileGrad(s, ds []float32, rows int, terms TileTerms, top, inv, dots []float32) {
	terms.check("SoftmaxTileGrad", rows)
	matrix("SoftmaxTileGrad", "s", len(s), rows, TileCols, TileCols)
	matrix("SoftmaxTileGrad", "ds", len(ds), rows, TileCols, TileCols)
	for _, x := range [...]struct {
		name string
		have int
	}{{"top", len(top)}, {"inv", len(inv)}, {"dots", len(dots)}} {
		atLeast("SoftmaxTileGrad", x.name, x.have, rows)
	}
	if rows > 0 {
		active.softmaxTileGrad(s, ds, rows, terms, top, inv, dots)
	}
}

// check panics where the terms do not have enough for so many rows.
func (t *TileTerms) check(op string, rows int) {
	if t.Bias != nil {
		atLeast(op, "at", len(t.At), rows)
		for _, at := range t.At[:rows] {
			if at < 0 || int(at)+TileCols > len(t.Bias) {
				panicShort(op, "bias", len(t.Bias), int(at)+TileCols)
			}
		}
	}
	if t.Mask != nil && len(t.Mask) != 1 {
		atLeast(op, "mask", len(t.Mask), rows)
	}
}

// step returns how far a row's word is from the next one's, in words.
func (t *TileTerms) step() int {
	if len(t.Mask) == 1 {
		return 0
	}
	return 1
}

// RangeBits clears, in the word of each row of a tile's mask, the bits of the columns whose number, in index of
// TileCols, is below low or above high of the row.
func RangeBits(words []uint64, index, low, high []int32) {
	sameLen("RangeBits", len(index), TileCols)
	atLeast("RangeBits", "low", len(low), len(words))
	atLeast("RangeBits", "high", len(high), len(words))
	if len(words) > 0 {
		active.rangeBits(&words[0], len(words), &index[0], &low[0], &high[0])
	}
}

// DecayTile multiplies the positive ones of the scores s [rows, TileCols] by their factors: those of row r are
// factors[at[r]] and what follows. slope, if not nil, is multiplied by the same.
func DecayTile(s, slope []float32, rows int, factors []float32, at []int32) {
	matrix("DecayTile", "s", len(s), rows, TileCols, TileCols)
	if slope != nil {
		matrix("DecayTile", "slope", len(slope), rows, TileCols, TileCols)
	}
	terms := TileTerms{Bias: factors, At: at}
	terms.check("DecayTile", rows)
	if rows > 0 {
		active.decayTile(s, slope, rows, factors, at)
	}
}

// RotateHalves turns pairs (p, p+pairs) of the columns of src, for p below pairs, by the angles whose cosines and sines
// stand in the rows of cos and sin:
//
//	dst[r, p]       = c cos[r, p] src[r, p]       - s sin[r, p] src[r, p+pairs]
//	dst[r, p+pairs] = c cos[r, p] src[r, p+pairs] + s sin[r, p] src[r, p]
//
// With c = s = 1 it turns, with s = -1 back; ldd, lds and lda are the row strides of dst, src and the angles. Other
// columns are left as they are.
func RotateHalves(dst []float32, ldd int, src []float32, lds int, cos, sin []float32, lda, rows, pairs int, c, s float32) {
	checkRotation("RotateHalves", len(dst), ldd, len(src), lds, len(cos), len(sin), lda, rows, pairs)
	if rows > 0 && pairs > 0 {
		active.rotateHalves(&dst[0], ldd*4, &src[0], lds*4, &cos[0], &sin[0], lda*4, rows, pairs, c, s)
	}
}

// RotateNeighbours is [RotateHalves] for the pairs (2p, 2p+1).
func RotateNeighbours(dst []float32, ldd int, src []float32, lds int, cos, sin []float32, lda, rows, pairs int, c, s float32) {
	checkRotation("RotateNeighbours", len(dst), ldd, len(src), lds, len(cos), len(sin), lda, rows, pairs)
	if rows > 0 && pairs > 0 {
		active.rotateNeighbours(&dst[0], ldd*4, &src[0], lds*4, &cos[0], &sin[0], lda*4, rows, pairs, c, s)
	}
}

func checkRotation(op string, dst, ldd, src, lds, cos, sin, lda, rows, pairs int) {
	matrix(op, "dst", dst, rows, 2*pairs, ldd)
	matrix(op, "src", src, rows, 2*pairs, lds)
	// Angles may be the same for all rows.
	for _, x := range [...]struct {
		name string
		have int
	}{{"cos", cos}, {"sin", sin}} {
		if lda == 0 {
			atLeast(op, x.name, x.have, pairs)
		} else {
			matrix(op, x.name, x.have, rows, pairs, lda)
		}
	}
}

// ScaleBlock sets dst = s * src for [rows, cols] blocks with row strides ldd and lds.
func ScaleBlock(dst []float32, ldd int, src []float32, lds int, rows, cols int, s float32) {
	matrix("ScaleBlock", "dst", len(dst), rows, cols, ldd)
	matrix("ScaleBlock", "src", len(src), rows, cols, lds)
	if rows > 0 && cols > 0 {
		active.scaleBlock(&dst[0], ldd*4, &src[0], lds*4, rows, cols, s)
	}
}

// ScaleBlockRows sets dst = s[r] * src for row r of [rows, cols] blocks with row strides ldd and lds.
func ScaleBlockRows(dst []float32, ldd int, src []float32, lds int, s []float32, rows, cols int) {
	matrix("ScaleBlockRows", "dst", len(dst), rows, cols, ldd)
	matrix("ScaleBlockRows", "src", len(src), rows, cols, lds)
	atLeast("ScaleBlockRows", "s", len(s), rows)
	if rows > 0 && cols > 0 {
		active.scaleBlockRows(&dst[0], ldd*4, &src[0], lds*4, &s[0], rows, cols)
	}
}

// Transpose sets dst, [cols, rows] with row stride ldd, to the transpose of src, [rows, cols] with row stride lds.
func Transpose(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	matrix("Transpose", "dst", len(dst), cols, rows, ldd)
	matrix("Transpose", "src", len(src), rows, cols, lds)
	if rows > 0 && cols > 0 {
		active.transpose(dst, ldd, src, lds, rows, cols)
	}
}

// RowDots sets s[r] to the product of row r of x, [rows, cols], with a, and leaves the elements of s up to a multiple of
// four undefined. The order of a sum depends on cols alone.
func RowDots(s, x, a []float32, rows, cols int) {
	matrix("RowDots", "x", len(x), rows, cols, cols)
	atLeast("RowDots", "a", len(a), cols)
	atLeast("RowDots", "s", len(s), (rows+3)&^3)
	if rows > 0 && cols > 0 {
		active.rowDots(&s[0], &x[0], &a[0], rows, cols)
	}
}

// row returns the n numbers at p, as kernels written in Go want them.
func row(p *float32, n int) []float32 { return unsafe.Slice(p, n) }

// below returns the place so many bytes after p.
func below(p *float32, bytes int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), bytes)) }
