package recipes

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// exactMatch is the name of the metric of answers.
const exactMatch = "exact-match"

// exact is the share of answers of which every token is the likeliest, the one that ends it
// included: those that the model, taking the likeliest token every time, would write.
type exact struct {
	end int32 // token that ends every answer
}

var _ train.Metric = exact{}

// Name returns exact-match.
func (exact) Name() string { return exactMatch }

// HigherIsBetter returns true.
func (exact) HigherIsBetter() bool { return true }

// New returns a meter for logits [tokens, vocabulary] and tokens [tokens] of whole answers,
// one after another.
func (e exact) New() train.Meter { return &exactMeter{end: float32(e.end)} }

type exactMeter struct {
	end          float32
	right, count float64
	wrong        bool // a token of the answer at hand
}

// Add takes a batch, in which whole answers are.
func (m *exactMeter) Add(pred, target *tensor.Tensor) {
	for i, want := range target.Data() {
		if want != want {
			continue
		}
		m.wrong = m.wrong || train.PredictedClass(pred.Row(i)) != int(want)
		if want != m.end {
			continue
		}
		if m.count++; !m.wrong {
			m.right++
		}
		m.wrong = false
	}
}

// Value returns the share, NaN of no answers.
func (m *exactMeter) Value() float64 { return m.right / m.count }

// State returns both counts.
func (m *exactMeter) State() []float64 { return []float64{m.right, m.count} }

// Restore takes them back.
func (m *exactMeter) Restore(state []float64) error {
	if len(state) != 2 {
		return fmt.Errorf("recipes: exact-match has a state of 2 numbers, got %d", len(state))
	}
	m.right, m.count = state[0], state[1]
	return nil
}
