package train

import (
	"fmt"
	"math"
	"sort"

	"github.com/graft-ml/graft/tensor"
)

// rankingMeter is the common part of the metrics that look at the order of the scores: it keeps every score with its
// label, column by column, and averages over the columns.
type rankingMeter struct {
	name    string
	column  func(scores []labelled, positives int) float64
	columns [][]labelled
}

type labelled struct {
	score    float32
	positive bool
}

func (m *rankingMeter) Add(pred, target *tensor.Tensor) {
	rows, cols := pairShapes(m.name, pred, target)
	if m.columns == nil {
		m.columns = make([][]labelled, cols)
	}
	if cols != len(m.columns) {
		panic(fmt.Sprintf("train: %s: predictions of shape %v follow some with %d columns", m.name, pred.Shape(), len(m.columns)))
	}
	for r := 0; r < rows; r++ {
		p, t := pred.Row(r), target.Row(r)
		for c := range t {
			if t[c] != t[c] {
				continue
			}
			if t[c] != 0 && t[c] != 1 {
				panic(fmt.Sprintf("train: %s: target %v of row %d, column %d is no label (0, 1, or NaN where it is missing)", m.name, t[c], r, c))
			}
			m.columns[c] = append(m.columns[c], labelled{p[c], t[c] == 1})
		}
	}
}

// Value averages over the columns that have both labels; of the others the metric is not defined.
func (m *rankingMeter) Value() float64 {
	var sum, count float64
	for _, scores := range m.columns {
		positives, undefined := 0, false
		for _, s := range scores {
			if s.positive {
				positives++
			}
			undefined = undefined || s.score != s.score
		}
		if positives == 0 || positives == len(scores) {
			continue
		}
		if undefined {
			return math.NaN() // a NaN has no rank
		}
		sorted := append([]labelled(nil), scores...)
		sort.Slice(sorted, func(i, j int) bool { return sorted[i].score > sorted[j].score })
		sum += m.column(sorted, positives)
		count++
	}
	if count == 0 {
		return math.NaN()
	}
	return sum / count
}

// State returns the number of columns, then for each the number of its scores and the scores with their labels.
func (m *rankingMeter) State() []float64 {
	state := []float64{float64(len(m.columns))}
	for _, scores := range m.columns {
		state = append(state, float64(len(scores)))
		for _, s := range scores {
			label := 0.0
			if s.positive {
				label = 1
			}
			state = append(state, float64(s.score), label)
		}
	}
	return state
}

func (m *rankingMeter) Restore(state []float64) error {
	bad := func() error {
		return badState(m.name, state, "columns, and for each a count and that many scores with labels")
	}
	if len(state) == 0 {
		return bad()
	}
	cols, rest := state[0], state[1:]
	if cols < 0 || cols > float64(len(rest)) || cols != math.Trunc(cols) {
		return bad()
	}
	var columns [][]labelled
	for c := 0; c < int(cols); c++ {
		if len(rest) == 0 {
			return bad()
		}
		n := rest[0]
		rest = rest[1:]
		if n < 0 || n > float64(len(rest)/2) || n != math.Trunc(n) {
			return bad()
		}
		var scores []labelled
		for i := 0; i < int(n); i++ {
			scores = append(scores, labelled{float32(rest[2*i]), rest[2*i+1] == 1})
		}
		columns = append(columns, scores)
		rest = rest[2*int(n):]
	}
	if len(rest) != 0 {
		return bad()
	}
	m.columns = columns
	return nil
}

// groups calls f for each run of equal scores, the largest first, with the number of positive and of negative labels.
func groups(sorted []labelled, f func(positive, negative int)) {
	for lo := 0; lo < len(sorted); {
		hi, positive := lo, 0
		for ; hi < len(sorted) && sorted[hi].score == sorted[lo].score; hi++ {
			if sorted[hi].positive {
				positive++
			}
		}
		f(positive, hi-lo-positive)
		lo = hi
	}
}
