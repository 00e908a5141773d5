package encodings

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/tensor"
)

// blockRotation is the operation q' = exp(S) q and k' = exp(S) k for every block of channels, S being the sum over the
// axes of B_i x_i, with gradients of q, k, the generators, the multipliers and the coordinates. It never makes a matrix
// of a head. A unit of work is one block of one head of keys, with the heads of queries that share it; it goes over all
// tokens, so that the gradient of its parameters is one sum in the order of the tokens.
type blockRotation struct {
	blockShape
	q, k, qy, ky *tensor.Var
	coords       *tensor.Var // x [tokens, axes]
	generators   *tensor.Var // P [kv heads, blocks, block, block], or [kv heads, axes, blocks, block, block]; nil where fixed
	multiplier   *tensor.Var // θ [axes, blocks]; nil where every axis counts once or not at all
	forms        []skewForm  // [units]: P - Pᵀ taken apart, where the axes share it

	back         bool
	dq, dk       []float32
	addQ, addK   bool
	dgen         []float32 // gradients; nil where not wanted
	dmul         []float64 // [units, axes]
	sums         []float64 // the memory of dmul
	dcoords      []float32 // [units, tokens, axes]
	gradientOfQK [2][]float32
}

// blockShape is what the rotations of a model have in common.
type blockShape struct {
	heads, kvHeads, headDim, block, axes int
	// free says that every axis has a generator of its own, and so every token a matrix of its own to be taken apart.
	free  bool
	scale float64   // of the generators
	share []float64 // [axes, blocks]: how much of a coordinate a block turns by, where nothing is learned of it
	fixed []float64 // [blocks]: radians by unit, of blocks of 2 that learn nothing; nil where they do
}

func (s *blockShape) blocks() int { return s.headDim / s.block }

func (s *blockShape) units() int { return s.kvHeads * s.blocks() }

// rotateBlocks records the operation and returns q' and k'.
func rotateBlocks(tp *tensor.Tape, shape blockShape, q, k, coords, generators, multiplier *tensor.Var) (qy, ky *tensor.Var) {
	op, ok := tp.Spare().(*blockRotation)
	if !ok {
		op = &blockRotation{}
	}
	needs := coords.Needs() || generators != nil && generators.Needs() || multiplier != nil && multiplier.Needs()
	forms, sums := op.forms, op.sums
	*op = blockRotation{sums: sums, blockShape: shape, q: q, k: k, coords: coords, generators: generators, multiplier: multiplier,
		qy: tp.Out(needs || q.Needs(), q.Shape()...), ky: tp.Out(needs || k.Needs(), k.Shape()...)}
	if len(forms) != op.units() {
		forms = make([]skewForm, op.units())
	}
	op.forms = forms
	parallel.For(op.units(), op.grain(), op)
	tp.Record("RotateBlocks", op, op.qy, op.ky)
	return op.qy, op.ky
}

// grain is the number of units that are done at a time: those whose channels share a line of the cache.
func (op *blockRotation) grain() int { return max(1, 16/op.block) }

// Run does the units lo to hi.
func (op *blockRotation) Run(_, lo, hi int) {
	for u := lo; u < hi; u++ {
		if op.back {
			op.pullUnit(u)
		} else {
			op.turnUnit(u)
		}
	}
}

// matrix sets s to the generators of unit u, joined at the coordinates x where every axis has its own.
func (op *blockRotation) matrix(s *[maxBlock * maxBlock]float64, u int, x []float32) {
	n := op.block
	clear(s[:n*n])
	if op.fixed != nil {
		s[2] = op.fixed[u%op.blocks()]
		return
	}
	for axis := range op.generated() {
		by := op.scale
		if op.free {
			by *= float64(x[axis])
		}
		p := op.generators.Data()[op.generator(u, axis):]
		for r := range n {
			for c := range r {
				s[r*n+c] += by * (float64(p[r*n+c]) - float64(p[c*n+r]))
			}
		}
	}
}

// generated is the number of generators of a block.
func (op *blockRotation) generated() int {
	if op.free {
		return op.axes
	}
	return 1
}

// generator returns where the generator of a unit and axis begins.
func (op *blockRotation) generator(u, axis int) int {
	h, j := u/op.blocks(), u%op.blocks()
	return ((h*op.generated()+axis)*op.blocks() + j) * op.block * op.block
}

// part returns how much of coordinate axis block j turns by.
func (op *blockRotation) part(axis, j int) float64 {
	if op.multiplier != nil {
		return float64(op.multiplier.Data()[axis*op.blocks()+j])
	}
	return op.share[axis*op.blocks()+j]
}

// prepare returns the form of unit u at coordinates x and the number by which it is multiplied. Forms that hold for all
// tokens are made once, at the first.
func (op *blockRotation) prepare(own *skewForm, u, t int) (form *skewForm, s float64) {
	x := op.coords.Data()[t*op.axes : (t+1)*op.axes]
	form = &op.forms[u]
	if op.free {
		form = own
	}
	if op.free || t == 0 && !op.back {
		var m [maxBlock * maxBlock]float64
		op.matrix(&m, u, x)
		form.decompose(m[:], op.block)
	}
	if op.free {
		return form, 1
	}
	for axis, v := range x {
		s += op.part(axis, u%op.blocks()) * float64(v)
	}
	return form, s
}

// vectors calls f for the places of unit u in the rows of token t: those of the keys (of queries: false), then those of
// the queries that share them.
func (op *blockRotation) vectors(u, t int, f func(query bool, at int)) {
	h, j := u/op.blocks(), u%op.blocks()
	f(false, (t*op.kvHeads+h)*op.headDim+j*op.block)
	for g := range op.heads / op.kvHeads {
		f(true, (t*op.heads+h*(op.heads/op.kvHeads)+g)*op.headDim+j*op.block)
	}
}

