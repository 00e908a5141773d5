package features

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/tensor"
)

// fillNodes checks that the graphs have what the node encoder reads, and lays it out.
func (b *Batch) fillNodes(n Nodes) (err error) {
	if vocabularies := n.Vocabularies(); len(vocabularies) > 0 {
		if b.nodeTypes, err = b.types("node type", b.nodeTypes, b.NodeTypes, b.NodeTypeColumns, b.Nodes(), vocabularies); err != nil {
			return err
		}
	}
	b.nodeNumbers = nil
	if numbers := n.Numbers(); numbers > 0 {
		if b.NodeFeatureColumns != numbers {
			return b.mismatch("node feature columns", b.NodeFeatureColumns, numbers)
		}
		b.nodeNumbers = tensor.FromSlice(b.NodeFeatures, b.Nodes(), numbers)
	}
	return nil
}

// fillEdges checks that the graphs have what the edge encoder reads, and lays it out.
func (b *Batch) fillEdges(e Edges) (err error) {
	b.edgeNumbers = nil
	if numbers := e.Numbers(); numbers > 0 {
		if b.Edges() > 0 && b.EdgeFeatureColumns != numbers {
			return b.mismatch("edge feature columns", b.EdgeFeatureColumns, numbers)
		}
		b.edgeNumbers = tensor.FromSlice(b.EdgeFeatures, b.Edges(), numbers)
	}
	if e.Encoder == DummyEdges {
		b.edgeTypes = ids(b.edgeTypes, 1, b.Edges())
		clear(b.edgeTypes[0])
		return nil
	}
	if vocabularies := e.Vocabularies(); len(vocabularies) > 0 {
		b.edgeTypes, err = b.types("edge type", b.edgeTypes, b.EdgeTypes, b.EdgeTypeColumns, b.Edges(), vocabularies)
	}
	return err
}

// mismatch says that graphs have another number of columns than the model reads. All graphs of a batch are alike; those
// without edges, which have no columns of edges, are not named for them.
func (b *Batch) mismatch(field string, got, want int) error {
	item := 0
	for strings.HasPrefix(field, "edge") && len(b.Graphs[item].Edges) == 0 {
		item++
	}
	id := b.Graphs[item].ID
	return &graphs.ItemError{Item: item, Graph: id, Err: &graphs.InvalidError{Graph: id, Field: field, Record: -1,
		Reason: fmt.Sprintf("%d, the model reads %d", got, want), Hint: "set the model's configuration to what the data has"}}
}

// types cuts the type ids of rows nodes or edges into one slice a column, and checks them against the vocabularies.
// Graphs without types count as type 0 where the vocabulary is that one type.
func (b *Batch) types(what string, into [][]int32, from []int32, columns, rows int, vocabularies []int) ([][]int32, error) {
	into = ids(into, len(vocabularies), rows)
	if columns == 0 && (rows == 0 || len(vocabularies) == 1 && vocabularies[0] == 1) {
		for _, column := range into {
			clear(column)
		}
		return into, nil
	}
	if columns != len(vocabularies) {
		return into, b.mismatch(what+" columns", columns, len(vocabularies))
	}
	if err := b.checkTypes(vocabularies, what); err != nil {
		return into, err
	}
	for k, column := range into {
		for r := range column {
			column[r] = from[r*columns+k]
		}
	}
	return into, nil
}

// checkTypes reports the first graph with an id beyond its vocabulary.
func (b *Batch) checkTypes(vocabularies []int, what string) error {
	for item, g := range b.Graphs {
		var err error
		if what == "node type" {
			err = g.CheckTypes(vocabularies, nil)
		} else {
			err = g.CheckTypes(nil, vocabularies)
		}
		if err != nil {
			return &graphs.ItemError{Item: item, Graph: g.ID, Err: err}
		}
	}
	return nil
}

// ids returns columns slices of rows ids each, in the memory of into where that suffices.
func ids(into [][]int32, columns, rows int) [][]int32 {
	for len(into) < columns {
		into = append(into, nil)
	}
	into = into[:columns]
	for k := range into {
		if cap(into[k]) < rows {
			into[k] = make([]int32, rows, (rows*9+7)/8)
		}
		into[k] = into[k][:rows]
	}
	return into
}
