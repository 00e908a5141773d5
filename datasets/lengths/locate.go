package lengths

import (
	"fmt"
	"strconv"
	"strings"
)

// Numbers of locate.
const (
	locateNumbers = 256 // cells hold 0 to 255
	locateSide    = 16  // the longest side: 255 numbers and the star
	locateStar    = -1  // the star among the cells of a record
)

func locateTasks() []*definition {
	vocabulary := words("Value down right in * ; ?")
	for n := range locateNumbers {
		vocabulary = append(vocabulary, strconv.Itoa(n))
	}
	for n := -locateSide + 1; n < locateSide; n++ {
		vocabulary = append(vocabulary, fmt.Sprintf("%+d", n))
	}
	return []*definition{{
		family: "locate", about: "read the cell at an offset from the star on a square grid; lengths count rows",
		train: Range{4, 8}, test: Range{9, 16}, possible: Range{2, locateSide}, symbols: locateNumbers,
		words: vocabulary, refuse: locateRoom,
		empty: func() Record { return new(LocateRecord) }, draw: drawLocate, extract: extractWhole,
	}}
}

// LocateRecord is a square grid of different numbers with one star, and a cell by its offset from the star. It follows
// Locating-Values of Li et al., 2D-TPE (arXiv 2409.19700), of which no more than the idea is published; cells of one token
// and the words are our own.
//
// The question comes before the grid, so that a causal decoder knows what to look for when it reads the cells: the star
// can look back for a cell before it, and a cell behind it for the star. The rows follow one another, each ended by ";":
//
//	Value -1 down +1 right in 17 3 250 ; * 8 91 ; 4 66 7 ; ? -> 3
//
// Test grids are larger, but offsets are at most those that training grids have: what is tested is the larger grid, not
// words never seen. In reading order one row down is as many tokens away as the grid is wide; on the grid it is always one.
type LocateRecord struct {
	Cells    [][]int `json:"cells"` // [rows, rows]; the star is -1
	Down     int     `json:"down"`
	Right    int     `json:"right"`
	Answer   int     `json:"answer"`
	Category int     `json:"cat"` // how many rows
}

var _ Record = (*LocateRecord)(nil)

// locateRoom refuses fewer numbers than the largest grid has cells beside the star.
func locateRoom(o *Options) error {
	if side := o.Test.Max; o.Symbols < side*side-1 {
		return fmt.Errorf("%d symbols do not fill a grid of %d rows without repeating one: choose at least %d or smaller grids", o.Symbols, side, side*side-1)
	}
	return nil
}

func drawLocate(d drawing) Record {
	random, n := d.stream(streamRecord, d.index), d.length
	row, column := random.IntN(n), random.IntN(n)
	r := &LocateRecord{Cells: make([][]int, n), Category: n}
	numbers := random.Perm(d.Symbols)
	for y := range r.Cells {
		r.Cells[y] = make([]int, n)
		for x := range r.Cells[y] {
			if y == row && x == column {
				r.Cells[y][x] = locateStar
				continue
			}
			r.Cells[y][x], numbers = numbers[0], numbers[1:]
		}
	}
	// All cells within reach are equally likely, the star's own left out.
	reach := d.Train.Max - 1
	top, left := max(row-reach, 0), max(column-reach, 0)
	height, width := min(row+reach, n-1)-top+1, min(column+reach, n-1)-left+1
	cell := random.IntN(height*width - 1)
	if cell >= (row-top)*width+column-left {
		cell++
	}
	y, x := top+cell/width, left+cell%width
	r.Down, r.Right, r.Answer = y-row, x-column, r.Cells[y][x]
	return r
}

func (r *LocateRecord) check(string) error {
	n := len(r.Cells)
	if err := sameCount(r.Category, n, "rows"); err != nil {
		return err
	}
	if n < 2 || n > locateSide {
		return fmt.Errorf("the grid has %d rows: want 2 to %d", n, locateSide)
	}
	seen := map[int]bool{}
	row, column := 0, 0
	for y, cells := range r.Cells {
		if len(cells) != n {
			return fmt.Errorf("row %d has %d cells, but there are %d rows: want a square", y+1, len(cells), n)
		}
		for x, v := range cells {
			if v < locateStar || v >= locateNumbers || seen[v] {
				return fmt.Errorf("row %d, cell %d is %d: want different numbers of 0 to %d and one star, %d", y+1, x+1, v, locateNumbers-1, locateStar)
			}
			seen[v] = true
			if v == locateStar {
				row, column = y, x
			}
		}
	}
	if !seen[locateStar] {
		return fmt.Errorf("the grid has no star, %d", locateStar)
	}
	// Offsets are bounded first so that no sum overflows.
	for _, offset := range []int{r.Down, r.Right} {
		if offset <= -n || offset >= n {
			return fmt.Errorf("the offset %d leads off the grid of %d rows", offset, n)
		}
	}
	y, x := row+r.Down, column+r.Right
	if y < 0 || y >= n || x < 0 || x >= n || y == row && x == column || r.Cells[y][x] != r.Answer {
		return fmt.Errorf("%+d down, %+d right of the star is no cell with %d", r.Down, r.Right, r.Answer)
	}
	return nil
}

func (r *LocateRecord) length() int       { return len(r.Cells) }
func (r *LocateRecord) category() string  { return strconv.Itoa(r.Category) }
func (r *LocateRecord) target() string    { return r.answer() }
func (r *LocateRecord) answer() string    { return strconv.Itoa(r.Answer) }
func (r *LocateRecord) steps(bool) []step { return nil }

func (r *LocateRecord) prompt() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Value %+d down %+d right in ", r.Down, r.Right)
	for _, cells := range r.Cells {
		for _, v := range cells {
			if v == locateStar {
				b.WriteString("* ")
			} else {
				b.WriteString(strconv.Itoa(v))
				b.WriteByte(' ')
			}
		}
		b.WriteString("; ")
	}
	b.WriteString("? ")
	return b.String()
}

// locateQuestion is the number of tokens before the first cell.
const locateQuestion = 6

// coordinates gives row and column of the tokens of the prompt and what follows it.
func (r *LocateRecord) coordinates(tokens int) [][2]int32 {
	places := make([][2]int32, tokens)
	for i := range places {
		places[i] = [2]int32{Outside, Outside}
	}
	n := len(r.Cells)
	for y := range n {
		for x := range n {
			places[locateQuestion+y*(n+1)+x] = [2]int32{int32(y), int32(x)}
		}
	}
	return places
}
