package trial

// Walk goes through the cells of a study, 0 to n-1. First those that are kept are told, in their order, then the others
// are done and told. do is told which cell it is among those, from 1, and how many of them there are. The first error ends
// it.
func Walk(n int, kept func(i int) bool, do func(i, at, left int) error, tell func(i int) error) error {
	var open []int
	for i := range n {
		if !kept(i) {
			open = append(open, i)
		} else if err := tell(i); err != nil {
			return err
		}
	}
	for k, i := range open {
		if err := do(i, k+1, len(open)); err != nil {
			return err
		}
		if err := tell(i); err != nil {
			return err
		}
	}
	return nil
}
