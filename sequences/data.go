package sequences

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Data makes batches of examples in memory, for training and evaluation. It is a train.Data, and safe for concurrent use.
// The loss on its batches is nn.CrossEntropy, the mean over all tokens that have a target.
type Data struct {
	examples []Example
	options  BatchOptions
}

// NewData returns the data of examples for m, which it neither keeps nor changes. The error says which example the model
// cannot read, and why: a token beyond the vocabulary, a sequence longer than Config.MaxLength or than the encoding can
// serve, places that it cannot serve.
func NewData(m *Model, examples []Example, o BatchOptions) (*Data, error) {
	tp := tensor.NewTape()
	longest := -1 // of those without places and branches, for which length alone decides
	for i := range examples {
		e := &examples[i]
		if err := m.check(e); err != nil {
			return nil, fmt.Errorf("sequences: example %d: %w", i, err)
		}
		if e.Places == nil && e.Branches == nil {
			if longest < 0 || e.read() > examples[longest].read() {
				longest = i
			}
			continue
		}
		if err := m.checkLayout(tp, examples, i); err != nil {
			return nil, err
		}
	}
	if longest >= 0 {
		if err := m.checkLayout(tp, examples, longest); err != nil {
			return nil, err
		}
	}
	return &Data{examples: examples, options: o}, nil
}

// checkLayout reports whether the encoding serves example i.
func (m *Model) checkLayout(tp *tensor.Tape, examples []Example, i int) error {
	b, err := newBatch(examples[i:i+1], BatchOptions{})
	if err == nil {
		err = m.serves(tp, b.Layout)
	}
	if err != nil {
		return fmt.Errorf("sequences: example %d: %w", i, err)
	}
	return nil
}

// Len returns the number of examples.
func (d *Data) Len() int { return len(d.examples) }

// Prepare returns a *[Batch] of the examples of the given numbers.
func (d *Data) Prepare(items []int) (nn.Batch, error) {
	list := make([]Example, len(items))
	for k, i := range items {
		list[k] = d.examples[i]
	}
	b, err := newBatch(list, d.options)
	if err != nil {
		return nil, fmt.Errorf("sequences: examples %v: %w", items, err)
	}
	return b, nil
}
