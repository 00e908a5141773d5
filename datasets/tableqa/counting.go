package tableqa

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
)

var countingInfo = proxyInfo("counting-stars", "Counting-Stars: the stars in the row and in the column of a number",
	"The number asked about occurs once; every other cell is a star with probability 0.3, else a random number. "+
		"Questions: stars in the row of 17 ; stars in the column of 17 ? The answer is two numbers: 3 1")

// CountingStars generates tables in which a cell is a star with probability
// ProxyOptions.Stars, else a random number, and asks how many stars stand in the row and in
// the column of a number that occurs once. Its cell is uniform; several questions about one
// table are about different numbers, each of which occurs once.
//
// The error is about options that the task cannot have.
func CountingStars(o ProxyOptions) (*Proxy, error) {
	return newProxy(proxyTask{name: countingInfo.Name, kind: 2 << 8, draw: drawCounting, limit: limitCounting, words: countingWords}, o)
}

func loadCounting(ctx context.Context, o Options) (*Set, error) {
	return proxySet(ctx, o, CountingStars)
}

func limitCounting(size Size, o *ProxyOptions) error {
	// One number must be left for the cells that nobody asks about.
	if most := min(size.Rows*size.Columns, numbers-1); o.QuestionsPerTable > most {
		return fmt.Errorf("%d questions about a table of %v, expected at most %d, one of each cell", o.QuestionsPerTable, size, most)
	}
	return nil
}

func drawCounting(random *rand.Rand, size Size, o *ProxyOptions) ([][]string, []asked) {
	places := drawDifferent(random, size.Rows*size.Columns, o.QuestionsPerTable)
	order := random.Perm(numbers) // the first are the numbers asked about, the rest may repeat
	references, others := order[:len(places)], order[len(places):]
	cells := make([][]string, size.Rows)
	for r := range cells {
		cells[r] = make([]string, size.Columns)
		for c := range cells[r] {
			cells[r][c] = Star
			if random.Float64() >= o.Stars {
				cells[r][c] = strconv.Itoa(others[random.IntN(len(others))])
			}
		}
	}
	for k, at := range places {
		cells[at/size.Columns][at%size.Columns] = strconv.Itoa(references[k])
	}
	questions := make([]asked, len(places))
	for k, at := range places {
		row, column := countStars(cells, at/size.Columns, at%size.Columns)
		questions[k] = asked{
			text:   fmt.Sprintf("stars in the row of %d ; stars in the column of %d ?", references[k], references[k]),
			answer: fmt.Sprintf("%d %d", row, column), cell: noCell(),
		}
	}
	return cells, questions
}

// countStars counts the stars in a row and in a column.
func countStars(cells [][]string, row, column int) (inRow, inColumn int) {
	for _, cell := range cells[row] {
		if cell == Star {
			inRow++
		}
	}
	for _, line := range cells {
		if line[column] == Star {
			inColumn++
		}
	}
	return inRow, inColumn
}

func countingWords(int, int) []string { return split("stars in the row of ; column ?") }
