package records

import (
	"math/rand/v2"
	"slices"
	"sort"
)

// mostSampled is how many numbers of a column are kept to find quantiles.
const mostSampled = 1 << 17

// sample keeps some of the numbers of a column: all of the first mostSampled, and of more a
// random choice in which each is as likely (Vitter 1985, algorithm R).
type sample struct {
	values []float64
	seen   int
	random *rand.Rand
}

func newSample(seed uint64, column int) *sample {
	return &sample{random: rand.New(rand.NewPCG(seed, uint64(column)))}
}

func (s *sample) add(x float64) {
	s.seen++
	if len(s.values) < mostSampled {
		s.values = append(s.values, x)
		return
	}
	if k := s.random.IntN(s.seen); k < mostSampled {
		s.values[k] = x
	}
}

// edges are the borders between at most so many bins: a bin a value where there are no more
// values than bins, and else quantiles, less those that coincide. A number that is an edge
// belongs below it.
func (s *sample) edges(bins int) []float64 {
	slices.Sort(s.values)
	distinct := slices.Compact(slices.Clone(s.values))
	if len(distinct) <= 1 {
		return nil
	}
	if len(distinct) <= bins {
		return distinct[:len(distinct)-1]
	}
	var edges []float64
	n, last := len(s.values), distinct[len(distinct)-1]
	for k := 1; k < bins; k++ {
		e := s.values[(n*k+bins-1)/bins-1]
		if e < last && (len(edges) == 0 || e > edges[len(edges)-1]) {
			edges = append(edges, e)
		}
	}
	return edges
}

// bin is the number of the bin that x falls into: that of edges below it.
func bin(edges []float64, x float64) int { return sort.SearchFloat64s(edges, x) }
