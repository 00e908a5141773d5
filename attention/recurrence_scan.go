package attention

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Runs are lists of tokens that a [DecayScan] goes along, one after the other: run r is
// Order[Offsets[r]], ..., Order[Offsets[r+1]-1]. Every token of the batch is in exactly one run.
type Runs struct {
	Offsets []int
	Order   []int32 // nil means 0, 1, 2, ...: sequences laid end to end
}

// AddGrid appends the runs along one axis of a grid whose tokens are the rows from first on in row-major order: a run
// for every choice of the other indices. Axis 0 is the slowest.
func (r *Runs) AddGrid(first int, shape []int, axis int) {
	if axis < 0 || axis >= len(shape) {
		panic(fmt.Sprintf("attention: Runs: AddGrid: the grid %v has no axis %d", shape, axis))
	}
	outer, inner := 1, 1
	for a, n := range shape {
		switch {
		case n < 0:
			panic(fmt.Sprintf("attention: Runs: AddGrid: the grid %v has a negative side", shape))
		case a < axis:
			outer *= n
		case a > axis:
			inner *= n
		}
	}
	if len(r.Offsets) == 0 {
		r.Offsets = append(r.Offsets, 0)
	}
	n := shape[axis]
	for o := range outer {
		for i := range inner {
			for s := range n {
				r.Order = append(r.Order, int32(first+(o*n+s)*inner+i))
			}
			r.Offsets = append(r.Offsets, len(r.Order))
		}
	}
}

// decayScan is the recorded operation.
type decayScan struct {
	x, lambda, y *tensor.Var
	runs         Runs
	decays       []float32 // lambda, channel by channel [width]
	groups       []int     // group n is runs groups[n] to groups[n+1]
	parts        []float32 // [groups, width]: the gradient of the decays
	work         []float32
	g            gradient
	dy           []float32
	seen         []bool
	back         bool
}

// The work of a scan is cut into at most scanGroups groups of runs, and into pieces of scanChannels channels.
const (
	scanGroups   = 32
	scanChannels = 128
)

// DecayScan sums the tokens of every run with a decay, a causal scan along it: with head h of the channels
//
//	y_t = sum over s <= t of lambda_h^(t-s) x_s = lambda_h y_(t-1) + x_t
//
// for x [tokens, heads * head dim] and lambda [heads], t counting the tokens of a run. This is the Toeplitz position
// encoding of LightNet (Qin and others, arXiv 2405.21022) without its coefficient, norm and projection. Both inputs get
// gradients. A token that is in no run, or in two, panics.
func DecayScan(tp *tensor.Tape, x, lambda *tensor.Var, runs Runs) *tensor.Var {
	op, ok := tp.Spare().(*decayScan)
	if !ok {
		op = new(decayScan)
	}
	heads, width := lambda.Value().Size(), x.Cols()
	if heads < 1 || width%heads != 0 {
		panic(fmt.Sprintf("attention: DecayScan: %d decays do not divide width %d", heads, width))
	}
	*op = decayScan{x: x, lambda: lambda, runs: runs, groups: op.groups, seen: op.seen,
		y: tp.Out(x.Needs() || lambda.Needs(), x.Shape()...), decays: tp.Scratch(width)}
	op.checkRuns(x.Rows())
	for h, l := range lambda.Data() {
		simd.Fill(op.decays[h*width/heads:(h+1)*width/heads], l)
	}
	op.group()
	op.run()
	if !tp.Recording() {
		tp.Release(op.decays)
	}
	tp.Record("DecayScan", op, op.y)
	return op.y
}

// checkRuns panics unless every token is in one run.
func (op *decayScan) checkRuns(tokens int) {
	order := op.runs.Order
	if order == nil {
		mustOffsets("DecayScan", "run", op.runs.Offsets, tokens)
		return
	}
	mustOffsets("DecayScan", "run", op.runs.Offsets, len(order))
	if len(order) != tokens {
		panic(fmt.Sprintf("attention: DecayScan: the runs have %d tokens, the batch %d", len(order), tokens))
	}
	if cap(op.seen) < tokens {
		op.seen = make([]bool, tokens)
	}
	op.seen = op.seen[:tokens]
	clear(op.seen)
	for _, t := range order {
		if t < 0 || int(t) >= tokens || op.seen[t] {
			panic(fmt.Sprintf("attention: DecayScan: token %d of the runs comes twice or is not one of %d", t, tokens))
		}
		op.seen[t] = true
	}
}

