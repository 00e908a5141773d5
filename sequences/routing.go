package sequences

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// Routing runs the model over a batch and returns how it weighs the orders of a table: for each layer the weights, [tokens,
// heads, orders]. The error is that of an encoding that does not mix orders, or its own, of a layout that it cannot serve.
func (m *Model) Routing(b *Batch) ([]*tensor.Tensor, error) {
	tp := tensor.NewTape()
	positions, err := m.beginPass(tp, b.Layout)
	if err != nil {
		return nil, fmt.Errorf("sequences: %w", err)
	}
	routed, ok := positions.(encodings.Routed)
	if !ok {
		return nil, fmt.Errorf("sequences: routing: the encoding %s does not weigh orders: of the encodings only two-order does", m.Config.Encoding.Name())
	}
	m.pass(tp, b.IDs, step{positions: positions, layout: b.Layout})
	list := make([]*tensor.Tensor, len(m.Blocks))
	for k := range list {
		list[k] = routed.Routing(k).Clone()
	}
	return list, nil
}
