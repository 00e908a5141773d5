package baseline

import (
	"fmt"
	"math"
)

// Options say how a baseline is fitted. The zero value is what the figures that the
// tests compare with were measured with; it was not tuned.
type Options struct {
	// L2 is the weight of the squared weights beside the mean loss; the default is 1e-3 for
	// statements and 1e-5 for cells.
	L2 float64
	// MinCount is in how many training statements a word must occur to have a weight of its
	// own; the default is 3.
	MinCount int
}

func (o Options) withDefaults(l2 float64) (Options, error) {
	if o.L2 == 0 {
		o.L2 = l2
	}
	if o.MinCount == 0 {
		o.MinCount = 3
	}
	if !(o.L2 > 0) || math.IsInf(o.L2, 0) || o.MinCount < 0 {
		return o, fmt.Errorf("baseline: L2 %v and MinCount %d, expected both above 0, or 0 for the default", o.L2, o.MinCount)
	}
	return o, nil
}
