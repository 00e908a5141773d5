package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	"github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/pass"
	"github.com/mmcloughlin/avo/printer"
	"github.com/mmcloughlin/avo/reg"
)

// A level is an instruction set kernels are generated for.
type level int

const (
	avx2 level = iota
	avx512
)

func (l level) String() string {
	return [...]string{"AVX2", "AVX512"}[l]
}

// A gen writes one file. Its embedded context has a method for each instruction; width.go adds what differs between the
// levels, so that most kernels are written once.
type gen struct {
	*build.Context
	level
	consts map[string]operand.Mem
	labels int
}

// render returns the assembly and the Go declarations of a group.
func render(gr group, l level) (asm, stubs []byte, err error) {
	g := &gen{Context: build.NewContext(), level: l, consts: map[string]operand.Mem{}}
	gr.build(g)
	f, err := g.Result()
	if err != nil {
		return nil, nil, err
	}
	cfg := printer.Config{Argv: []string{"go", "run", "./asm"}, Name: "avo", Pkg: "simd"}
	var asmOut, stubsOut output
	passes := pass.Concat(
		pass.Compile,
		pass.FunctionPass(checkRegisters(l)),
		&pass.Output{Writer: &asmOut, Printer: printer.NewGoAsm(cfg)},
		&pass.Output{Writer: &stubsOut, Printer: printer.NewStubs(cfg)},
	)
	if err := passes.Execute(f); err != nil {
		return nil, nil, err
	}
	return asmOut.Bytes(), stubsOut.Bytes(), nil
}

type output struct{ bytes.Buffer }

func (*output) Close() error { return nil }

var _ io.WriteCloser = (*output)(nil)

// checkRegisters returns a pass that refuses what the level has not: AVX2 knows sixteen vector registers, while avo
// would allocate thirty-two.
func checkRegisters(l level) func(*ir.Function) error {
	return func(f *ir.Function) error {
		for _, isa := range f.ISA {
			if l == avx2 && strings.HasPrefix(isa, "AVX512") {
				return fmt.Errorf("%s: an instruction needs %s", f.Name, isa)
			}
		}
		if l != avx2 {
			return nil
		}
		for _, i := range f.Instructions() {
			for _, r := range i.Registers() {
				if p, ok := r.(reg.Physical); ok && r.Kind() == reg.KindVector && p.PhysicalIndex() >= 16 {
					return errors.New(f.Name + ": needs more than sixteen vector registers")
				}
			}
		}
		return nil
	}
}

// fn begins a function: name gets the level as suffix, signature is Go source such as "func(x []float32)".
func (g *gen) fn(name, signature, doc string) {
	name += g.level.String()
	g.Function(name)
	g.Attributes(attr.NOSPLIT)
	g.SignatureExpr(signature)
	g.Doc(strings.Split(name+" "+doc, "\n")...)
	g.Pragma("noescape")
	g.labels = 0
}

// ret ends a function. Mixing wide registers with the SSE code of the Go compiler is slow until the upper halves are
// cleared.
func (g *gen) ret() {
	g.VZEROUPPER()
	g.RET()
}

// returns ends a function with a result that is the lowest element of a vector register. avo stores it with an SSE
// instruction, so the upper halves are cleared before.
func (g *gen) returns(result reg.Register) {
	g.VZEROUPPER()
	g.Store(result, g.ReturnIndex(0))
	g.RET()
}

// newLabel returns a label no other place of the function has.
func (g *gen) newLabel(what string) string {
	g.labels++
	return fmt.Sprintf("%s%d", what, g.labels)
}

// arg loads an integer or pointer argument.
func (g *gen) arg(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name), r)
	return r
}

// slice loads the address of the first element of a slice argument.
func (g *gen) slice(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name).Base(), r)
	return r
}

// length loads the length of a slice argument.
func (g *gen) length(name string) reg.GPVirtual {
	r := g.GP64()
	g.Load(g.Param(name).Len(), r)
	return r
}