// turnUnit computes unit u of the result.
func (op *blockRotation) turnUnit(u int) {
	var own skewForm
	var x [maxBlock]float64
	for t := range op.q.Rows() {
		form, s := op.prepare(&own, u, t)
		turn := form.turns(s)
		op.vectors(u, t, func(query bool, at int) {
			from, to := op.k.Data(), op.ky.Data()
			if query {
				from, to = op.q.Data(), op.qy.Data()
			}
			form.into(&x, from[at:])
			turn.apply(&x, op.block, 1)
			form.out(to[at:], &x, false)
		})
	}
}

// pullUnit computes what unit u contributes to the gradients: x̄ = exp(S)ᵀ ȳ, that of S, and of the sum s of coordinates
// by which S goes, ȳ · K y for S = s K.
func (op *blockRotation) pullUnit(u int) {
	var own skewForm
	var pull skewPull
	var x, g [maxBlock]float64
	tokens, axes := op.q.Rows(), op.axes
	for t := range tokens {
		form, s := op.prepare(&own, u, t)
		turn := form.turns(s)
		ds := 0.0
		op.vectors(u, t, func(query bool, at int) {
			from, dy, dx, add := op.k.Data(), op.gradientOfQK[1], op.dk, op.addK
			if query {
				from, dy, dx, add = op.q.Data(), op.gradientOfQK[0], op.dq, op.addQ
			}
			form.into(&g, dy[at:])
			form.into(&x, from[at:])
			if op.dgen != nil || op.free && op.dcoords != nil {
				pull.add(&g, &x, op.block)
			}
			turn.apply(&x, op.block, 1)
			for j := range op.block / 2 {
				ds += form.w[j] * (g[2*j+1]*x[2*j] - g[2*j]*x[2*j+1])
			}
			if dx != nil {
				turn.apply(&g, op.block, -1)
				form.out(dx[at:], &g, add)
			}
		})
		if op.dgen != nil || op.free && op.dcoords != nil {
			pull.pull(form, s)
		}
		at := op.coords.Data()[t*axes : (t+1)*axes]
		if op.free {
			op.pullFree(u, t, at, &pull, form)
			continue
		}
		for axis, v := range at {
			if op.dmul != nil {
				op.dmul[u*axes+axis] += ds * float64(v)
			}
			if op.dcoords != nil {
				op.dcoords[(u*tokens+t)*axes+axis] = float32(ds * op.part(axis, u%op.blocks()))
			}
		}
	}
	if op.dgen != nil && !op.free {
		var d [maxBlock][maxBlock]float64
		pull.take(&d, &op.forms[u])
		op.addGenerator(u, 0, op.scale, &d)
	}
}

// pullFree passes the gradient of a token's own matrix to generators and coordinates.
func (op *blockRotation) pullFree(u, t int, at []float32, pull *skewPull, form *skewForm) {
	if op.dgen == nil && op.dcoords == nil {
		return
	}
	var d [maxBlock][maxBlock]float64
	pull.take(&d, form)
	for axis, v := range at {
		if op.dgen != nil {
			op.addGenerator(u, axis, op.scale*float64(v), &d)
		}
		if op.dcoords == nil {
			continue
		}
		// d is G - Gᵀ for the gradient G of S, and so half its product with P - Pᵀ is G's.
		p, sum, n := op.generators.Data()[op.generator(u, axis):], 0.0, op.block
		for r := range n {
			for c := range n {
				sum += d[r][c] * (float64(p[r*n+c]) - float64(p[c*n+r]))
			}
		}
		op.dcoords[(u*op.q.Rows()+t)*op.axes+axis] = float32(op.scale * sum / 2)
	}
}

// addGenerator adds to the gradient of a generator, which unit u alone does.
func (op *blockRotation) addGenerator(u, axis int, by float64, d *[maxBlock][maxBlock]float64) {
	n, at := op.block, op.generator(u, axis)
	for r := range n {
		for c := range n {
			op.dgen[at+r*n+c] += float32(by * d[r][c])
		}
	}
}

// Backward runs the units and adds up, in their order, what they share.
func (op *blockRotation) Backward(tp *tensor.Tape) {
	op.back = true
	op.gradientOfQK = [2][]float32{op.qy.OutGrad(), op.ky.OutGrad()}
	if op.q.Needs() {
		op.dq, op.addQ = op.q.Accumulate()
	}
	if op.k.Needs() {
		op.dk, op.addK = op.k.Accumulate()
	}
	if op.generators != nil && op.generators.Needs() {
		op.dgen = op.generators.AccumulateZeroed()
	}
	if op.multiplier != nil && op.multiplier.Needs() {
		if len(op.sums) != op.units()*op.axes {
			op.sums = make([]float64, op.units()*op.axes)
		}
		op.dmul = op.sums
		clear(op.dmul)
	}
	if op.coords.Needs() {
		op.dcoords = tp.Scratch(op.units() * op.coords.Value().Size())
	}
	parallel.For(op.units(), op.grain(), op)
	if op.dmul != nil {
		g := op.multiplier.AccumulateZeroed()
		for u := range op.units() {
			for axis := range op.axes {
				g[axis*op.blocks()+u%op.blocks()] += float32(op.dmul[u*op.axes+axis])
			}
		}
	}
	if op.dcoords != nil {
		g := op.coords.AccumulateZeroed()
		for u := range op.units() {
			for n := range g {
				g[n] += op.dcoords[u*len(g)+n]
			}
		}
		tp.Release(op.dcoords)
	}
	*op = blockRotation{forms: op.forms, sums: op.sums}
}
