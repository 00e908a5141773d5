package gps

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// GraphNorm is the layer norm of PyTorch Geometric in its mode graph: the mean and the biased variance are those of all
// features of all nodes of a graph together; then each feature is scaled and shifted.
type GraphNorm struct {
	Weight, Bias *tensor.Tensor // [width]
	Eps          float64        // added to the variance
}

// NewGraphNorm returns a norm that neither scales nor shifts yet, with eps 1e-5.
func NewGraphNorm(width int) *GraphNorm {
	n := &GraphNorm{Weight: tensor.New(width), Bias: tensor.New(width), Eps: 1e-5}
	n.Weight.Fill(1)
	return n
}

// Params declares weight and bias.
func (n *GraphNorm) Params(c *nn.Params) {
	c.Param("weight", n.Weight)
	c.Param("bias", n.Bias)
}

// Apply returns x [nodes, width] normalised, graph g owning the rows offsets[g] to offsets[g+1]. Where all numbers of a
// graph are the same it gives the bias.
func (n *GraphNorm) Apply(tp *tensor.Tape, x *tensor.Var, offsets []int) *tensor.Var {
	if x.Cols() != n.Weight.Size() || len(offsets) == 0 || offsets[len(offsets)-1] != x.Rows() {
		panic(fmt.Sprintf("gps: GraphNorm: features %v and %d offsets, expected width %d and offsets up to the rows", x.Shape(), len(offsets), n.Weight.Size()))
	}
	op, ok := tp.Spare().(*graphNorm)
	if !ok {
		op = new(graphNorm)
	}
	*op = graphNorm{x: x, w: tp.Leaf(n.Weight), b: tp.Leaf(n.Bias), offsets: offsets, eps: n.Eps}
	op.y = tp.Out(x.Needs() || op.w.Needs() || op.b.Needs(), x.Shape()...)
	op.mean, op.invStd = tp.Scratch(len(offsets)-1), tp.Scratch(len(offsets)-1)
	parallel.For(len(offsets)-1, 1, op)
	if !tp.Recording() {
		op.release(tp)
	}
	tp.Record("GraphNorm", op, op.y)
	return op.y
}

// graphNorm is the recorded operation. A graph is a piece of work.
type graphNorm struct {
	x, w, b, y   *tensor.Var
	offsets      []int
	eps          float64
	mean, invStd []float32 // [graphs]

	back    bool
	g, dy   []float32
	add     bool
	work    []float32 // [workers, 2, cols]
	partial []float32 // [graphs, 2, cols] gradients of w and b
}

func (op *graphNorm) release(tp *tensor.Tape) {
	tp.Release(op.invStd)
	tp.Release(op.mean)
	op.mean, op.invStd = nil, nil
}

// Run does the graphs lo to hi.
func (op *graphNorm) Run(worker, lo, hi int) {
	cols := op.x.Cols()
	for g := lo; g < hi; g++ {
		if op.back {
			op.gradients(worker, g)
			continue
		}
		from, to := op.offsets[g]*cols, op.offsets[g+1]*cols
		x, y := op.x.Data()[from:to], op.y.Data()[from:to]
		if len(x) == 0 {
			continue
		}
		mean := float32(simd.Sum(x) / float64(len(x)))
		simd.AddConst(y, x, -mean)
		inv := float32(1 / math.Sqrt(simd.SumSquares(y)/float64(len(x))+op.eps))
		op.mean[g], op.invStd[g] = mean, inv
		for r := 0; r < len(y); r += cols {
			row := y[r : r+cols]
			simd.Scale(row, row, inv)
			simd.Mul(row, row, op.w.Data())
			simd.Add(row, row, op.b.Data())
		}
	}
}

// gradients: with h = w dy, dx = (h - mean h - x̂ mean(h x̂)) / std over the graph, dw = sum dy x̂ and db = sum dy.
func (op *graphNorm) gradients(worker, g int) {
	cols := op.x.Cols()
	xhat, h := op.work[2*worker*cols:][:cols], op.work[(2*worker+1)*cols:][:cols]
	part := op.partial[2*g*cols:][:2*cols]
	clear(part)
	var sumH, sumHX float64
	for r := op.offsets[g]; r < op.offsets[g+1]; r++ {
		dy := op.dy[r*cols:][:cols]
		op.normalised(xhat, g, r)
		simd.MulAdd(part[:cols], dy, xhat)
		simd.Add(part[cols:], part[cols:], dy)
		simd.Mul(h, dy, op.w.Data())
		sumH += simd.Sum(h)
		sumHX += simd.Dot(h, xhat)
	}
	if op.g == nil {
		return
	}
	n := float64((op.offsets[g+1] - op.offsets[g]) * cols)
	for r := op.offsets[g]; r < op.offsets[g+1]; r++ {
		op.normalised(xhat, g, r)
		simd.Mul(h, op.dy[r*cols:][:cols], op.w.Data())
		simd.AddConst(h, h, float32(-sumH/n))
		simd.AddScaled(h, xhat, float32(-sumHX/n))
		if to := op.g[r*cols:][:cols]; op.add {
			simd.AddScaled(to, h, op.invStd[g])
		} else {
			simd.Scale(to, h, op.invStd[g])
		}
	}
}

// normalised writes x̂ of row r of graph g.
func (op *graphNorm) normalised(dst []float32, g, r int) {
	simd.AddConst(dst, op.x.Data()[r*len(dst):][:len(dst)], -op.mean[g])
	simd.Scale(dst, dst, op.invStd[g])
}

// Backward adds up the graphs' gradients of weight and bias in their order.
func (op *graphNorm) Backward(tp *tensor.Tape) {
	cols, graphs := op.x.Cols(), len(op.offsets)-1
	op.dy, op.back = op.y.OutGrad(), true
	if op.x.Needs() {
		op.g, op.add = op.x.Accumulate()
	}
	op.partial, op.work = tp.Scratch(graphs*2*cols), tp.Scratch(parallel.Workers()*2*cols)
	parallel.For(graphs, 1, op)
	for k, v := range [2]*tensor.Var{op.w, op.b} {
		if !v.Needs() {
			continue
		}
		dv := v.AccumulateZeroed()
		for g := range graphs {
			simd.Add(dv, dv, op.partial[(2*g+k)*cols:][:cols])
		}
	}
	tp.Release(op.work)
	tp.Release(op.partial)
	op.release(tp)
	*op = graphNorm{}
}
