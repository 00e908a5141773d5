package recipes_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/train"
)

func Example() {
	r := recipes.CSLGRIT()
	for path, value := range map[string]string{
		"model.layers": "1", "model.width": "8", "train.epochs": "1", "schedule.warmup": "0",
		"data.train": "20", "data.val": "10", "data.test": "10",
	} {
		if err := r.Set(path, value); err != nil {
			fmt.Println(err)
		}
	}
	ctx := context.Background()
	task, options, err := r.Build(ctx, "")
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := train.Fit(ctx, task, options)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("steps:", result.Steps, "best epoch:", result.BestEpoch, "has test accuracy:", result.Test.Has("accuracy"))
	// Output: steps: 2 best epoch: 1 has test accuracy: true
}

func ExampleParse() {
	r, err := recipes.Parse(strings.NewReader("base: zinc-grit\ntrain:\n  epochs: 30\n"), "short.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range r.Changes() {
		fmt.Println(c.Path, c.From, "->", c.To)
	}
	_, err = recipes.Parse(strings.NewReader("train:\n  epoch: 30\n"), "short.yaml")
	fmt.Println(err)
	// Output:
	// name zinc-grit -> short
	// train.epochs 2000 -> 30
	// recipes: short.yaml:2:3: unknown key "epoch" in train; did you mean "epochs"? (known: epochs, batchSize, evalBatchSize, seed, checkpointSeconds, onNaN)
}
