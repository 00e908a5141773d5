package datasets

import (
	"fmt"
	"math/rand/v2"
)

// split3 is the numbers of the graphs of each split.
type split3 struct{ Train, Val, Test []int32 }

// check reports a number that is no graph of n, or comes twice, or, where all is
// set, a graph that is in no split though use says it should be.
func (s *split3) check(n int, all bool, skip func(i int32) bool) string {
	seen := make([]bool, n)
	for k, part := range [][]int32{s.Train, s.Val, s.Test} {
		for _, i := range part {
			switch {
			case i < 0 || int(i) >= n:
				return fmt.Sprintf("%v: graph %d is out of range, expected 0..%d", Split(k), i, n-1)
			case seen[i]:
				return fmt.Sprintf("%v: graph %d comes twice", Split(k), i)
			case skip != nil && skip(i):
				return fmt.Sprintf("%v: graph %d is one that is left out", Split(k), i)
			}
			seen[i] = true
		}
	}
	if !all {
		return ""
	}
	for i, s := range seen {
		if !s && (skip == nil || !skip(int32(i))) {
			return fmt.Sprintf("graph %d is in no split", i)
		}
	}
	return ""
}

// randomSplit draws 80, 10 and 10 % of the given graphs, cut off as DeepChem's
// RandomSplitter does.
func randomSplit(items []int32, seed uint64) *split3 {
	drawn := append([]int32(nil), items...)
	shuffle(stream(seed, streamRandomSplit, 0), drawn)
	train, val := len(drawn)*8/10, len(drawn)*9/10
	return &split3{drawn[:train:train], drawn[train:val:val], drawn[val:]}
}

// stratified deals the graphs of each class, shuffled, to a number of folds in
// turn; the next class goes on where the last one ended, so that folds have the
// same size up to one. Fold f is for testing, the next one for validation.
func stratified(classes []int32, folds, fold int, seed uint64) *split3 {
	byClass := map[int32][]int32{}
	most := int32(0)
	for i, c := range classes {
		byClass[c] = append(byClass[c], int32(i))
		most = max(most, c)
	}
	at := make([]int, len(classes))
	dealt := 0
	for c := range most + 1 {
		members := byClass[c]
		shuffle(stream(seed, streamFolds, int(c)), members)
		for _, i := range members {
			at[i] = dealt % folds
			dealt++
		}
	}
	return foldSplit(at, folds, fold)
}

// foldSplit tests on one fold, validates on the next and trains on the others;
// at is the fold of each graph.
func foldSplit(at []int, folds, fold int) *split3 {
	s := new(split3)
	for i, f := range at {
		switch (f - fold + folds) % folds {
		case 0:
			s.Test = append(s.Test, int32(i))
		case 1:
			s.Val = append(s.Val, int32(i))
		default:
			s.Train = append(s.Train, int32(i))
		}
	}
	return s
}

func shuffle(r *rand.Rand, items []int32) {
	r.Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
}

// readSplit reads a split of n graphs that holds all but those that are left out.
func readSplit(path string, n int, skip func(i int32) bool) (*split3, error) {
	var file struct {
		Train, Val, Valid, Test []int32
	}
	if err := readJSON(path, &file); err != nil {
		return nil, err
	}
	s := &split3{file.Train, file.Val, file.Test}
	if s.Val == nil {
		s.Val = file.Valid
	}
	if reason := s.check(n, true, skip); reason != "" {
		return nil, notPublished(path, 0, "%s", reason)
	}
	return s, nil
}

// firstNumbers is 0, 1, ..., n-1.
func firstNumbers(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// readFoldLists reads folds in the form of benchmarking-gnns: for each split the
// list of what it holds in each fold.
func readFoldLists(path string) ([]split3, error) {
	var lists struct{ Train, Val, Test [][]int32 }
	if err := readJSON(path, &lists); err != nil {
		return nil, err
	}
	var all []split3
	for f := range min(len(lists.Train), len(lists.Val), len(lists.Test)) {
		all = append(all, split3{lists.Train[f], lists.Val[f], lists.Test[f]})
	}
	return all, nil
}
