package lengths

import "fmt"

// Sequence is an example in token ids.
type Sequence struct {
	IDs    []int32 // the prompt with its separator, the target, EOS
	Prompt int     // IDs[:Prompt] are given, IDs[Prompt:] are to be predicted; only they count in the loss
	// Coordinates are the row and the column of every id on the grid of a two-dimensional task, from 0; nil for all other
	// tasks. Tokens that are not on the grid have [Outside] for both.
	Coordinates [][2]int32
}

// Outside is row and column of tokens that are not on the grid: the question, the marks between rows, the answer. No cell
// has it, and they all have the same place, so it serves an encoding of points as it is: the corner before the first cell.
const Outside int32 = -1

// Sequence gives an example in token ids. The error is that of [Vocabulary.Encode], which examples that were generated
// never give.
func (t *Task) Sequence(e Example) (Sequence, error) {
	prompt, err := t.vocabulary.Encode(e.Source + t.def.separator)
	if err != nil {
		return Sequence{}, fmt.Errorf("prompt %q: %w", e.Source, err)
	}
	target, err := t.vocabulary.Encode(e.Target)
	if err != nil {
		return Sequence{}, fmt.Errorf("target %q: %w", e.Target, err)
	}
	s := Sequence{IDs: append(append(prompt, target...), EOS), Prompt: len(prompt)}
	if r, ok := e.Record.(*LocateRecord); ok {
		s.Coordinates = r.coordinates(len(s.IDs))
	}
	return s, nil
}
