package benchmark_test

import (
	"context"
	"fmt"
	"os"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/studies/benchmark"
)

// A grid of one model on one data set with two seeds, so small that it teaches little.
func Example() {
	dir, err := os.MkdirTemp("", "results")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	grid := benchmark.Grid{
		Datasets: []string{"csl"}, Models: []string{"grit"}, Seeds: []uint64{1, 2}, Folds: 1, Epochs: 1, Dir: dir,
		Settings: []recipes.Setting{{Path: "data.train", Value: "10"}, {Path: "model.layers", Value: "1"}},
	}
	results, err := grid.Run(context.Background())
	if err != nil {
		panic(err)
	}
	for _, row := range benchmark.Rows(results) {
		fmt.Printf("%s on %s: %s over %d seeds, %d epoch\n", row.Model, row.Dataset, row.Metric, len(row.Seeds), row.Epochs)
		fmt.Println(row.Notes)
	}
	best := benchmark.Published("zinc", datasets.PublishedSplit)[0]
	fmt.Printf("published: %s, %s %v ± %v\n", best.Title, best.Metric, best.Value, best.Spread)
	// Output:
	// grit on csl: accuracy over 2 seeds, 1 epoch
	// [10 of 90 training graphs model.layers 1 rather than 2]
	// published: GRIT, mae 0.059 ± 0.002
}
