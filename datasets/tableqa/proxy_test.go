package tableqa

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// printed writes a table as a reader sees it.
func printed(q Question) string {
	lines := []string{strings.Join(q.Table.Header, " ")}
	for _, row := range q.Table.Rows {
		lines = append(lines, strings.Join(row, " "))
	}
	return strings.Join(lines, "\n")
}

// solve answers a question from the text of the table and the question alone.
func solve(t *testing.T, table, question string) string {
	t.Helper()
	var cells [][]string
	for _, line := range strings.Split(table, "\n") {
		cells = append(cells, strings.Fields(line))
	}
	find := func(text string) (row, column int) {
		found := 0
		for r, line := range cells {
			for c, cell := range line {
				if cell == text {
					row, column, found = r, c, found+1
				}
			}
		}
		if found != 1 {
			t.Fatalf("%q stands in %d cells, expected one of\n%s", text, found, table)
		}
		return row, column
	}
	var down, right, x, y int
	if n, _ := fmt.Sscanf(question, "value %d rows down %d columns right of * ?", &down, &right); n == 2 {
		r, c := find("*")
		return cells[r+down][c+right]
	}
	if n, _ := fmt.Sscanf(question, "stars in the row of %d ; stars in the column of %d ?", &x, &y); n != 2 || x != y {
		t.Fatalf("the question %q is of no known form", question)
	}
	r, c := find(strconv.Itoa(x))
	inRow, inColumn := strings.Count(strings.Join(cells[r], " "), "*"), 0
	for _, line := range cells {
		inColumn += strings.Count(line[c], "*")
	}
	return fmt.Sprint(inRow, inColumn)
}

// proxies are both tasks with options.
func proxies(t *testing.T, o ProxyOptions) []*Proxy {
	t.Helper()
	locating, err := LocatingValues(o)
	if err != nil {
		t.Fatal(err)
	}
	counting, err := CountingStars(o)
	if err != nil {
		t.Fatal(err)
	}
	return []*Proxy{locating, counting}
}

// TestProxiesSolved answers the questions of both tasks from what is printed.
func TestProxiesSolved(t *testing.T) {
	for _, o := range []ProxyOptions{
		{},
		{Sizes: []Size{{2, 2}, {16, 16}, {3, 7}, {60, 16}}},
		{QuestionsPerTable: 5, TestSizes: []Size{Square(10), Square(12)}, Stars: 0.6},
	} {
		for _, p := range proxies(t, o) {
			words := map[string]bool{}
			for _, w := range p.Words() {
				if words[w] {
					t.Errorf("%s: the word %q comes twice", p.Name(), w)
				}
				words[w] = true
			}
			for s := datasets.Train; s <= datasets.Test; s++ {
				for i := range 300 {
					q := p.At(7, s, i)
					if got := solve(t, printed(q), q.Text); !slices.Equal(q.Answers, []string{got}) {
						t.Fatalf("%s: answer %q, expected %q\n%s\n%s", q.ID, q.Answers, got, q.Text, printed(q))
					}
					for _, w := range strings.Fields(printed(q) + " " + q.Text + " " + q.Answers[0]) {
						if !words[w] {
							t.Fatalf("%s: %q is not among the words of the task", q.ID, w)
						}
					}
					checkQuestion(t, q)
				}
			}
		}
	}
}

// TestProxyPure asks for questions in other orders and from several goroutines.
func TestProxyPure(t *testing.T) {
	for _, p := range proxies(t, ProxyOptions{QuestionsPerTable: 3}) {
		want := make([]Question, 40)
		for i := range want {
			want[i] = p.At(3, datasets.Val, i)
		}
		src := p.Source(3, datasets.Val, 40)
		var wg sync.WaitGroup
		for part := range 4 {
			wg.Go(func() {
				for i := src.Len() - 1 - part; i >= 0; i -= 4 {
					if got := src.At(i); !reflect.DeepEqual(got, want[i]) {
						t.Errorf("question %d is %+v, expected %+v", i, got, want[i])
					}
				}
			})
		}
		wg.Wait()
		group := p.Group(3, datasets.Val, 2)
		if len(group) != 3 || group[0].Table != group[2].Table || !reflect.DeepEqual(group[1], want[7]) {
			t.Errorf("table 2 has the questions %+v", group)
		}
		for _, other := range []Question{p.At(4, datasets.Val, 0), p.At(3, datasets.Train, 0), p.At(3, datasets.Val, 3)} {
			if printed(other) == printed(want[0]) {
				t.Errorf("%s: another seed, split or number gives the same table", p.Name())
			}
		}
	}
}

