package simd

// softmaxFunc is a kernel for a tile of scores and its terms; the last four arrays are top, sum, change and part, or ds,
// top, inv and dots.
type softmaxFunc func(s *float32, rows int, bias *float32, at *int32, words *uint64, wstep int, a, b, c, d *float32)

// tileFuncs are the kernels of a level for tiles of scores: the second of a pair is for tiles with biases, in turn the
// second for tiles with masks.
type tileFuncs struct {
	forward, grad [2][2]softmaxFunc
	decay         func(s *float32, rows int, factors *float32, at *int32)
	decaySlopes   func(s *float32, rows int, factors *float32, at *int32, slope *float32)
}

var tileAVX2 = &tileFuncs{
	forward: [2][2]softmaxFunc{
		{softmaxTileAVX2, softmaxTileMaskedAVX2}, {softmaxTileBiasedAVX2, softmaxTileBiasedMaskedAVX2}},
	grad: [2][2]softmaxFunc{
		{softmaxTileGradAVX2, softmaxTileGradMaskedAVX2}, {softmaxTileGradBiasedAVX2, softmaxTileGradBiasedMaskedAVX2}},
	decay: decayTileAVX2, decaySlopes: decayTileSlopesAVX2,
}

var tileAVX512 = &tileFuncs{
	forward: [2][2]softmaxFunc{
		{softmaxTileAVX512, softmaxTileMaskedAVX512}, {softmaxTileBiasedAVX512, softmaxTileBiasedMaskedAVX512}},
	grad: [2][2]softmaxFunc{
		{softmaxTileGradAVX512, softmaxTileGradMaskedAVX512}, {softmaxTileGradBiasedAVX512, softmaxTileGradBiasedMaskedAVX512}},
	decay: decayTileAVX512, decaySlopes: decayTileSlopesAVX512,
}

// pointers returns what kernels want to know of the terms, and which kernel wants it.
func (t *TileTerms) pointers() (biased, masked int, bias *float32, at *int32, words *uint64, wstep int) {
	if t.Bias != nil {
		biased, bias, at = 1, &t.Bias[0], &t.At[0]
	}
	if t.Mask != nil {
		masked, words, wstep = 1, &t.Mask[0], 8*t.step()
	}
	return biased, masked, bias, at, words, wstep
}

func (f *tileFuncs) softmax(s []float32, rows int, terms TileTerms, top, sum, change, part []float32) {
	biased, masked, bias, at, words, wstep := terms.pointers()
	f.forward[biased][masked](&s[0], rows, bias, at, words, wstep, &top[0], &sum[0], &change[0], &part[0])
}

func (f *tileFuncs) softmaxGrad(s, ds []float32, rows int, terms TileTerms, top, inv, dots []float32) {
	biased, masked, bias, at, words, wstep := terms.pointers()
	f.grad[biased][masked](&s[0], rows, bias, at, words, wstep, &ds[0], &top[0], &inv[0], &dots[0])
}

func (f *tileFuncs) decayTile(s, slope []float32, rows int, factors []float32, at []int32) {
	if slope == nil {
		f.decay(&s[0], rows, &factors[0], &at[0])
	} else {
		f.decaySlopes(&s[0], rows, &factors[0], &at[0], &slope[0])
	}
}

// transpose8 transposes blocks of 8 x 8 and what is left element by element.
func transpose8(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	r8, c8 := rows&^7, cols&^7
	if c8 > 0 {
		for r := 0; r < r8; r += 8 {
			transpose8xAVX2(&dst[r], ldd*4, &src[r*lds], lds*4, c8/8)
		}
	}
	for r := range rows {
		from := c8
		if r >= r8 {
			from = 0
		}
		for c := from; c < cols; c++ {
			dst[c*ldd+r] = src[r*lds+c]
		}
	}
}
