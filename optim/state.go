package optim

import (
	"errors"
	"fmt"
	"slices"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// The paths of the optimiser's state in a checkpoint: prefix and path of the parameter.
const (
	firstPrefix  = "optim.m."
	secondPrefix = "optim.v."
	stepsPath    = "optim.steps"
)

// State returns what must be saved to go on with the same bits: for each parameter the two moments, as optim.m.<path>
// and optim.v.<path>, and as optim.steps [parameters] how often each was moved, in the parameters' order. The moments are
// the optimiser's own memory and change with the next step. Counts are exact up to 2^24 steps, by when they no longer
// matter to the last bit.
func (a *AdamW) State() []nn.Named {
	var out []nn.Named
	steps := tensor.New(len(a.params))
	for i, p := range a.params {
		out = append(out, nn.Named{Path: firstPrefix + p.Path, Tensor: a.state[i].m},
			nn.Named{Path: secondPrefix + p.Path, Tensor: a.state[i].v})
		steps.Data()[i] = float32(a.state[i].steps)
	}
	return append(out, nn.Named{Path: stepsPath, Tensor: steps})
}

// Restore takes over what [AdamW.State] returned, in any order. Tensors that are missing, unknown, given twice or of
// another shape, and counts that are not whole numbers, are all listed in the error; the optimiser is then unchanged.
func (a *AdamW) Restore(state []nn.Named) error {
	own := map[string]*tensor.Tensor{}
	for _, n := range a.State() {
		own[n.Path] = n.Tensor
	}
	given := map[string]*tensor.Tensor{}
	var faults []error
	for _, n := range state {
		want := own[n.Path]
		switch {
		case want == nil:
			faults = append(faults, fmt.Errorf("%s: no parameter of this model has such a state", n.Path))
		case given[n.Path] != nil:
			faults = append(faults, fmt.Errorf("%s: given twice", n.Path))
		case !slices.Equal(want.Shape(), n.Tensor.Shape()):
			faults = append(faults, fmt.Errorf("%s: shape %v, want %v", n.Path, n.Tensor.Shape(), want.Shape()))
		case n.Path == stepsPath && !counts(n.Tensor):
			faults = append(faults, fmt.Errorf("%s: not all of %v are whole numbers from 0 on", n.Path, n.Tensor.Data()))
		}
		given[n.Path] = n.Tensor
	}
	for _, n := range a.State() {
		if given[n.Path] == nil {
			faults = append(faults, fmt.Errorf("%s: missing", n.Path))
		}
	}
	if len(faults) > 0 {
		return fmt.Errorf("optim: the saved state does not fit this optimiser: %w", errors.Join(faults...))
	}
	for i, p := range a.params {
		s := &a.state[i]
		s.m.CopyFrom(given[firstPrefix+p.Path])
		s.v.CopyFrom(given[secondPrefix+p.Path])
		s.steps = int(given[stepsPath].Data()[i])
	}
	return nil
}

// counts reports whether all elements are whole, not negative and not beyond what float32 counts in ones.
func counts(t *tensor.Tensor) bool {
	const most = 1 << 24
	for _, x := range t.Data() {
		if !(x >= 0 && x <= most) || x != float32(int(x)) {
			return false
		}
	}
	return true
}
