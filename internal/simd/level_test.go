package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// eachLevel runs f with the table of every level this machine has.
func eachLevel(t *testing.T, f func(t *testing.T, k *kernels)) {
	t.Helper()
	for _, l := range Levels() {
		t.Run(l.String(), func(t *testing.T) { f(t, tableOf(l)) })
	}
}

func benchLevels(b *testing.B, f func(b *testing.B, k *kernels)) {
	for _, l := range Levels() {
		b.Run(l.String(), func(b *testing.B) { f(b, tableOf(l)) })
	}
}

// sizes are the lengths vector kernels are tried at: all tails, and a few longer ones. The race detector, which slows the
// references and has nothing to find in kernels, sees fewer.
func sizes() []int {
	if raceEnabled {
		return []int{0, 1, 7, 8, 15, 16, 17, 33, 63, 70, 129}
	}
	var s []int
	for n := range 71 {
		s = append(s, n)
	}
	return append(s, 127, 128, 129, 255, 500, 1024, 1027, 4099)
}

const guard = 16 // elements around every slice under test

var canary = math.Float32frombits(0x7fc0beef)

// guarded is a slice with canaries on both sides, off elements from where it would be aligned.
type guarded struct {
	all, s []float32
}

func newGuarded(n, off int) guarded {
	all := make([]float32, guard+off+n+guard)
	for i := range all {
		all[i] = canary
	}
	return guarded{all, all[guard+off : guard+off+n : guard+off+n]}
}

func (g guarded) with(values []float32) guarded {
	copy(g.s, values)
	return g
}

// check fails if something was written beside the slice.
func (g guarded) check(t *testing.T, what string) {
	t.Helper()
	before := len(g.all) - guard - len(g.s)
	for i, x := range g.all {
		if (i < before || i >= before+len(g.s)) && math.Float32bits(x) != math.Float32bits(canary) {
			t.Fatalf("%s: element %d of %d was written, outside the slice", what, i-before, len(g.s))
		}
	}
}

// randoms returns n values of many magnitudes and both signs.
func randoms(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 1))
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(r.NormFloat64() * math.Exp(r.NormFloat64()))
	}
	return s
}

// normals returns n standard normal values.
func normals(n int, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 2))
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

var (
	inf      = float32(math.Inf(1))
	nan      = float32(math.NaN())
	specials = []float32{0, float32(math.Copysign(0, -1)), 1, -1, inf, -inf, nan, 1e18, -1e18,
		math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 0x1p-126, 0.5, -0.5, 1e-20, -1e-20, 100, -100}
)

// ulp is the distance of neighbouring float32 at x.
func ulp(x float64) float64 {
	x = math.Abs(x)
	if x < 0x1p-126 {
		return 0x1p-149
	}
	_, e := math.Frexp(x)
	return math.Ldexp(1, e-24)
}

// ulpsOff is how far got is from want in units in the last place of scale; the same infinity or NaN is no distance.
func ulpsOff(got float32, want, scale float64) float64 {
	w := float32(want)
	switch {
	case want != want || got != got:
		if want != want && got != got {
			return 0
		}
		return math.Inf(1)
	case got == w:
		return math.Abs(float64(got)-want) / ulp(max(math.Abs(scale), 0x1p-126)) * b2f(!math.IsInf(float64(w), 0))
	case math.IsInf(float64(w), 0) && math.Abs(float64(got)) == math.MaxFloat32 && math.Signbit(float64(got)) == math.Signbit(want):
		return 1
	}
	return math.Abs(float64(got)-want) / ulp(scale)
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func mustPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), text) {
			t.Errorf("panic %v, expected one with %q", r, text)
		}
	}()
	f()
}

func TestLevelChoice(t *testing.T) {
	have := []Level{None, AVX2}
	for _, c := range []struct {
		word string
		want Level
		text string // of the error
	}{
		{"", AVX2, ""},
		{"none", None, ""},
		{"avx2", AVX2, ""},
		{"avx512", None, "this machine cannot run avx512; set one of none, avx2"},
		{"sse9", None, "GRAFT_SIMD=sse9: no such level; the levels are avx512, avx2 and none, and this machine can run none, avx2"},
	} {
		got, err := choose(c.word, have)
		if got != c.want || (err == nil) != (c.text == "") || (err != nil && !strings.Contains(err.Error(), c.text)) {
			t.Errorf("choose(%q) = %v, %v; expected %v, %q", c.word, got, err, c.want, c.text)
		}
	}
	mustPanic(t, "no such level", func() { mustChoose("fast") })
}

func TestLevels(t *testing.T) {
	for _, l := range Levels() {
		if got := tableOf(l).level; got != l {
			t.Errorf("table of %v is that of %v", l, got)
		}
	}
	// Reading the variable here also tells go test's cache that the results depend on it.
	if want, err := choose(os.Getenv("GRAFT_SIMD"), Levels()); err != nil || Active() != want {
		t.Errorf("the active level is %v, GRAFT_SIMD asks for %v (%v)", Active(), want, err)
	}
	if Level(7).String() != "Level(7)" {
		t.Errorf("unknown level prints as %q", Level(7))
	}
}
