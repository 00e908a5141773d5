package sequences

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// sampler chooses a token by its logits.
type sampler struct {
	temperature, topP float64
	topK              int

	weights []float64 // exp((logit - largest) / temperature)
	kept    []int32   // the tokens that may be drawn
}

// pick returns the next token. Draws take one number of random each.
func (s *sampler) pick(logits []float32, random *rand.Rand) (int32, error) {
	best := 0
	for i, v := range logits {
		if v != v || math.IsInf(float64(v), 1) {
			return 0, fmt.Errorf("the logit of token %d is %v: the model's parameters, or its activations, are no longer finite", i, v)
		}
		if v > logits[best] {
			best = i
		}
	}
	if math.IsInf(float64(logits[best]), -1) {
		return 0, errors.New("all logits are -Inf: there is no token to choose")
	}
	if s.temperature == 0 {
		return int32(best), nil
	}
	s.weigh(logits, float64(logits[best]))
	s.cut()
	u := random.Float64() * s.total()
	for _, id := range s.kept {
		if u -= s.weights[id]; u < 0 {
			return id, nil
		}
	}
	return s.kept[0], nil // rounding: a number that close to the total is as good as none
}

// weigh fills weights, and keeps all tokens of any weight.
func (s *sampler) weigh(logits []float32, largest float64) {
	s.weights, s.kept = slices.Grow(s.weights[:0], len(logits)), slices.Grow(s.kept[:0], len(logits))
	for i, v := range logits {
		w := math.Exp((float64(v) - largest) / s.temperature)
		s.weights = append(s.weights, w)
		if w > 0 {
			s.kept = append(s.kept, int32(i))
		}
	}
}

// cut leaves the topK heaviest tokens, and of those the fewest heaviest that have together at least the share topP of
// their weight (Holtzman and others 2020), the first of equal ones.
func (s *sampler) cut() {
	byK, byP := s.topK > 0 && s.topK < len(s.kept), s.topP > 0 && s.topP < 1
	if !byK && !byP {
		return
	}
	total := s.total()
	if byK {
		s.thin(s.lightest())
	} else {
		s.thin(total * (1 - s.topP) / float64(len(s.kept)))
	}
	slices.SortFunc(s.kept, func(a, b int32) int {
		return cmp.Or(cmp.Compare(s.weights[b], s.weights[a]), cmp.Compare(a, b))
	})
	if byK {
		s.kept = s.kept[:s.topK]
		total = s.total()
	}
	if !byP {
		return
	}
	sum := 0.0
	for k, id := range s.kept {
		if sum += s.weights[id]; sum >= s.topP*total {
			s.kept = s.kept[:k+1]
			return
		}
	}
}

func (s *sampler) total() float64 {
	total := 0.0
	for _, id := range s.kept {
		total += s.weights[id]
	}
	return total
}

// thin drops the tokens lighter than least, so that there is little to sort. None of them would be kept: those lighter
// than the mean share of 1 - topP have together less than that, and [sampler.lightest] leaves topK tokens.
func (s *sampler) thin(least float64) {
	const slack = 1 - 1e-9 // for rounding
	s.kept = slices.DeleteFunc(s.kept, func(id int32) bool { return s.weights[id] < least*slack })
}

// lightest returns a weight that at least topK tokens have, and not many more. The tokens are counted by the whole part of
// their weight's logarithm.
func (s *sampler) lightest() float64 {
	var count [40]int
	const last = len(count) - 1
	for _, id := range s.kept {
		count[min(int(-math.Log(s.weights[id])), last)]++
	}
	have := 0
	for level, n := range count[:last] {
		if have += n; have >= s.topK {
			return math.Exp(-float64(level + 1))
		}
	}
	return 0
}
