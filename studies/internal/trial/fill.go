package trial

import "slices"

// FillCells goes through the cells of a study, 0 to n-1. Those that are among the kept ones are told first, in their order, then
// the others are done and told. is says whether a kept cell is number i; do is told which it is among those that are to be
// done, from 1, and how many of them there are; tell may be nil. The first error ends it. It returns the cells that there
// are then, in their order.
func FillCells[C any](n int, kept []C, is func(i int, c *C) bool, do func(i, at, left int) (C, error), tell func(c C) error) ([]C, error) {
	cells := make([]*C, n)
	var open []int
	for i := range cells {
		if k := slices.IndexFunc(kept, func(c C) bool { return is(i, &c) }); k >= 0 {
			cells[i] = &kept[k]
		} else {
			open = append(open, i)
		}
	}
	err := fillCells(cells, open, do, tell)
	var done []C
	for _, c := range cells {
		if c != nil {
			done = append(done, *c)
		}
	}
	return done, err
}

// fillCells tells the cells that there are, and does and tells the open ones.
func fillCells[C any](cells []*C, open []int, do func(i, at, left int) (C, error), tell func(c C) error) error {
	if tell == nil {
		tell = func(C) error { return nil }
	}
	for _, c := range cells {
		if c == nil {
			continue
		}
		if err := tell(*c); err != nil {
			return err
		}
	}
	for k, i := range open {
		c, err := do(i, k+1, len(open))
		if err != nil {
			return err
		}
		cells[i] = &c
		if err := tell(c); err != nil {
			return err
		}
	}
	return nil
}
