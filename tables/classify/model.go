package classify

import (
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/tokenize"
)

// Vocabulary says what the tokens of rows are.
type Vocabulary struct {
	Tokenizer tokenize.Tokenizer // with the marks of tables
	Header    [][]int32          // tokens of the names of columns, [columns][tokens]
	Class     int32              // token of the first class; those of the others follow
	Classes   int                // at least 2
}

// check looks for tokens that there are not.
func (v *Vocabulary) check() error {
	size := int32(v.Tokenizer.Size())
	if v.Classes < 2 || v.Class < 0 || int(v.Class)+v.Classes > int(size) {
		return fmt.Errorf("classify: %d classes whose first token is %d, of %d tokens: want at least two, all of them tokens", v.Classes, v.Class, size)
	}
	if len(v.Header) == 0 {
		return fmt.Errorf("classify: the header has no columns")
	}
	for k, cell := range v.Header {
		for _, id := range cell {
			if id < 0 || id >= size {
				return fmt.Errorf("classify: column %d of the header has the token %d, and there are %d", k, id, size)
			}
		}
	}
	return nil
}

// Model classifies rows.
type Model struct {
	Decoder    *decoder.Model
	Vocabulary Vocabulary
}

var _ nn.Model = (*Model)(nil)

// New returns a model with parameters drawn from seed. The error is that of decoder.New, or
// says what is wrong with the vocabulary.
func New(c decoder.Config, v Vocabulary, seed uint64) (*Model, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	d, err := decoder.New(c, v.Tokenizer, seed)
	if err != nil {
		return nil, err
	}
	return &Model{Decoder: d, Vocabulary: v}, nil
}

// Outputs is the number of scores of a row: one a class, and one for both of two classes.
func (m *Model) Outputs() int {
	if m.Vocabulary.Classes == 2 {
		return 1
	}
	return m.Vocabulary.Classes
}

// Params declares the parameters, those of the decoder.
func (m *Model) Params(c *nn.Params) { m.Decoder.Params(c) }

// Forward returns the scores of a *[Batch], [rows, Outputs].
func (m *Model) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	batch, ok := b.(*Batch)
	if !ok {
		panic(fmt.Sprintf("classify: Forward: a batch of type %T, expected one of this package", b))
	}
	logits := m.Decoder.Forward(tp, batch.Batch) // [rows, vocabulary]
	first := int(m.Vocabulary.Class)
	if m.Vocabulary.Classes == 2 {
		return tp.Sub(tp.Columns(logits, first+1, first+2), tp.Columns(logits, first, first+1))
	}
	return tp.Columns(logits, first, first+m.Vocabulary.Classes)
}
