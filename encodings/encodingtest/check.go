package encodingtest

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// Options say how an encoding is to be checked.
type Options struct {
	// Dims are the sizes of the model; without a width they are width 24, two heads and two layers. Two layers at least
	// show whether an encoding tells them apart.
	Dims encodings.Dims
	// Layouts are what the encoding is given; nil means [Layouts].
	Layouts []Layout
	// Samples is the number of entries of each tensor whose gradients are checked; 0 means 5.
	Samples int
	// Tolerance of gradients relative to the largest of their tensor; 0 means 0.01.
	Tolerance float64
	// NoLoss leaves the encoding's own loss out of the check of gradients: one that stops gradients on purpose does not
	// agree with differences.
	NoLoss bool
	// Skip names properties that are not to be checked.
	Skip []string
}

// Failure is a property of the contract that an encoding does not have.
type Failure struct {
	Property string // one of the list in the package comment
	Layout   string // the name of the layout; empty where it does not matter
	Detail   string // what was found and what was expected
}

// String returns the failure in one line.
func (f Failure) String() string {
	if f.Layout == "" {
		return f.Property + ": " + f.Detail
	}
	return f.Property + " on " + f.Layout + ": " + f.Detail
}

// Run checks an encoding and fails the test for every property that it does not have.
func Run(t *testing.T, e encodings.Encoding, o Options) {
	t.Helper()
	for _, f := range Check(e, o) {
		t.Errorf("%s: %v", e.Name(), f)
	}
}

// processors is held by a check: their number belongs to the process.
var processors sync.Mutex

// Check returns the properties that an encoding does not have. While it runs the process has one processor, now and then
// two: the models are too small for more. Checks that are begun at the same time wait for each other.
func Check(e encodings.Encoding, o Options) []Failure {
	processors.Lock()
	defer processors.Unlock()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if o.Dims.Width == 0 {
		o.Dims = encodings.Dims{Width: 24, Heads: 2, Layers: 2}
	}
	if o.Dims.KVHeads == 0 {
		o.Dims.KVHeads = o.Dims.Heads
	}
	if o.Dims.HeadDim == 0 {
		o.Dims.HeadDim = o.Dims.Width / max(o.Dims.Heads, 1)
	}
	o.Dims.Layers = max(o.Dims.Layers, 1)
	if o.Layouts == nil {
		o.Layouts = Layouts()
	}
	if o.Samples == 0 {
		o.Samples = 5
	}
	if o.Tolerance == 0 {
		o.Tolerance = 0.01
	}
	k := &kit{encoding: e, options: o, reached: map[string]bool{}, tape: tensor.NewTape()}
	k.guard("sizes", "", k.sizes)
	if len(k.failures) > 0 {
		return k.failures // there is no model to go on with
	}
	served := 0
	for _, l := range o.Layouts {
		ok := false
		k.guard("refusal", l.Name, func() { ok = k.serves(l) })
		if !ok {
			continue
		}
		served++
		for _, p := range []struct {
			name  string
			check func(Layout)
		}{
			{"shape", k.shape}, {"determinism", k.determinism}, {"evaluation", k.evaluation}, {"alone", k.alone},
			{"permutation", k.permutation}, {"relative", k.relative}, {"gradient", k.gradient}, {"decoding", k.decoding},
		} {
			before := len(k.failures)
			k.guard(p.name, l.Name, func() { p.check(l) })
			if len(k.failures) > before && (p.name == "shape" || p.name == "determinism") {
				break // the other checks compare results
			}
		}
	}
	if served == 0 {
		k.fail("refusal", "", "none of %d layouts is served", len(o.Layouts))
	} else if len(k.failures) == 0 {
		k.guard("gradient", "", k.unreached)
	}
	return k.failures
}

// kit is one check in progress.
type kit struct {
	encoding encodings.Encoding
	options  Options
	failures []Failure
	reached  map[string]bool // parameters that some gradient has come to
	tape     *tensor.Tape
}

func (k *kit) fail(property, layout, format string, args ...any) {
	k.failures = append(k.failures, Failure{property, layout, fmt.Sprintf(format, args...)})
}

// guard runs the check of a property, unless it is to be skipped, and makes a failure of a panic.
func (k *kit) guard(property, layout string, check func()) {
	if slices.Contains(k.options.Skip, property) && property != "sizes" && property != "refusal" {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			k.fail("panic", layout, "while %s was checked: %v", property, r)
		}
	}()
	check()
}

// sizes checks New.
func (k *kit) sizes() {
	if _, err := k.encoding.New(encodings.Dims{}, newInit()); err == nil {
		k.fail("sizes", "", "New makes an encoder for a model of width 0: expected an error")
	}
	one, err := k.newModel()
	if err != nil {
		k.fail("sizes", "", "New refuses %+v: %v: choose others in Options", k.options.Dims, err)
		return
	}
	two, err := k.newModel()
	if err != nil {
		k.fail("sizes", "", "New refuses sizes that it accepted before: %v", err)
		return
	}
	a, b := one.params.All(), two.params.All()
	if len(a) != len(b) {
		k.fail("sizes", "", "an encoder has %d tensors, and another of the same sizes %d", len(a), len(b))
		return
	}
	for i := range a {
		if a[i].Path != b[i].Path {
			k.fail("sizes", "", "tensor %d is %s in one encoder and %s in another of the same sizes", i, a[i].Path, b[i].Path)
		} else if at := differs(a[i].Tensor.Data(), b[i].Tensor.Data()); at >= 0 {
			k.fail("sizes", "", "two encoders of the same seed differ in %s at %d", a[i].Path, at)
		}
	}
}

// serves reports whether a layout is served, and checks the error if it is not.
func (k *kit) serves(l Layout) bool {
	m := k.mustModel()
	_, err := m.run(pass{}, l, m.input(l))
	if err == nil {
		return true
	}
	for _, part := range []string{k.encoding.Name(), l.Layout.String()} {
		if !strings.Contains(err.Error(), part) {
			k.fail("refusal", l.Name, "the error does not name %q (Layout.Refuse does): %v", part, err)
		}
	}
	return false
}
