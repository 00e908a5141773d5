package attention

// lattice says which rows of a matrix the tokens of a sequence are: lines of across tokens, right rows from one to the
// next, and down rows from line to line. The tokens of a window of an image are such rows, and so are those of a sequence
// that lie one after the other.
type lattice struct{ first, across, right, down int }

// consecutive returns the lattice of rows from first on.
func consecutive(first int) lattice { return lattice{first, 1, 1, 1} }

// each calls f for every stretch of the n tokens from from on: m tokens, of which the first is number at of the n, that
// are row, row+step, row+2 step and so on.
func (l *lattice) each(from, n int, f func(at, row, step, m int)) {
	step := 0
	switch {
	case l.across == 1:
		step = l.down
	case l.across*l.right == l.down:
		step = l.right
	}
	if step > 0 {
		if n > 0 {
			f(0, l.first+from*step, step, n)
		}
		return
	}
	for at := 0; at < n; {
		y, x := (from+at)/l.across, (from+at)%l.across
		m := min(n-at, l.across-x)
		f(at, l.first+y*l.down+x*l.right, l.right, m)
		at += m
	}
}

// operand is a matrix that has the channels of queries, keys or values: those of head h begin in column col + h head dim.
type operand struct {
	data    []float32
	ld, col int
}

// of returns the channels of a head from a row on.
func (o *operand) of(row, h, dim int) []float32 { return o.data[row*o.ld+o.col+h*dim:] }
