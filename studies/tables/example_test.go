package tables_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/studies/tables"
	"github.com/graft-ml/graft/tables/decoder"
)

// A study that is far too short to learn anything: two readers, ten steps each.
func ExampleStudy() {
	study := tables.Study{
		Tasks: []string{"counting-stars"}, Sizes: []int{2, 3}, TestSizes: []int{3, 4}, Steps: 10, BatchTokens: 200, Tests: 5,
		Model: decoder.Config{Layers: 1, Width: 32, Heads: 2},
	}
	for _, name := range []string{"rows", "two-order"} {
		r, err := tables.ReaderByName(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		study.Readers = append(study.Readers, r)
	}
	cells, err := study.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range cells {
		fmt.Printf("%s: %d parameters, %d tokens, %d routers\n", c.Reader, c.Parameters, c.Tokens, len(c.Columns))
		for _, s := range c.Scores {
			fmt.Printf("  %d questions of %dx%d tables, learned from: %v\n", s.Examples, s.Size, s.Size, s.Trained)
		}
	}
	// Output:
	// rows: 48256 parameters, 2364 tokens, 0 routers
	//   5 questions of 3x3 tables, learned from: true
	//   5 questions of 4x4 tables, learned from: false
	// two-order: 48258 parameters, 2364 tokens, 1 routers
	//   5 questions of 3x3 tables, learned from: true
	//   5 questions of 4x4 tables, learned from: false
}

// How far the routed pair is ahead of the better of rows and columns.
func ExampleCompare() {
	of := func(reader string, reading decoder.Reading, at6, at8 int) tables.Cell {
		return tables.Cell{Task: "locating-values", Reader: reader, Reading: reading, Seed: 1, Scores: tables.Scores{
			{Size: 6, Trained: true, Right: at6, Examples: 100}, {Size: 8, Right: at8, Examples: 100},
		}}
	}
	rows := tables.Rows([]tables.Cell{
		of("rows", decoder.Rows, 50, 10), of("columns", decoder.Columns, 40, 20), of("two-order", decoder.Both, 90, 60),
	})
	for _, c := range tables.Compare(rows) {
		fmt.Printf("sizes of the training: %+.0f beside %s\n", c.Trained.Points(), c.Trained.Than)
		fmt.Printf("larger sizes: %+.0f beside %s\n", c.HeldOut.Points(), c.HeldOut.Than)
	}
	// Output:
	// sizes of the training: +40 beside rows
	// larger sizes: +40 beside columns
}