// group cuts the runs into groups of about the same number of tokens.
func (op *decayScan) group() {
	offsets := op.runs.Offsets
	runs := len(offsets) - 1
	target := (offsets[runs] + scanGroups - 1) / scanGroups
	op.groups = append(op.groups[:0], 0)
	for r := 1; r <= runs; r++ {
		if r == runs || offsets[r]-offsets[op.groups[len(op.groups)-1]] >= target {
			op.groups = append(op.groups, r)
		}
	}
}

func (op *decayScan) run() {
	parallel.For((len(op.groups)-1)*parallel.Chunks(op.x.Cols(), scanChannels), 1, op)
}

// row returns the row of the token at place n of the order.
func (op *decayScan) row(n int) int {
	if op.runs.Order == nil {
		return n
	}
	return int(op.runs.Order[n])
}

// Run does groups of runs, piece by piece of the channels.
func (op *decayScan) Run(worker, lo, hi int) {
	width := op.x.Cols()
	pieces := parallel.Chunks(width, scanChannels)
	for u := lo; u < hi; u++ {
		group, c := u/pieces, u%pieces*scanChannels
		end := min(c+scanChannels, width)
		for r := op.groups[group]; r < op.groups[group+1]; r++ {
			from, to := op.runs.Offsets[r], op.runs.Offsets[r+1]
			if op.back {
				work := op.work[worker*2*scanChannels:][:2*scanChannels]
				op.runBack(work, group, from, to, c, end)
			} else {
				op.runForward(from, to, c, end)
			}
		}
	}
}

// runForward goes along the run at places from to to, channels c to end.
func (op *decayScan) runForward(from, to, c, end int) {
	width, lambda := op.x.Cols(), op.decays[c:end]
	var before []float32
	for n := from; n < to; n++ {
		r := op.row(n) * width
		y := op.y.Data()[r+c : r+end]
		copy(y, op.x.Data()[r+c:r+end])
		if before != nil {
			simd.MulAdd(y, before, lambda)
		}
		before = y
	}
}

// Backward: with R_t = dy_t + lambda R_(t+1), dx_t = R_t and dlambda = sum over t of R_t·y_(t-1).
func (op *decayScan) Backward(tp *tensor.Tape) {
	width, heads := op.x.Cols(), op.lambda.Value().Size()
	op.dy = op.y.OutGrad()
	op.g = gradientOf(op.x, op.lambda)
	op.parts = tp.Scratch((len(op.groups) - 1) * width)
	op.work = tp.Scratch(parallel.Workers() * 2 * scanChannels)
	clear(op.parts)
	op.back = true
	op.run()
	if op.lambda.Needs() {
		dl := op.lambda.AccumulateZeroed()
		for h := range dl {
			var sum float64
			for n := 0; n+1 < len(op.groups); n++ {
				sum += simd.Sum(op.parts[n*width+h*width/heads : n*width+(h+1)*width/heads])
			}
			dl[h] += float32(sum)
		}
	}
	for _, s := range [...][]float32{op.work, op.parts, op.decays} {
		tp.Release(s)
	}
	op.work, op.parts, op.decays, op.dy, op.g = nil, nil, nil, nil, gradient{}
}

// runBack goes back along a run.
func (op *decayScan) runBack(work []float32, group, from, to, c, end int) {
	width, lambda := op.x.Cols(), op.decays[c:end]
	sum, next := work[:end-c], work[scanChannels:][:end-c] // R_t, R_(t+1)
	part := op.parts[group*width+c : group*width+end]
	for n := to - 1; n >= from; n-- {
		r := op.row(n) * width
		copy(sum, op.dy[r+c:r+end])
		if n+1 < to {
			simd.MulAdd(sum, next, lambda)
		}
		if n > from {
			before := op.row(n-1) * width
			simd.MulAdd(part, sum, op.y.Data()[before+c:before+end])
		}
		if op.g.to != nil {
			if dx := op.g.to[r+c : r+end]; op.g.add {
				simd.Add(dx, dx, sum)
			} else {
				copy(dx, sum)
			}
		}
		sum, next = next, sum
	}
}
