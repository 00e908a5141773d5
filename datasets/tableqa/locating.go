package tableqa

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
)

var locatingInfo = proxyInfo("locating-values", "Locating-Values: the number at an offset from the star",
	"All cells but the star hold different numbers. Questions: value +2 rows down -1 columns right of * ?")

// LocatingValues generates tables with one star in which every other cell holds another
// number, and asks for the number at an offset from the star. Star and asked cell are
// uniform; several questions about one table ask for different cells. Question.Cell is the
// asked cell.
//
// The error is about options that the task cannot have.
func LocatingValues(o ProxyOptions) (*Proxy, error) {
	return newProxy(proxyTask{name: locatingInfo.Name, kind: 1 << 8, draw: drawLocating, limit: limitLocating, words: locatingWords}, o)
}

func loadLocating(ctx context.Context, o Options) (*Set, error) {
	return proxySet(ctx, o, LocatingValues)
}

func limitLocating(size Size, o *ProxyOptions) error {
	if cells := size.Rows * size.Columns; cells-1 > numbers {
		return fmt.Errorf("a table of %v has %d cells, but %d different numbers and a star fill only %d", size, cells, numbers, numbers+1)
	} else if o.QuestionsPerTable > cells-1 {
		return fmt.Errorf("%d questions about a table of %v, expected at most %d, one of each number", o.QuestionsPerTable, size, cells-1)
	}
	return nil
}

func drawLocating(random *rand.Rand, size Size, o *ProxyOptions) ([][]string, []asked) {
	count := size.Rows * size.Columns
	star := random.IntN(count)
	cells := make([][]string, size.Rows)
	left := random.Perm(numbers)
	for r := range cells {
		cells[r] = make([]string, size.Columns)
		for c := range cells[r] {
			if r*size.Columns+c == star {
				cells[r][c] = Star
				continue
			}
			cells[r][c], left = strconv.Itoa(left[0]), left[1:]
		}
	}
	questions := make([]asked, o.QuestionsPerTable)
	targets := drawDifferent(random, count-1, len(questions))
	for k := range questions {
		at := targets[k]
		if at >= star {
			at++ // any cell but the star
		}
		r, c := at/size.Columns, at%size.Columns
		questions[k] = asked{
			text:   fmt.Sprintf("value %+d rows down %+d columns right of * ?", r-star/size.Columns, c-star%size.Columns),
			answer: cells[r][c], cell: [2]int{r, c},
		}
	}
	return cells, questions
}

// drawDifferent draws k different numbers below n.
func drawDifferent(random *rand.Rand, n, k int) []int {
	if k == 1 {
		return []int{random.IntN(n)}
	}
	return random.Perm(n)[:k]
}

func locatingWords(rows, columns int) []string {
	list := split("value rows down columns right of ?")
	for n := -max(rows, columns) + 1; n < max(rows, columns); n++ {
		list = append(list, fmt.Sprintf("%+d", n))
	}
	return list
}
