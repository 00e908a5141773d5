package imagesets

import (
	"fmt"
	"io"

	"github.com/graft-ml/graft/datasets"
)

// Set is a data set, cut into splits.
type Set struct {
	Info             Info // sizes of the set as it was loaded, before Limit
	Protocol         Protocol
	Train, Val, Test Source
	// Notes is what must be said beside any figure measured on the set as it was loaded.
	Notes []string

	file io.Closer // an archive that images are read from; nil where there is none
}

// Split gives one of the three sources.
func (s *Set) Split(split datasets.Split) Source {
	switch split {
	case datasets.Train:
		return s.Train
	case datasets.Val:
		return s.Val
	case datasets.Test:
		return s.Test
	}
	panic(fmt.Sprintf("imagesets: Split: %v, expected train, val or test", split))
}

// Counts is the number of images of each class in a split.
func (s *Set) Counts(split datasets.Split) []int {
	counts := make([]int, len(s.Info.Classes))
	source := s.Split(split)
	for i := range source.Len() {
		counts[source.Label(i)]++
	}
	return counts
}

// Close lets go of the archive that images are read from, if there is one. No image can be
// had from it afterwards.
func (s *Set) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// measure writes the sizes of the splits into the Info.
func (s *Set) measure() {
	s.Info.Train, s.Info.Val, s.Info.Test = s.Train.Len(), s.Val.Len(), s.Test.Len()
}

// limit keeps so many images of each split.
func (s *Set) limit(l datasets.Limit) {
	s.Train, s.Val, s.Test = spread(s.Train, l.Train), spread(s.Val, l.Val), spread(s.Test, l.Test)
}
