package tableqa_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
)

func ExampleLocatingValues() {
	task, err := tableqa.LocatingValues(tableqa.ProxyOptions{Sizes: []tableqa.Size{tableqa.Square(3)}})
	if err != nil {
		panic(err)
	}
	q := task.At(1, datasets.Train, 0)
	for _, row := range q.Table.Cells() {
		fmt.Println(strings.Join(row, " "))
	}
	fmt.Println(q.Text, "->", q.Answers[0])
	// Output:
	// 152 172 946
	// 54 467 580
	// 967 * 883
	// value -2 rows down +0 columns right of * ? -> 172
}

func ExampleCountingStars() {
	task, err := tableqa.CountingStars(tableqa.ProxyOptions{Sizes: []tableqa.Size{{Rows: 3, Columns: 5}}})
	if err != nil {
		panic(err)
	}
	q := task.At(1, datasets.Train, 3)
	for _, row := range q.Table.Cells() {
		fmt.Println(strings.Join(row, " "))
	}
	fmt.Println(q.Text, "->", q.Answers[0])
	// Output:
	// * 910 * 66 *
	// 712 271 * 712 *
	// 572 770 * 904 638
	// stars in the row of 638 ; stars in the column of 638 ? -> 1 2
}

func ExampleLoad() {
	set, err := tableqa.Load(context.Background(), "counting-stars", tableqa.Options{Seed: 3, Limit: datasets.Limit{Test: 500}})
	if err != nil {
		panic(err)
	}
	var rate tableqa.Rate
	for i := range set.Test.Len() {
		q := set.Test.At(i)
		rate.Add(set.Info.Metric.Correct(&q, []string{"1 1"})) // a guess
	}
	fmt.Println(set.Info.Title)
	fmt.Println(rate)
	// Output:
	// Counting-Stars: the stars in the row and in the column of a number
	// 10.4 % of 500
}

func ExampleEvaluate() {
	fmt.Println(tableqa.Evaluate([]string{"1,000 km"}, []string{"1000.0"}, []string{"1000"}))
	fmt.Println(tableqa.Evaluate([]string{"Paris", "Rome"}, nil, []string{"rome", "Paris (France)"}))
	fmt.Println(tableqa.Evaluate([]string{"Paris", "Rome"}, nil, []string{"Rome"}))
	// Output:
	// true
	// true
	// false
}

func ExampleDescribe() {
	info, err := tableqa.Describe("tabfact")
	if err != nil {
		panic(err)
	}
	fmt.Println(info.Title)
	fmt.Println(info.Metric, info.Protocols, info.Licence)
	fmt.Println(info.Published[0].Model, info.Published[0].Part, info.Published[0].Value)
	_, err = tableqa.Describe("tabfakt")
	fmt.Println(err)
	// Output:
	// TabFact: statements that tables of Wikipedia entail or refute
	// accuracy [val-as-train pairs raw-pairs published] MIT
	// Table-BERT val 66.1
	// datasets: unknown data set of tables "tabfakt"; did you mean "tabfact"? Known are counting-stars, fetaqa, hitab, locating-values, tabfact, wikitables
}
