package simd

// The pair kernels are the inner loop of GRIT's attention (Ma et al., "Graph Inductive Biases in Transformers without
// Message Passing", 2023, equation 2) for one query token and n keys. d is heads * headDim, all heads in one row. A row
// of e is [ew, eb]: the d factors, then the d offsets, of one (query, key) pair.

// The activations of the pair kernels.
const (
	PairIdentity = 0
	PairReLU     = 1
)

// PairForward sets, for each key r < n,
//
//	t = (q + k[r]) * ew[r]
//	eh[r] = act(sign(t) sqrt|t| + eb[r])
//
// with q [d], k [n, d] of row stride ldk, e [n, 2d] of row stride lde, eh [n, d]; act is PairIdentity or PairReLU.
func PairForward(eh, q, k, e []float32, n, d, ldk, lde, act int) {
	matrix("PairForward", "eh", len(eh), n, d, d)
	atLeast("PairForward", "q", len(q), d)
	matrix("PairForward", "k", len(k), n, d, ldk)
	matrix("PairForward", "e", len(e), n, 2*d, lde)
	checkAct("PairForward", act)
	if n > 0 && d > 0 {
		active.pairForward(eh, q, k, e, n, d, ldk, lde, act)
	}
}

// PairBackward is the gradient of [PairForward]. From g, [n, d], the gradient with respect to eh, and the inputs and
// output of the forward pass it computes, for each key r in increasing order,
//
//	s = q + k[r], t = s * ew[r]
//	geb = g[r], or 0 where act is PairReLU and eh[r] <= 0
//	gt = geb / (2 sqrt|t|), or 0 where t is 0
//	de[r] = [gt * s, geb]
//	dq += gt * ew[r]
//	dk[r] += gt * ew[r]
//
// with de [n, 2d] of row stride ldde, dq [d], dk [n, d] of row stride ldk. de is set, dq and dk are added to; the sum
// over keys is one chain in row order that starts from dq.
func PairBackward(de, dq, dk, g, eh, q, k, e []float32, n, d, ldk, lde, ldde, act int) {
	matrix("PairBackward", "de", len(de), n, 2*d, ldde)
	atLeast("PairBackward", "dq", len(dq), d)
	matrix("PairBackward", "dk", len(dk), n, d, ldk)
	matrix("PairBackward", "g", len(g), n, d, d)
	matrix("PairBackward", "eh", len(eh), n, d, d)
	atLeast("PairBackward", "q", len(q), d)
	matrix("PairBackward", "k", len(k), n, d, ldk)
	matrix("PairBackward", "e", len(e), n, 2*d, lde)
	checkAct("PairBackward", act)
	if n > 0 && d > 0 {
		active.pairBackward(de, dq, dk, g, eh, q, k, e, n, d, ldk, lde, ldde, act)
	}
}

func checkAct(op string, act int) {
	if act != PairIdentity && act != PairReLU {
		panic("simd: " + op + ": unknown activation, expected PairIdentity or PairReLU")
	}
}
