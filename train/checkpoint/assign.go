package checkpoint

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Mismatch says all that differs between a state and the model it should fill.
type Mismatch struct {
	Missing    []string // tensors of the model that the state does not have
	Unexpected []string // tensors of the state, under the prefix, that the model does not have
	WrongShape []string // "NAME is [2 3] in the checkpoint, [3 2] in the model"
}

// Error lists every tensor, one kind a line.
func (m *Mismatch) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "checkpoint: the state does not fit the model: %d missing, %d unexpected, %d of another shape; was it saved with another configuration?",
		len(m.Missing), len(m.Unexpected), len(m.WrongShape))
	for _, part := range []struct {
		title string
		names []string
	}{{"missing", m.Missing}, {"unexpected", m.Unexpected}, {"other shape", m.WrongShape}} {
		if len(part.names) > 0 {
			fmt.Fprintf(&b, "\n  %s: %s", part.title, strings.Join(part.names, ", "))
		}
	}
	return b.String()
}

// Assign copies the tensors of a state into those of a model: NAME from prefix+NAME. Nothing is changed unless the state
// has, under the prefix, exactly the model's tensors with their shapes; otherwise the error is a [*Mismatch] that lists
// all differences.
func Assign(into []Named, from *State, prefix string) error {
	fit, mismatch := match(into, from, prefix)
	if mismatch != nil {
		return mismatch
	}
	fit.copy()
	return nil
}

// AssignPartial is [Assign] for those tensors that fit, for a caller that was told to load in part: it returns what was
// left out (nil when all fitted), and an error, with nothing changed, when no tensor fits.
func AssignPartial(into []Named, from *State, prefix string) (*Mismatch, error) {
	fit, mismatch := match(into, from, prefix)
	if mismatch != nil && len(fit) == 0 {
		return nil, fmt.Errorf("checkpoint: not one tensor fits: %w", mismatch)
	}
	fit.copy()
	return mismatch, nil
}

// pairs are the tensors of a model, each with its tensor in a state.
type pairs [][2]Named

func (p pairs) copy() {
	for _, pair := range p {
		pair[0].Tensor.CopyFrom(pair[1].Tensor)
	}
}

// match finds what fits and what does not.
func match(into []Named, from *State, prefix string) (pairs, *Mismatch) {
	have := make(map[string]Named)
	for _, n := range from.Tensors {
		if name, ok := strings.CutPrefix(n.Name, prefix); ok {
			have[name] = n
		}
	}
	var fit pairs
	var m Mismatch
	seen := make(map[string]bool)
	for _, n := range into {
		if seen[n.Name] {
			panic(fmt.Sprintf("checkpoint: Assign: the model has two tensors of the name %q", n.Name))
		}
		seen[n.Name] = true
		got, ok := have[n.Name]
		delete(have, n.Name)
		switch {
		case !ok:
			m.Missing = append(m.Missing, n.Name)
		case !slices.Equal(got.Tensor.Shape(), n.Tensor.Shape()):
			m.WrongShape = append(m.WrongShape, fmt.Sprintf("%s is %v in the checkpoint, %v in the model", n.Name, got.Tensor.Shape(), n.Tensor.Shape()))
		default:
			fit = append(fit, [2]Named{n, got})
		}
	}
	for name := range have {
		m.Unexpected = append(m.Unexpected, name)
	}
	sort.Strings(m.Missing)
	sort.Strings(m.Unexpected)
	sort.Strings(m.WrongShape)
	if len(m.Missing)+len(m.Unexpected)+len(m.WrongShape) == 0 {
		return fit, nil
	}
	return fit, &m
}
