package baseline_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/datasets/tableqa/baseline"
)

// A bag of words cannot follow an offset: on a generated task it does little better than
// guessing one of the cells.
func Example() {
	task, err := tableqa.LocatingValues(tableqa.ProxyOptions{Sizes: []tableqa.Size{tableqa.Square(3)}})
	if err != nil {
		panic(err)
	}
	model, err := baseline.FitCells(context.Background(), task.Source(1, datasets.Train, 500), baseline.Options{})
	if err != nil {
		panic(err)
	}
	tally := baseline.Measure(tableqa.ExactMatch, task.Source(1, datasets.Test, 500), model)
	fmt.Println(tally.All.Percent() < 25)
	// Output: true
}
