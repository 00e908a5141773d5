package recipes

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// sequenceData is data whose items are sequences of tokens.
type sequenceData interface {
	train.Data
	// Length is the number of tokens of item i.
	Length(i int) int
}

// present are the data of the splits that there are.
func present[D interface {
	comparable
	sequenceData
}](all [3]D) (parts [3]sequenceData) {
	var none D
	for s, data := range all {
		if data != none {
			parts[s] = data
		}
	}
	return parts
}

// predictTokens predicts what a run takes whose items are sequences: memory grows with their
// tokens, which Size has in the place of nodes. data is the bytes of what is held.
func predictTokens(r Recipe, model nn.Model, data int64, parts [3]sequenceData, training bool, splits []datasets.Split) (*Memory, error) {
	var lists [3][]measured
	longest, at := 0, -1
	for s, part := range parts {
		if part == nil {
			continue
		}
		lists[s] = make([]measured, part.Len())
		for i := range lists[s] {
			lists[s][i] = measured{number: i, size: Size{Graphs: 1, Nodes: part.Length(i)}}
		}
		slices.SortStableFunc(lists[s], func(a, b measured) int { return -cmp.Compare(a.size.Nodes, b.size.Nodes) })
		if len(lists[s]) > 0 && lists[s][0].size.Nodes > longest {
			longest, at = lists[s][0].size.Nodes, s
		}
	}
	f := &Footprint{}
	for _, p := range nn.Collect(model).Trainable() {
		f.Parameters += p.Tensor.Size()
	}
	if at >= 0 {
		if err := f.measureTokens(model, parts[at], lists[at][0].number, float64(longest)); err != nil {
			return nil, err
		}
	}
	return f.predict(r, data, training, splits, func(s datasets.Split, need func(items int) Need) (Need, []measured, error) {
		return need(len(lists[s])), lists[s], nil
	})
}

// measureTokens measures what one and two sequences take that are as long as any.
func (f *Footprint) measureTokens(model nn.Model, data sequenceData, item int, tokens float64) error {
	var bytes [2][3]float64
	for k, items := range [][]int{{item}, {item, item}} {
		b, err := data.Prepare(items)
		if err != nil {
			return fmt.Errorf("recipes: measure memory: %w", err)
		}
		heap := heapBytes(model, b)
		bytes[k] = [3]float64{
			heap + arenaBytes(model, b, tensor.Pass{Train: true, Grad: true}), heap + arenaBytes(model, b, tensor.Pass{}), float64(held.Bytes(b)),
		}
	}
	for k, need := range []*Need{&f.Train, &f.Eval, &f.Batch} {
		need.Node = max((bytes[1][k]-bytes[0][k])/tokens, 0)
		need.Fixed = max(bytes[0][k]-need.Node*tokens, 0)
	}
	return nil
}

func (tableDomain) crowd(m *Memory) crowd {
	return crowd{item: "sequence", help: []string{"take fewer rows or questions (data.train, data.val, data.test)", smallerModel},
		holds: fmt.Sprintf("%d tokens (sequences: %d); the longest sequence is item %d, of %d tokens", m.Batch.Nodes, m.Batch.Graphs, m.Graph, m.Nodes)}
}
