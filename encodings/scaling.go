package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Scaling stretches rotary encodings to sequences longer than those of training, by other frequencies or other
// positions. The zero value changes nothing. What is set is combined in the order of the fields: that of the code of
// "Giraffe" (Pal and others 2023, arXiv 2308.10882; abacusai/Long-Context), with the dynamic base of the LLaMA modules
// of Hugging Face's transformers before it.
type Scaling struct {
	// NTK makes the base grow with the length.
	NTK NTK
	// Linear is the factor s of position interpolation: positions count as p/s. The code ignores factors up to 1, and so
	// 0 means none.
	Linear float64
	// Power is the exponent k of the power basis: frequency i of d/2 is multiplied by (1 - 2i/d)^k, so that the fast ones
	// keep their speed and the slow ones slow down. 0 means none; Giraffe tried 0.1 and 0.5.
	Power float64
	// Truncate is the length T of the truncated basis, the trained one for instance. Frequencies below 2π/T, whose period
	// was never seen whole, become 2π/(16T), and those below 2π/(8T) become 0. The paper's cut-offs are free; these are
	// the code's. 0 means none.
	Truncate int
	// Random draws positions in training: a walk with steps of U(0, 2), shrunk to the length of the sequence where it
	// ran farther; one draw for every sequence and pass, shared by the layers. Evaluation counts 0, 1, 2, ... as ever.
	Random bool
}

// NTK is the dynamic NTK-aware base: a sequence of L > T tokens turns by base (s L/T - (s-1))^(d/(d-2)).
type NTK struct {
	Factor  float64 // s; 0 means that the base stays
	Trained int     // T, the length of training
	// Length is the L to reckon with. 0 means each sequence's own; then sequences cannot go on, since the keys in a cache
	// turned by another base.
	Length int
}

// Frequencies returns the d/2 angular frequencies of a rotary encoding of d channels, base^(-2i/d), as scaled by s. A
// base of 0 means 10000. The length that NTK goes by is its own, so that a Length of 0 means no more than T. An odd d
// panics.
func Frequencies(d int, base float64, s Scaling) []float64 {
	if d < 0 || d%2 != 0 {
		panic(fmt.Sprintf("encodings: Frequencies: %d channels, want an even number", d))
	}
	if base == 0 {
		base = ropeBase
	}
	f := make([]float64, d/2)
	s.frequencies(f, base, s.NTK.Length)
	return f
}

// frequencies sets f to those of a sequence of the length.
func (s Scaling) frequencies(f []float64, base float64, length int) {
	d := float64(2 * len(f))
	if s.NTK.stretches(length) {
		grow := s.NTK.Factor*float64(length)/float64(s.NTK.Trained) - (s.NTK.Factor - 1)
		base *= math.Pow(grow, d/(d-2))
	}
	for i := range f {
		part := 2 * float64(i) / d
		f[i] = math.Pow(base, -part)
		if s.Linear > 1 {
			f[i] /= s.Linear
		}
		if s.Power > 0 {
			f[i] *= math.Pow(1-part, s.Power)
		}
		if s.Truncate > 0 {
			cut := 2 * math.Pi / float64(s.Truncate)
			switch {
			case f[i] < cut/8:
				f[i] = 0
			case f[i] < cut:
				f[i] = cut / 16
			}
		}
	}
}

// stretches reports whether a sequence of the length turns by a base of its own.
func (n NTK) stretches(length int) bool { return n.Factor != 0 && length > n.Trained }

// check refuses settings that mean nothing.
func (s Scaling) check(name string) error {
	bad := func(field string, v any, want string) error {
		return fmt.Errorf("encodings: %s: Scaling.%s is %v: want %s", name, field, v, want)
	}
	switch {
	case !(s.Linear >= 0) || math.IsInf(s.Linear, 0):
		return bad("Linear", s.Linear, "a factor above 1, or 0 for none")
	case !(s.Power >= 0) || math.IsInf(s.Power, 0):
		return bad("Power", s.Power, "an exponent above 0, such as 0.1, or 0 for none")
	case s.Truncate < 0:
		return bad("Truncate", s.Truncate, "the length of training, or 0 for none")
	case s.NTK.Factor != 0 && !(s.NTK.Factor >= 1) || math.IsInf(s.NTK.Factor, 0):
		return bad("NTK.Factor", s.NTK.Factor, "a factor of at least 1, or 0 for none")
	case s.NTK.Factor != 0 && s.NTK.Trained < 1:
		return bad("NTK.Trained", s.NTK.Trained, "the length of training, at least 1")
	case s.NTK.Length < 0:
		return bad("NTK.Length", s.NTK.Length, "a length, or 0 for that of each sequence")
	case s.NTK.Factor == 0 && (s.NTK.Trained != 0 || s.NTK.Length != 0):
		return bad("NTK.Factor", s.NTK.Factor, "a factor of at least 1 beside Trained and Length")
	}
	return nil
}

// randomPlaces returns the coordinates of a training pass: those of every item on a random walk of its own.
func randomPlaces(tp *tensor.Tape, l *Layout, coords []float64) []float64 {
	bits, steps := make([]uint32, len(coords)), make([]float64, len(coords))
	key, counter := tp.Draw()
	simd.RandomBits(bits, key, counter)
	for t, b := range bits {
		steps[t] = (float64(b) + 0.5) / (1 << 32)
	}
	moved := make([]float64, len(coords))
	for b := range l.Items() {
		lo, hi := l.Offsets[b], l.Offsets[b+1]
		randomWalk(steps[lo:hi])
		for t := lo; t < hi; t++ {
			moved[t] = steps[lo+int(coords[t])]
		}
	}
	return moved
}

// randomWalk turns uniform numbers into positions: their running sum, twice, no farther than there are numbers.
func randomWalk(u []float64) {
	at, n := 0.0, float64(len(u))
	for t := range u {
		at += 2 * u[t]
		u[t] = at
	}
	for t := range u {
		u[t] *= n / max(at, n)
	}
}
