package tensor

import (
	"fmt"
	"math"
	"strings"

	"github.com/graft-ml/graft/internal/simd"
)

// BadValue says where the first NaN or infinity of a pass arose (see [Tape.Watch]).
type BadValue struct {
	Op       string // the operation that made it
	Path     string // the layer, as named by Tape.Enter; empty at the top
	Gradient bool   // it arose in the backward pass, in the gradient of one of Op's inputs
	Row      int    // the first row with such a value
	Value    float32
}

// String describes the finding in one line.
func (b *BadValue) String() string {
	kind, path := "value", b.Path
	if b.Gradient {
		kind = "gradient"
	}
	if path == "" {
		path = "the model"
	}
	return fmt.Sprintf("%s in the %s of operation %s of %s, row %d", formatBad(b.Value), kind, b.Op, path, b.Row)
}

func formatBad(v float32) string {
	if math.IsNaN(float64(v)) {
		return "NaN"
	}
	return fmt.Sprintf("%+v", v)
}

// Watch makes the tape look at every value and every gradient as it arises, and remember the first that is NaN or
// infinite. It costs a pass over each of them: use it to find the cause once a loss was seen to be bad.
func (tp *Tape) Watch(on bool) { tp.watch = on }

// FirstBad returns what the watch found in this pass, or nil.
func (tp *Tape) FirstBad() *BadValue { return tp.bad }

// Enter names the layer that the next operations belong to, below the names entered before; leave the layer with
// [Tape.Leave]. The names serve error messages only.
func (tp *Tape) Enter(name string) { tp.path = append(tp.path, name) }

// Leave undoes the last [Tape.Enter].
func (tp *Tape) Leave() { tp.path = tp.path[:len(tp.path)-1] }

func (tp *Tape) checkValues(e *entry) {
	for _, v := range e.out[:e.outs] {
		if tp.bad == nil && !simd.AllFinite(v.value.data) {
			tp.bad = findBad(v.value.data, v.value.Cols())
			tp.bad.Op, tp.bad.Path = e.name, strings.Join(tp.path, ".")
		}
	}
	if e.path = ""; len(tp.path) > 0 {
		e.path = strings.Join(tp.path, ".")
	}
}

func (tp *Tape) checkGradients(e *entry) {
	for _, v := range tp.touch {
		if tp.bad == nil && v.grad != nil && !simd.AllFinite(v.grad) {
			tp.bad = findBad(v.grad, v.value.Cols())
			tp.bad.Op, tp.bad.Path, tp.bad.Gradient = e.name, e.path, true
		}
	}
}

func findBad(data []float32, cols int) *BadValue {
	for i, x := range data {
		if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
			return &BadValue{Row: i / max(cols, 1), Value: x}
		}
	}
	return nil
}
