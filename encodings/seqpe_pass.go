package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/tensor"
)

// seqPEPass is the encoding of one pass.
type seqPEPass struct {
	*seqPE
	layout  *Layout
	vectors *tensor.Var // e [distinct positions, out], after the vector of leading tokens where there are any
	first   int32       // row of the first position
	rows    []int32     // [tokens] of vectors
	mapped  *tensor.Var // W e + b of all layers, where they share it
	perHead [2][]int32  // rows of vectors for every token and head, of queries and of keys, once needed

	// What the losses compare, as numbers of positions: add first for rows of vectors.
	pivots, candidates []int32
	labels             []int
	home, away         []int32
}

// Tokens adds e to the tokens where that is its use.
func (p *seqPEPass) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	if p.Use != SeqPEInput {
		return x
	}
	return tp.Add(x, tp.Gather(p.vectors, p.rows))
}

// Attend joins e_q and e_k with queries and keys.
func (p *seqPEPass) Attend(tp *tensor.Tape, a *Attention) {
	p.layout.onLine(a)
	if p.Use == SeqPEInput {
		return
	}
	if a.Query.Cols() != p.d.Heads*p.d.HeadDim || a.Key.Cols() != p.d.KVHeads*p.d.HeadDim || a.Query.Rows() != len(p.rows) || a.Key.Rows() != len(p.rows) {
		panic(fmt.Sprintf("encodings: seqpe: queries %v and keys %v are not those of %d tokens with %d and %d heads of %d",
			a.Query.Shape(), a.Key.Shape(), len(p.rows), p.d.Heads, p.d.KVHeads, p.d.HeadDim))
	}
	mapped := p.mapped
	if mapped == nil {
		mapped = p.maps[a.Layer].Apply(tp, p.vectors)
	}
	a.Query = p.join(tp, a.Query, tp.Columns(mapped, 0, p.queryWidth), 0, p.d.Heads)
	a.Key = p.join(tp, a.Key, tp.Columns(mapped, p.queryWidth, p.queryWidth+p.keyWidth), 1, p.d.KVHeads)
	if p.Use == SeqPEScalar && a.Scale == 0 {
		a.Scale = 1 / math.Sqrt(float64(p.d.HeadDim)) // of the queries' own channels, without those of e_q
	}
}

// join joins x [tokens, heads * head dim] with the vectors of positions, [positions, width]; side is 0 for queries and 1
// for keys.
func (p *seqPEPass) join(tp *tensor.Tape, x, vectors *tensor.Var, side, heads int) *tensor.Var {
	tokens, dim := len(p.rows), p.d.HeadDim
	rows := p.rows
	if p.SharedHead {
		if p.perHead[side] == nil {
			for _, r := range p.rows {
				for range heads {
					p.perHead[side] = append(p.perHead[side], r)
				}
			}
		}
		rows = p.perHead[side]
	}
	e := tp.Gather(vectors, rows)
	switch p.Use {
	case SeqPEMul:
		return tp.Mul(x, tp.Reshape(e, tokens, heads*dim))
	case SeqPEAdd:
		return tp.Add(x, tp.Reshape(e, tokens, heads*dim))
	}
	both := tp.Concat(tp.Reshape(x, tokens*heads, dim), tp.Reshape(e, tokens*heads, dim))
	return tp.Reshape(both, tokens, 2*heads*dim)
}

// Loss returns the weighted sum of the contrastive loss and the distillation in a training pass.
func (p *seqPEPass) Loss(tp *tensor.Tape) *tensor.Var {
	warm := 1.0
	if p.WarmUp > 0 {
		warm = min(1, float64(tp.Pass().Step+1)/float64(p.WarmUp))
	}
	var total *tensor.Var
	add := func(loss *tensor.Var, weight float64) {
		if loss = scaled(tp, loss, weight*warm); total != nil {
			loss = tp.Add(total, loss)
		}
		total = loss
	}
	if len(p.pivots) > 0 {
		heads := 1
		if p.Contrastive.PerHead {
			heads = p.lossHeads
		}
		add(contrastiveLoss(tp, p.of(tp, p.pivots), p.of(tp, p.candidates), p.labels, heads, p.LogitScale), p.Contrastive.Weight)
	}
	if len(p.home) > 0 {
		heads := p.lossHeads
		if p.Transfer.Undivided {
			heads = 1
		}
		add(transferLoss(tp, p.of(tp, p.home), p.of(tp, p.away), p.Transfer.Windows, heads, p.Transfer, p.LogitScale), p.Transfer.Weight)
	}
	return total
}

// of returns the vectors of numbered positions.
func (p *seqPEPass) of(tp *tensor.Tape, positions []int32) *tensor.Var {
	rows := make([]int32, len(positions))
	for i, n := range positions {
		rows[i] = p.first + n
	}
	return tp.Gather(p.vectors, rows)
}
