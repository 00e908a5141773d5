package attention

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// The second term of GRIT's attention, Ve (sum over j of a ê) head by head, is a small product per token: it is done
// for many tokens at a time, after the pairs in the forward pass and before them in the backward pass.

// softmaxEps is added to the denominator of the softmax, as torch_geometric's softmax does.
const softmaxEps = 1e-16

// tokenGrain is the number of tokens of a piece.
const tokenGrain = 128

// enhance adds Ve read to x for tokens lo to hi.
func (op *pairwise) enhance(lo, hi int) {
	d, dim, ve, x := op.d, op.dim, op.in.Enhance.Data(), op.x.Data()
	for h := range op.Heads {
		at := lo*d + h*dim
		simd.Gemm(false, false, hi-lo, dim, dim, op.read[at:], d, ve[h*dim*dim:(h+1)*dim*dim], dim, x[at:], d, true)
	}
}

// beginEnhanceBack computes the gradients of read, for the backward pass of the pairs, and of Ve.
func (op *pairwise) beginEnhanceBack(tp *tensor.Tape) {
	if op.in.Enhance == nil {
		return
	}
	b, tokens := &op.back, op.pairs.Tokens()
	b.dread = tp.Scratch(tokens * op.d)
	b.enhance = tp.Scratch(parallel.Chunks(tokens, tokenGrain) * op.d * op.dim)
	op.phase = phaseEnhanceBack
	parallel.For(tokens, tokenGrain, op)
}

// enhanceBack does tokens lo to hi: dread = dx Veᵀ, and the piece's share of dVe = readᵀ dx.
func (op *pairwise) enhanceBack(lo, hi int) {
	d, dim, ve, dx := op.d, op.dim, op.in.Enhance.Data(), op.back.dx
	part := op.back.enhance[lo/tokenGrain*d*dim:]
	for h := range op.Heads {
		at, w := lo*d+h*dim, h*dim*dim
		simd.Gemm(false, true, hi-lo, dim, dim, dx[at:], d, ve[w:w+dim*dim], dim, op.back.dread[at:], d, false)
		simd.Gemm(true, false, dim, dim, hi-lo, op.read[at:], d, dx[at:], d, part[w:w+dim*dim], dim, false)
	}
}

// endEnhanceBack adds the pieces of dVe in their order.
func (op *pairwise) endEnhanceBack(tp *tensor.Tape) {
	if op.in.Enhance == nil {
		return
	}
	b, size := &op.back, op.d*op.dim
	pieces := len(b.enhance) / size
	for p := 1; p < pieces; p++ {
		simd.Add(b.enhance[:size], b.enhance[:size], b.enhance[p*size:(p+1)*size])
	}
	if pieces > 0 {
		addGradient(op.in.Enhance, b.enhance[:size])
	}
	tp.Release(b.enhance)
	tp.Release(b.dread)
}
