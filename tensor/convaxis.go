package tensor

// convAxis is one axis of a convolution, forward or backward, as its results see it: result o is made of the source pixels
// o*mul + add + j*step, one for each tap j.
type convAxis struct {
	taps, mul, add, step int
	tap, tapStep         int // tap j is place tap + j*tapStep of the kernel
	first, every         int // result o is pixel first + o*every of what is written
}

// forwardAxis: pixel o of the result is made of the pixels o*stride - padding + j*dilation.
func forwardAxis(kernel, stride, padding, dilation int) convAxis {
	return convAxis{taps: kernel, mul: stride, add: -padding, step: dilation, tapStep: 1, every: 1}
}

// backwardAxis is the axis of the gradient of the input, for its pixels phase, phase + stride, and so on: pixel i gets
// from (i + padding - k dilation) / stride for the k that leave no rest, every q-th from some first one on. So the pixels
// of one phase have the same taps, and their gradient is a dense convolution of that of the result. Taps are taken from the
// last k down, so that their sources lie in increasing order.
func backwardAxis(kernel, stride, padding, dilation, phase int) convAxis {
	a := convAxis{mul: 1, step: 1, first: phase, every: stride}
	q := stride / gcd(stride, dilation)
	for k := range min(q, kernel) {
		if (phase+padding-k*dilation)%stride == 0 {
			a.taps = (kernel - k + q - 1) / q
			a.tap, a.tapStep = k+(a.taps-1)*q, -q
			a.add = (phase + padding - a.tap*dilation) / stride
			a.step = q * dilation / stride
		}
	}
	return a
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// count returns the number of results among n pixels that are written.
func (a *convAxis) count(n int) int { return (max(n-a.first, 0) + a.every - 1) / a.every }

// valid returns the taps of result o whose sources lie in [from, end): they are neighbours.
func (a *convAxis) valid(o, from, end int) (lo, hi int) {
	start := o*a.mul + a.add
	if start < from {
		lo = min((from-start+a.step-1)/a.step, a.taps)
	}
	if start < end {
		hi = min((end-1-start)/a.step+1, a.taps)
	}
	return lo, max(hi, lo)
}

// same returns how many results from o on, up to end, have the valid taps lo to hi, those of o.
func (a *convAxis) same(o, end, lo, hi, from, to int) int {
	if lo == 0 && hi == a.taps { // all the results whose first and last tap are inside
		return min(end, (to-1-a.add-(a.taps-1)*a.step)/a.mul+1) - o
	}
	n := 1
	for ; o+n < end; n++ {
		if l, h := a.valid(o+n, from, to); l != lo || h != hi {
			break
		}
	}
	return n
}
