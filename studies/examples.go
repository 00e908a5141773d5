package studies

import (
	"fmt"
	"math/rand/v2"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/sequences"
)

// questionSeed is the seed of the questions, the same for all models.
const questionSeed = 0x1e57

// example puts an example of the task into tokens and places.
func (st *study) example(subject Subject, e lengths.Example) (sequences.Example, error) {
	s, err := st.task.Sequence(e)
	if err != nil {
		return sequences.Example{}, fmt.Errorf("example %q: %w", e.Source, err)
	}
	ex := sequences.Example{Prompt: s.IDs[:s.Prompt], Target: s.IDs[s.Prompt:]}
	switch {
	case s.Coordinates != nil:
		ex.Places = placesFor(subject.Reading, s.Coordinates[:s.Prompt])
	case subject.Reading.TwoDimensional():
		return ex, errNoGrid
	}
	return ex, nil
}

// stream is the examples of a training in their order.
type stream struct {
	study   *study
	subject Subject
	seed    uint64
	round   int // that order belongs to, -1 at first
	order   []int
}

// batch returns the examples of a step.
func (s *stream) batch(step int) ([]sequences.Example, error) {
	size := s.study.BatchSize
	list := make([]sequences.Example, size)
	for k := range list {
		var err error
		if list[k], err = s.study.example(s.subject, s.study.task.At(s.seed, lengths.Train, s.number(step*size+k))); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// number is which example comes at a place of the training.
func (s *stream) number(at int) int {
	n := s.study.Examples
	if n == 0 {
		return at
	}
	if round := at / n; s.round != round {
		s.round, s.order = round, rand.New(rand.NewPCG(s.seed, uint64(round))).Perm(n)
	}
	return s.order[at%n]
}
