package attention

import (
	"fmt"
	"math"
	"math/bits"

	"gonum.org/v1/gonum/dsp/fourier"
)

// toeplitz multiplies columns with Toeplitz matrices by FFT, two columns at a time, as real and imaginary part. With c the
// coefficients, of query i at place p_i and key j at place p_j,
//
//	y_i = sum over j of c_(p_j - p_i) x_j
//
// is a convolution over the places. The sums of an FFT cancel, so it is done in float64: c may span orders of magnitude.
// The transforms are gonum's for powers of two, which work in place. One serves one goroutine; it keeps its memory.
type toeplitz struct {
	n      int          // length of the transforms
	fx, fy []complex128 // [n]: columns of keys and of queries, which are transformed in place
	y      []complex128 // [n]: columns of a product
	kernel []complex128 // [n] the transform of c over n
	lags   []complex128 // [n] the sum of the transforms of what came to c

	columns [4][]complex128 // room for what the caller adds up
}

// column returns room for n numbers.
func (t *toeplitz) column(i, n int) []complex128 {
	if cap(t.columns[i]) < n {
		t.columns[i] = make([]complex128, n)
	}
	return t.columns[i][:n]
}

// fourierOf leaves the Fourier transform of x, whose length is a power of two, in its place.
func fourierOf(x []complex128) { fourier.CoefficientsRadix2(x) }

// invert undoes fourierOf, but for a factor of the length.
func invert(x []complex128) { fourier.SequenceRadix2(x) }

// timesConj returns a times the conjugate of b.
func timesConj(a, b complex128) complex128 {
	return complex(real(a)*real(b)+imag(a)*imag(b), imag(a)*real(b)-real(a)*imag(b))
}

// fftLength returns the smallest power of two of at least n.
func fftLength(n int) int { return 1 << bits.Len(uint(max(n, 1)-1)) }

// begin prepares products of keys at keys consecutive places with queries at queries of them.
func (t *toeplitz) begin(keys, queries int) {
	n := fftLength(keys + queries - 1)
	if n == t.n {
		return
	}
	t.n = n
	for _, x := range [...]*[]complex128{&t.fx, &t.fy, &t.y, &t.kernel, &t.lags} {
		if cap(*x) < n {
			*x = make([]complex128, n)
		}
		*x = (*x)[:n]
	}
}

// set makes c, [2 reach - 1] with c_0 in its middle, the coefficients. shift is the place of the first key minus that of
// the first query.
func (t *toeplitz) set(c []float32, shift, keys, queries int) {
	clear(t.kernel)
	by := 1 / float64(t.n)
	t.eachLag(len(c), shift, keys, queries, func(lag, at int) { t.kernel[lag] = complex(by*float64(c[at]), 0) })
	fourierOf(t.kernel)
	clear(t.lags)
}

// eachLag calls f with every lag, query minus key, modulo n, and the coefficient it belongs to. There are none for the
// lags that no pair of tokens has.
func (t *toeplitz) eachLag(coefficients, shift, keys, queries int, f func(lag, at int)) {
	for d := 1 - keys; d < queries; d++ {
		at := shift - d + coefficients/2
		if at < 0 || at >= coefficients {
			continue
		}
		if d < 0 {
			f(d+t.n, at)
		} else {
			f(d, at)
		}
	}
}

// product sets y to the product with columns of keys whose transform is fx.
func (t *toeplitz) product() {
	for n, f := range t.fx {
		t.y[n] = f * t.kernel[n]
	}
	invert(t.y)
}

// transposed sets y to the product of the transposed matrix with columns of queries whose transform is fy, and adds what
// they and those of fx give to the coefficients to lags.
func (t *toeplitz) transposed() {
	for n, f := range t.fy {
		t.lags[n] += timesConj(f, t.fx[n])
		t.y[n] = timesConj(f, t.kernel[n])
	}
	invert(t.y)
}

// addLags adds c times the gradient of c, that of its logarithm, to dst [2 reach - 1]. The products of both columns are
// the real part.
func (t *toeplitz) addLags(dst, c []float32, shift, keys, queries int) {
	invert(t.lags)
	by := 1 / float64(t.n)
	t.eachLag(len(c), shift, keys, queries, func(lag, at int) { dst[at] += float32(float64(c[at]) * real(t.lags[lag]) * by) })
}

// GridIndex appends the places of the tokens of a grid, in row-major order, to dst: LinearInput.Index for a bias that
// depends on the differences along every axis. largest is the grid that the bias is made for; shape may be smaller. The
// bias has a column for every difference of every axis, row-major: [heads, (2 n_1 - 1) (2 n_2 - 1) ...] for the sides n
// of largest, the difference d along an axis of n being number d + n - 1.
//
// A matrix of such coefficients is Toeplitz in blocks. Laid out in rows of 2n - 1 places, of which a grid takes the
// first n, differences of places name differences along every axis, and the matrix is Toeplitz.
func GridIndex(dst []int32, shape, largest []int) []int32 {
	if len(shape) != len(largest) {
		panic(fmt.Sprintf("attention: GridIndex: the grid %v and the largest one %v have not as many axes", shape, largest))
	}
	size, tokens := 1, 1
	for a, n := range shape {
		if n < 0 || n > largest[a] {
			panic(fmt.Sprintf("attention: GridIndex: the grid %v is larger than %v, which the bias is made for", shape, largest))
		}
		tokens *= n
		size *= 2*largest[a] - 1
	}
	if size > math.MaxInt32 {
		panic(fmt.Sprintf("attention: GridIndex: the grid %v is too large", largest))
	}
	for t := range tokens {
		place, stride, rest := 0, 1, t
		for a := len(shape) - 1; a >= 0; a-- {
			place += rest % shape[a] * stride
			rest /= shape[a]
			stride *= 2*largest[a] - 1
		}
		dst = append(dst, int32(place))
	}
	return dst
}
