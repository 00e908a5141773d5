package sequences

import (
	"errors"
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ nn.Batch = (*Batch)(nil)

// Example is a sequence to learn from: the model is to go on with Target after Prompt. The prompt itself is not learned.
// Where there is none every token of the target but the first is learned, as of a text. A sequence with several answers
// has what lies between them in its target too, and says by Learned what of it are answers.
type Example struct {
	Prompt, Target []int32
	Learned        []bool  // of the target, the tokens that are learned; nil means all, and the others are read only
	Places         *Places // of the tokens, prompt first; nil means one after another
	// Branches are the first tokens of several continuations of one beginning, counted from the first of the prompt and
	// rising: each goes to where the next begins, and what stands before them all is the trunk. A branch sees the trunk and
	// itself, nothing of the others, and its places begin behind the trunk, so that each is what it would be if it stood
	// there alone. Its first token is not learned: let it be one of the prompt, or one that Learned leaves out. Its last
	// token is only a target.
	// An encoding that cannot serve branches is an error. nil means none.
	Branches []int
}

// BatchOptions say what a batch asks of the model.
type BatchOptions struct {
	// EveryToken asks for the logits of all tokens, [tokens, vocabulary], with NaN as the target of those that have none.
	// Otherwise there are logits for the tokens with a target alone: the same losses and metrics for less memory.
	EveryToken bool
	// Served says that the encoding is known to serve sequences of such lengths and places: [NewBatch] does not ask it again.
	Served bool
}

// Batch is sequences laid end to end: what a model reads. Make one with [NewBatch] or through [Data]; its fields are to
// be read only.
type Batch struct {
	IDs    []int32           // [tokens]: all tokens of the sequences but the last of each, or of each branch, which is only a target
	Layout *encodings.Layout // of the tokens

	rows    []int32 // tokens whose logits are asked for; nil means all
	targets *tensor.Tensor
}

// NewBatch prepares examples for m. The error says which of them cannot be used, and why.
func NewBatch(m *Model, examples []Example, o BatchOptions) (*Batch, error) {
	for i := range examples {
		if err := m.check(&examples[i]); err != nil {
			return nil, fmt.Errorf("sequences: example %d: %w", i, err)
		}
	}
	b, err := newBatch(examples, o)
	if err != nil {
		return nil, fmt.Errorf("sequences: %w", err)
	}
	if o.Served {
		return b, nil
	}
	if err := m.serves(tensor.NewTape(), b.Layout); err != nil {
		return nil, fmt.Errorf("sequences: %w", err)
	}
	return b, nil
}

// Items returns the number of sequences.
func (b *Batch) Items() int { return b.Layout.Items() }

// Targets returns the token that follows each of the tokens whose logits the model gives, NaN where none is to be
// learned.
func (b *Batch) Targets() *tensor.Tensor { return b.targets }

// Dump returns what the batch holds, for the file that a training loop writes when a step goes wrong.
func (b *Batch) Dump() []nn.Named {
	offsets := tensor.New(len(b.Layout.Offsets))
	for i, o := range b.Layout.Offsets {
		offsets.Data()[i] = float32(o)
	}
	list := []nn.Named{{Path: "offsets", Tensor: offsets}, {Path: "ids", Tensor: floats(b.IDs)},
		{Path: "rows", Tensor: floats(b.rows)}, {Path: "targets", Tensor: b.targets}}
	if b.Layout.Branches != nil {
		list = append(list, nn.Named{Path: "branches", Tensor: floats(b.Layout.Branches)})
	}
	return list
}

func floats(ids []int32) *tensor.Tensor {
	t := tensor.New(len(ids))
	for i, id := range ids {
		t.Data()[i] = float32(id)
	}
	return t
}

// newBatch lays out examples that were checked.
func newBatch(examples []Example, o BatchOptions) (*Batch, error) {
	total := 0
	for i := range examples {
		total += examples[i].read()
	}
	b := &Batch{IDs: make([]int32, 0, total)}
	if !o.EveryToken {
		b.rows = make([]int32, 0, total)
	}
	targets := make([]float32, 0, total)
	list := make([]placed, len(examples))
	for i := range examples {
		e := &examples[i]
		at := len(b.IDs)
		first := max(len(e.Prompt), 1) // of the whole sequence, the first token that is learned
		for t := range len(e.Prompt) + len(e.Target) - 1 {
			if e.ends(t) {
				continue
			}
			row := int32(len(b.IDs))
			b.IDs = append(b.IDs, e.token(t))
			switch {
			case t+1 >= first && e.learns(t+1-len(e.Prompt)):
				if !o.EveryToken {
					b.rows = append(b.rows, row)
				}
				targets = append(targets, float32(e.token(t+1)))
			case o.EveryToken:
				targets = append(targets, float32(math.NaN()))
			}
		}
		list[i] = placed{b.IDs[at:], e.Places, e.branches()}
	}
	b.targets = tensor.FromSlice(targets, len(targets))
	var err error
	b.Layout, err = layout(list)
	return b, err
}

// read returns how many tokens of the example the model reads: all but the last, of every branch.
func (e *Example) read() int { return len(e.Prompt) + len(e.Target) - max(len(e.Branches), 1) }

// token returns token t of prompt and target.
func (e *Example) token(t int) int32 {
	if t < len(e.Prompt) {
		return e.Prompt[t]
	}
	return e.Target[t-len(e.Prompt)]
}

// learns tells whether token t of the target is learned.
func (e *Example) learns(t int) bool { return e.Learned == nil || e.Learned[t] }

// teaches tells whether a token of the example is learned.
func (e *Example) teaches() bool {
	for t := range e.Target {
		if e.learns(t) && (t > 0 || len(e.Prompt) > 0) {
			return true
		}
	}
	return false
}

// check reports what keeps the model from learning of an example.
func (m *Model) check(e *Example) error {
	switch {
	case len(e.Target) == 0:
		return errors.New("it has no target: say what the model is to learn")
	case e.read() == 0:
		return errors.New("a single token without a prompt: there is nothing to go on from; put a first token in the prompt")
	case e.Learned != nil && len(e.Learned) != len(e.Target):
		return fmt.Errorf("it says of %d tokens whether they are learned, and its target has %d: want as many", len(e.Learned), len(e.Target))
	case !e.teaches():
		return errors.New("no token of its target is learned: say which the model is to learn, or leave Learned out for all")
	}
	if err := m.checkIDs("prompt", e.Prompt); err != nil {
		return err
	}
	if err := m.checkIDs("target", e.Target); err != nil {
		return err
	}
	if err := e.checkBranches(); err != nil {
		return err
	}
	if n, limit := e.reach(), m.Config.MaxLength; limit > 0 && n > limit {
		return fmt.Errorf("the model would read %d tokens of it, %d more than MaxLength", n, n-limit)
	}
	return e.Places.check(e.read())
}

func (m *Model) checkIDs(what string, ids []int32) error {
	for t, id := range ids {
		if id < 0 || int(id) >= m.Config.Vocabulary {
			return fmt.Errorf("token %d of its %s is %d: want 0 to %d, the vocabulary has %d tokens", t, what, id, m.Config.Vocabulary-1, m.Config.Vocabulary)
		}
	}
	return nil
}

// serves returns the error of the encoding where it cannot serve a layout. The tape is used up.
func (m *Model) serves(tp *tensor.Tape, l *encodings.Layout) error {
	tp.Begin(tensor.Pass{})
	_, err := m.beginPass(tp, l)
	return err
}
