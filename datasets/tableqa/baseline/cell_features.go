package baseline

import (
	"math"
	"strings"

	"github.com/graft-ml/graft/datasets/tableqa"
)

// The features of a cell.
const (
	inHeader       = iota
	headerOverlap  // share of the words of the column's name that the question has
	headerMatches  // any of them
	rowOverlap     // share of the question's content words in the other cells of the row, rare ones counting more
	rowBest        // no other row has more
	rowBestAlone   // all other rows have less
	rowAfterBest   // the row before has most
	rowBeforeBest  // the row behind has most
	cellInQuestion // share of the cell's words
	cellWholly     // all of them
	cellEmpty
	cellRepeated // the same text stands in the column again
	firstColumn
	rowFirst
	rowLast

	kindBase // kinds of cells, by words of the question
)

// asking are words of questions that say what is asked for, or where.
var asking = []string{"", "who", "when", "where", "year", "date", "many", "much", "number", "total", "name", "team", "first", "last",
	"next", "after", "before", "previous", "most", "least", "highest", "lowest", "largest", "only", "or", "country"}

// Kinds of cells, and of rows, that words of the question go with.
const (
	kindYear = iota
	kindNumber
	kindMixed
	kindText
	atFirst
	atLast
	atAfter
	atBefore
	atBest

	kindCount = iota
)

// cellFeatureCount is the number of features: a kind goes with every word in asking, the
// first of which is there always.
var cellFeatureCount = kindBase + len(asking)*kindCount

// cellFeatures gives the features of all cells, row by row, the header first.
func cellFeatures(q *tableqa.Question) *matrix {
	s := newSheet(q)
	m := new(matrix)
	for r, line := range s.cells {
		for c := range line {
			s.features(m, r, c)
			m.end()
		}
	}
	return m
}

// sheet is a table with what a question has to do with it.
type sheet struct {
	query    *query
	texts    [][]string
	cells    [][]seen
	asks     []int     // numbers of the words in asking that the question has
	overlap  []float64 // of each row with the question
	most     float64   // the largest of them
	alone    bool      // which one row has
	repeated [][]bool  // the text of the cell stands in its column again
}

func newSheet(q *tableqa.Question) *sheet {
	s := &sheet{query: newQuery(q.Text), texts: append([][]string{q.Table.Header}, q.Table.Rows...), asks: []int{0}}
	for k, w := range asking[1:] {
		if s.query.has(w) {
			s.asks = append(s.asks, k+1)
		}
	}
	rows := make([]uint64, len(s.texts)) // words of the question in each
	for r, line := range s.texts {
		see := make([]seen, len(line))
		for c, cell := range line {
			see[c] = s.query.see(cell)
			rows[r] |= see[c].mask
		}
		s.cells, s.repeated = append(s.cells, see), append(s.repeated, make([]bool, len(line)))
	}
	s.compare(rows)
	for c := range s.texts[0] {
		count := map[string]int{}
		for _, row := range s.texts[1:] {
			count[row[c]]++
		}
		for r, row := range s.texts[1:] {
			s.repeated[r+1][c] = count[row[c]] > 1
		}
	}
	return s
}

// compare finds how much of the question each row has. A word weighs the more the fewer rows
// have it.
func (s *sheet) compare(rows []uint64) {
	weights, total := make([]float64, len(s.query.words)), 0.0
	for k := range weights {
		in := 0
		for _, row := range rows {
			in += int(row >> k & 1)
		}
		if in > 0 && s.query.content>>k&1 == 1 {
			weights[k] = math.Log1p(float64(len(rows)) / float64(in))
			total += weights[k]
		}
	}
	s.overlap = make([]float64, len(rows))
	equal := 0
	for r := 1; r < len(rows); r++ {
		for k, weight := range weights {
			if weight > 0 && rows[r]>>k&1 == 1 {
				s.overlap[r] += weight / total
			}
		}
		switch {
		case s.overlap[r] > s.most:
			s.most, equal = s.overlap[r], 1
		case s.overlap[r] == s.most:
			equal++
		}
	}
	s.alone = equal == 1 && s.most > 0
}

// isBest tells whether no row has more of the question.
func (s *sheet) isBest(r int) bool {
	return r > 0 && r < len(s.overlap) && s.most > 0 && s.overlap[r] == s.most
}

// features adds those of one cell.
func (s *sheet) features(to *matrix, r, c int) {
	cell, header := s.cells[r][c], s.cells[0][c]
	to.add(inHeader, truth(r == 0))
	to.add(headerOverlap, header.share())
	to.add(headerMatches, truth(header.mask&s.query.content != 0))
	to.add(cellInQuestion, cell.share())
	to.add(cellWholly, truth(cell.words > 0 && cell.hits == cell.words))
	to.add(cellEmpty, truth(cell.words == 0))
	to.add(firstColumn, truth(c == 0))
	if r == 0 {
		return
	}
	first, last := truth(r == 1), truth(r == len(s.cells)-1)
	after, before, best := truth(s.isBest(r-1)), truth(s.isBest(r+1)), truth(s.isBest(r))
	to.add(rowOverlap, s.overlap[r])
	to.add(rowBest, best)
	to.add(rowBestAlone, best*truth(s.alone))
	to.add(rowAfterBest, after)
	to.add(rowBeforeBest, before)
	to.add(cellRepeated, truth(s.repeated[r][c]))
	to.add(rowFirst, first)
	to.add(rowLast, last)
	for _, k := range s.asks {
		base := kindBase + k*kindCount
		to.add(base+kindOf(s.texts[r][c], cell), 1)
		to.add(base+atFirst, first)
		to.add(base+atLast, last)
		to.add(base+atAfter, after)
		to.add(base+atBefore, before)
		to.add(base+atBest, best)
	}
}

// kindOf tells years, numbers, texts with numbers in them, and other texts.
func kindOf(text string, s seen) int {
	switch {
	case s.words == 1 && s.digit == 1 && len(text) == 4 && (strings.HasPrefix(text, "1") || strings.HasPrefix(text, "20")):
		return kindYear
	case s.digit > 0 && s.digit == s.words:
		return kindNumber
	case s.digit > 0:
		return kindMixed
	}
	return kindText
}
