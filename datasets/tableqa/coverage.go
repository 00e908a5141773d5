package tableqa

import "fmt"

// Coverage is how many questions a model that only points at cells could answer.
type Coverage struct {
	Questions int `json:"questions"`
	OneCell   int `json:"one_cell"`  // the answer is exactly one cell, letter by letter
	Several   int `json:"several"`   // the answer stands in more than one cell
	Elsewhere int `json:"elsewhere"` // the answer is no cell: it must be computed, or is written in another way
	Lists     int `json:"lists"`     // there are several answers, or none
}

// Cover counts the questions of a split by where their answers stand in their tables, the
// headers included.
func Cover(s Source) Coverage {
	c := Coverage{Questions: s.Len()}
	for i := range s.Len() {
		q := s.At(i)
		switch {
		case len(q.Answers) != 1:
			c.Lists++
		case q.OneCell():
			c.OneCell++
		case occurs(&q):
			c.Several++
		default:
			c.Elsewhere++
		}
	}
	return c
}

// occurs tells whether the answer is a cell.
func occurs(q *Question) bool {
	for _, row := range append([][]string{q.Table.Header}, q.Table.Rows...) {
		for _, cell := range row {
			if cell == q.Answers[0] {
				return true
			}
		}
	}
	return false
}

// Percent is the share of questions whose answer is exactly one cell.
func (c Coverage) Percent() float64 { return Rate{c.OneCell, c.Questions}.Percent() }

// String writes the share: "41.6 % of 4344 questions are answered by exactly one cell".
func (c Coverage) String() string {
	return fmt.Sprintf("%.1f %% of %d questions are answered by exactly one cell", c.Percent(), c.Questions)
}

// OneCell gives the questions of a split whose answer is exactly one cell.
func OneCell(s Source) Slice {
	var list Slice
	for i := range s.Len() {
		if q := s.At(i); q.OneCell() {
			list = append(list, q)
		}
	}
	return list
}
