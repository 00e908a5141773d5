package decoder

import (
	"fmt"

	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
)

// Arrange lays out a table whose cells are tokens already, [rows][columns][tokens] with the header first, between a prefix
// and a suffix, for a model that is to go on with target. The error is that of [tables.Read], or a [*tables.LongError] of
// more tokens than the model reads.
func (m *Model) Arrange(prefix []int32, cells [][][]int32, suffix, target []int32) (sequences.Example, error) {
	if n := len(prefix) + tables.Length(cells) + len(suffix) + len(target) - 1; n > m.Config.MaxTokens { // the last token is not read
		return sequences.Example{}, fmt.Errorf("decoder: %w", &tables.LongError{Tokens: n, Limit: m.Config.MaxTokens, Rows: len(cells) - 1})
	}
	tail := append(append(make([]int32, 0, len(suffix)+len(target)), suffix...), target...)
	ids, places, _, err := m.prompt(&sheet{prefix: prefix, cells: cells}, tail)
	if err != nil {
		return sequences.Example{}, err
	}
	n := len(ids) - len(target)
	return sequences.Example{Prompt: ids[:n], Target: ids[n:], Places: places}, nil
}

// Length returns the number of tokens that the model reads of sequence i.
func (d *Data) Length(i int) int { return d.lessons[i].tokens }
