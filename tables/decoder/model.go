package decoder

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/tokenize"
)

var (
	_ nn.Model     = (*Model)(nil)
	_ nn.LossParts = (*Model)(nil)
)

// Model is a decoder-only transformer with what it takes to read tables: a tokenizer with the marks of tables, and the
// places of an encoding. It may be asked by many goroutines at once, but not while it is trained.
type Model struct {
	Config    Config // with defaults filled in
	Decoder   *sequences.Model
	Tokenizer tokenize.Tokenizer
	Marks     tables.Marks // of the tokenizer
}

// New returns a model with parameters drawn from seed. The error is that of [Config.Validate], of the encoding, or that
// the tokenizer lacks a mark of [tables.MarkNames].
func New(c Config, tok tokenize.Tokenizer, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	m := &Model{Config: c, Tokenizer: tok}
	var err error
	if m.Marks, err = tables.MarksOf(tok); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	e, err := encodings.ByName(c.Encoding)
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	if m.Decoder, err = sequences.New(c.sequences(e, tok.Size()), seed); err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	return m, nil
}

// Params declares the parameters, those of the transformer.
func (m *Model) Params(c *nn.Params) { m.Decoder.Params(c) }

// Forward returns the logits of the tokens of the answers for a *[sequences.Batch], as [Data] prepares it; see
// [sequences.Model.Forward], also on the loss of the encoding.
func (m *Model) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var { return m.Decoder.Forward(tp, b) }

// LossParts returns the encoding's own loss in the pass, the entropy of the routing for one; see
// [sequences.Model.LossParts].
func (m *Model) LossParts(tp *tensor.Tape) []nn.LossPart { return m.Decoder.LossParts(tp) }
