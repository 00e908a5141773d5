package records

import (
	"math"

	"github.com/graft-ml/graft/datasets/files"
)

// Rows are the rows of a split as tokens.
type Rows struct {
	columns int
	classes []int32 // of each row
	tokens  []int32
	ends    []int32 // of each cell in tokens; nil where every cell is one token
}

// Len is the number of rows.
func (r *Rows) Len() int { return len(r.classes) }

// Class is that of row i, -1 where it is not known.
func (r *Rows) Class(i int) int { return int(r.classes[i]) }

// Cells are the tokens of row i, [columns][tokens]. They must not be changed.
func (r *Rows) Cells(i int) [][]int32 {
	cells := make([][]int32, r.columns)
	first := i * r.columns
	for k := range cells {
		if r.ends == nil {
			cells[k] = r.tokens[first+k : first+k+1 : first+k+1]
			continue
		}
		from := int32(0)
		if first+k > 0 {
			from = r.ends[first+k-1]
		}
		cells[k] = r.tokens[from:r.ends[first+k]:r.ends[first+k]]
	}
	return cells
}

// Tokens is the number of tokens in the cells of row i.
func (r *Rows) Tokens(i int) int {
	if r.ends == nil {
		return r.columns
	}
	from := int32(0)
	if i > 0 {
		from = r.ends[i*r.columns-1]
	}
	return int(r.ends[(i+1)*r.columns-1] - from)
}

// newRows begins rows of a schema.
func newRows(s *Schema, capacity int) *Rows {
	r := &Rows{columns: len(s.Columns), classes: make([]int32, 0, capacity), tokens: make([]int32, 0, capacity*len(s.Columns))}
	if s.texts() {
		r.ends = make([]int32, 0, capacity*len(s.Columns))
	}
	return r
}

// add appends a row, of which from tells where the columns of the schema are. The error is
// a *files.RowError, and nothing is appended.
func (r *Rows) add(s *Schema, file string, line int, cells []string, from []int, class int32) error {
	tokens, ends := len(r.tokens), len(r.ends)
	for k, place := range from {
		var reason string
		r.tokens, reason = s.encode(r.tokens, k, cells[place])
		if reason == "" && len(r.tokens) > math.MaxInt32 {
			reason = "the table has more tokens than can be held: limit the rows (data.table.maxRows)"
		}
		if reason != "" {
			r.tokens = r.tokens[:tokens]
			if r.ends != nil {
				r.ends = r.ends[:ends]
			}
			return &files.RowError{File: file, Line: line, Column: s.Columns[k].Name, Reason: reason,
				Hint: "leave the cell empty, or learn the column anew as a category (data.table.categorical)"}
		}
		if r.ends != nil {
			r.ends = append(r.ends, int32(len(r.tokens)))
		}
	}
	r.classes = append(r.classes, class)
	return nil
}