// TestLocatingUniform tests that star and asked cell are uniform, by chi-square.
func TestLocatingUniform(t *testing.T) {
	p, err := LocatingValues(ProxyOptions{Sizes: []Size{{3, 4}}})
	if err != nil {
		t.Fatal(err)
	}
	const n = 12_000
	stars, pairs := make([]int, 12), map[[2]int]int{}
	for i := range n {
		q := p.At(1, datasets.Train, i)
		star := slices.Index(strings.Fields(printed(q)), Star)
		stars[star]++
		pairs[[2]int{star, q.Cell[0]*4 + q.Cell[1]}]++
	}
	// The 0.999 quantile of chi-square with 11 degrees of freedom is 31.3, with 131 it is 185.
	if x := chiSquare(stars, n/12.0); x > 31.3 {
		t.Errorf("places of the star are not uniform: %v, chi-square %.1f", stars, x)
	}
	var counts []int
	for _, c := range pairs {
		counts = append(counts, c)
	}
	if x := chiSquare(counts, n/132.0); len(counts) != 132 || x > 185 {
		t.Errorf("pairs of star and asked cell are not uniform: %d of 132 occur, chi-square %.1f", len(counts), x)
	}
}

func chiSquare(counts []int, expected float64) float64 {
	sum := 0.0
	for _, c := range counts {
		sum += (float64(c) - expected) * (float64(c) - expected) / expected
	}
	return sum
}

// TestCountingDistribution tests how often cells are stars, and that the place asked about is
// uniform.
func TestCountingDistribution(t *testing.T) {
	for _, stars := range []float64{0, 0.7} {
		p, err := CountingStars(ProxyOptions{Sizes: []Size{{5, 4}}, Stars: stars})
		if err != nil {
			t.Fatal(err)
		}
		want := stars
		if want == 0 {
			want = 0.3
		}
		const n = 8_000
		places, count, seen := make([]int, 20), 0, map[string]int{}
		for i := range n {
			q := p.At(2, datasets.Test, i)
			cells := strings.Fields(printed(q))
			places[slices.Index(cells, strings.Fields(q.Text)[5])]++
			for _, cell := range cells {
				if cell == Star {
					count++
				} else {
					seen[cell]++
				}
			}
		}
		rate, deviation := float64(count)/(19*n), math.Sqrt(want*(1-want)/(19*n))
		if math.Abs(rate-want) > 4*deviation {
			t.Errorf("%.4f of the cells are stars, expected %.1f", rate, want)
		}
		if x := chiSquare(places, n/20.0); x > 43.8 { // 0.999 quantile, 19 degrees of freedom
			t.Errorf("places asked about are not uniform: %v, chi-square %.1f", places, x)
		}
		if len(seen) != 1000 {
			t.Errorf("%d different numbers occur, expected 1000", len(seen))
		}
	}
}

func TestProxySizes(t *testing.T) {
	for _, p := range proxies(t, ProxyOptions{Sizes: []Size{{2, 3}, {4, 2}}, TestSizes: []Size{{5, 5}}, QuestionsPerTable: 2}) {
		for i := range 8 {
			q, want := p.At(0, datasets.Train, i), []Size{{2, 3}, {4, 2}}[i/2%2]
			if got := (Size{len(q.Table.Rows) + 1, q.Table.Columns()}); got != want {
				t.Errorf("question %d is about a table of %v, expected %v", i, got, want)
			}
			if q := p.At(0, datasets.Test, i); len(q.Table.Rows) != 4 {
				t.Errorf("test question %d is about %d rows, expected 4", i, len(q.Table.Rows))
			}
		}
	}
}

func TestProxyOptionsRefused(t *testing.T) {
	for _, c := range []struct {
		o                  ProxyOptions
		locating, counting string // "" where the task accepts
	}{
		{ProxyOptions{Sizes: []Size{{1, 4}}}, "a table of 1x4", "a table of 1x4"},
		{ProxyOptions{Sizes: []Size{{4, 17}}}, "2 to 16 columns", "2 to 16 columns"},
		{ProxyOptions{TestSizes: []Size{{1001, 4}}}, "2 to 1000 rows", "2 to 1000 rows"},
		{ProxyOptions{Sizes: []Size{{63, 16}}}, "fill only 1001", ""},
		{ProxyOptions{QuestionsPerTable: 16}, "expected at most 15", ""},
		{ProxyOptions{QuestionsPerTable: 17}, "expected at most 15", "expected at most 16"},
		{ProxyOptions{QuestionsPerTable: -1}, "expected 1 or more", "expected 1 or more"},
		{ProxyOptions{Stars: 1.5}, "expected 0 to 1", "expected 0 to 1"},
		{ProxyOptions{Stars: math.NaN()}, "expected 0 to 1", "expected 0 to 1"},
	} {
		refused(t, LocatingValues, c.o, c.locating)
		refused(t, CountingStars, c.o, c.counting)
	}
}

func refused(t *testing.T, task func(ProxyOptions) (*Proxy, error), o ProxyOptions, want string) {
	t.Helper()
	_, err := task(o)
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("%+v: got %v, expected an error with %q in it", o, err, want)
	}
}
