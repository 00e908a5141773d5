package files

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/graft-ml/graft/datasets"
)

// draw cuts n items at random: 80 % to train on, 10 % to choose by, 10 % to report on.
func draw(n int, seed uint64) (parts [3][]int) {
	order := rand.New(rand.NewPCG(seed, 0x66696c6573)).Perm(n)
	train, val := n*8/10, n*9/10
	return [3][]int{order[:train:train], order[train:val:val], order[val:]}
}

// splitWord reads a cell of a split column; an empty one is no split.
func splitWord(cell string) (datasets.Split, string) {
	switch strings.ToLower(cell) {
	case "train", "training":
		return datasets.Train, ""
	case "val", "valid", "validation", "dev":
		return datasets.Val, ""
	case "test", "testing":
		return datasets.Test, ""
	}
	return 0, fmt.Sprintf("%q is no split: want train, val or test", clip(cell))
}

// assigned collects the items of each split, in their order.
func assigned(splits []datasets.Split) (parts [3][]int) {
	for i, s := range splits {
		parts[s] = append(parts[s], i)
	}
	return parts
}

// needTraining reports that nothing is left to train on.
func needTraining(file string, parts [3][]int) error {
	if len(parts[datasets.Train]) > 0 {
		return nil
	}
	total := len(parts[datasets.Val]) + len(parts[datasets.Test])
	if total == 0 {
		return &FileError{File: file, Reason: "there are no graphs in it"}
	}
	return &FileError{File: file, Reason: fmt.Sprintf("none of its %d graphs is one to train on", total), Hint: "more graphs are needed, or another split"}
}
