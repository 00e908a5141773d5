package classify

import (
	"errors"
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tensor"
)

// Rows are rows of a table as tokens. The methods may be called by several goroutines at
// once.
type Rows interface {
	Len() int
	// Class is that of row i, -1 where it is not known.
	Class(i int) int
	// Cells are the tokens of row i, [columns][tokens]. They are not changed.
	Cells(i int) [][]int32
	// Tokens is the number of tokens in the cells of row i.
	Tokens(i int) int
}

// Data makes batches of rows. It is a train.Data, and safe for concurrent use.
type Data struct {
	model *Model
	rows  Rows
}

// NewData returns the data of rows for m. The error names the longest row where that is
// longer than the model reads, and wraps a [*tables.LongError].
func NewData(m *Model, rows Rows) (*Data, error) {
	d := &Data{m, rows}
	longest := -1
	for i := range rows.Len() {
		if longest < 0 || rows.Tokens(i) > rows.Tokens(longest) {
			longest = i
		}
	}
	if longest >= 0 {
		if _, err := d.Prepare([]int{longest}); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Len returns the number of rows.
func (d *Data) Len() int { return d.rows.Len() }

// Length is the number of tokens that the model reads of row i.
func (d *Data) Length(i int) int {
	head := tables.Length([][][]int32{d.model.Vocabulary.Header, make([][]int32, len(d.model.Vocabulary.Header))})
	return 1 + head + d.rows.Tokens(i) + 1
}

// Prepare returns a *[Batch] of the rows of the given numbers.
func (d *Data) Prepare(items []int) (nn.Batch, error) {
	if len(items) == 0 {
		return nil, errors.New("classify: a batch of nothing")
	}
	v, marks := &d.model.Vocabulary, d.model.Decoder.Marks
	list := make([]sequences.Example, len(items))
	targets := tensor.New(len(items))
	for k, i := range items {
		cells := d.rows.Cells(i)
		if len(cells) != len(v.Header) {
			return nil, fmt.Errorf("classify: row %d has %d cells, and the header %d", i, len(cells), len(v.Header))
		}
		class := d.rows.Class(i)
		if class < -1 || class >= v.Classes {
			return nil, fmt.Errorf("classify: row %d is of class %d, and there are %d", i, class, v.Classes)
		}
		target := float32(class)
		if class < 0 {
			target, class = float32(math.NaN()), 0 // any token will do: the scores are before it
		}
		targets.Data()[k] = target
		var err error
		list[k], err = d.model.Decoder.Arrange([]int32{marks.BOS}, [][][]int32{v.Header, cells}, []int32{marks.Bar}, []int32{v.Class + int32(class)})
		if err != nil {
			return nil, fmt.Errorf("classify: row %d: %w", i, err)
		}
	}
	b, err := sequences.NewBatch(d.model.Decoder.Decoder, list, sequences.BatchOptions{})
	if err != nil {
		return nil, fmt.Errorf("classify: %w", err)
	}
	if v.Classes == 2 {
		targets = targets.Reshape(len(items), 1) // as the score
	}
	return &Batch{b, targets}, nil
}

// Batch is some rows for a [Model].
type Batch struct {
	*sequences.Batch
	targets *tensor.Tensor
}

// Targets returns the class of each row, NaN where it is not known.
func (b *Batch) Targets() *tensor.Tensor { return b.targets }
