package main

import (
	"strings"

	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// each emits a loop over n elements: unroll registers a round, then one, then the rest under a mask. The body is emitted
// once for each register and gets its place, in bytes beyond the index register, and the mask, nil for a whole register.
// n is used up.
func (g *gen) each(n reg.GPVirtual, unroll int, body func(index reg.GPVirtual, disp int, sel *mask)) {
	index := g.GP64()
	g.XORQ(index, index)
	g.eachFrom(index, n, unroll, body)
}

// eachFrom is each from an index on; n counts what is left.
func (g *gen) eachFrom(index, n reg.GPVirtual, unroll int, body func(index reg.GPVirtual, disp int, sel *mask)) {
	steps := []int{unroll, 1}
	if unroll == 1 {
		steps = steps[:1]
	}
	for _, count := range steps {
		loop, done := g.newLabel("loop"), g.newLabel("less")
		g.SUBQ(operand.I32(count*g.lanes()), n)
		g.JL(operand.LabelRef(done))
		g.Label(loop)
		for u := range count {
			body(index, u*g.bytes(), nil)
		}
		g.ADDQ(operand.I32(count*g.bytes()), index)
		g.SUBQ(operand.I32(count*g.lanes()), n)
		g.JGE(operand.LabelRef(loop))
		g.Label(done)
		g.ADDQ(operand.I32(count*g.lanes()), n)
	}
	done := g.newLabel("done")
	g.JZ(operand.LabelRef(done)) // the flags are those of the addition
	body(index, 0, g.tailMask(n))
	g.Label(done)
}

// mapping is an elementwise kernel: dst and sources of one length, and float32 scalars.
type mapping struct {
	name    string
	sources string // comma-separated arguments that are slices, dst excluded
	scalars string // comma-separated arguments that are float32
	doc     string
	unroll  int  // registers a round: 4 where memory is the limit, fewer where the body is long
	update  bool // dst is read too, as the first operand of the body
	// body returns the new value of dst; it may use x as scratch, not s.
	body func(g *gen, x, s []vec) vec
}

func (m mapping) emit(g *gen) {
	sources := []string{"dst"}
	if m.sources != "" {
		sources = append(sources, strings.Split(m.sources, ", ")...)
	}
	signature := "func(" + strings.Join(sources, ", ") + " []float32"
	if m.scalars != "" {
		signature += ", " + m.scalars + " float32"
	}
	g.fn(m.name, signature+")", m.doc)
	var base []reg.GPVirtual
	for _, s := range sources {
		base = append(base, g.slice(s))
	}
	var scalars []vec
	if m.scalars != "" {
		for _, s := range strings.Split(m.scalars, ", ") {
			scalars = append(scalars, g.scalar(s))
		}
	}
	read := base
	if !m.update {
		read = base[1:]
	}
	g.each(g.length("dst"), m.unroll, func(index reg.GPVirtual, disp int, sel *mask) {
		var x []vec
		for _, b := range read {
			v := g.vec()
			g.load(operand.Mem{Base: b, Index: index, Scale: 1, Disp: disp}, v, sel)
			x = append(x, v)
		}
		y := m.body(g, x, scalars)
		g.store(y, operand.Mem{Base: base[0], Index: index, Scale: 1, Disp: disp}, sel)
	})
	g.ret()
}
