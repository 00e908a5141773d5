package tables_test

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tokenize"
)

const cities = "city;country;people\nLyon;France;516092\nBergen;Norway;285911\n"

func ExampleReadCSV() {
	t, err := tables.ReadCSV("cities.csv", strings.NewReader(cities), tables.Dialect{}, tables.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tables.WriteMarkdown(os.Stdout, t)
	// Output:
	// | city   | country | people |
	// |--------|---------|--------|
	// | Lyon   | France  | 516092 |
	// | Bergen | Norway  | 285911 |
}

// What is wrong in a file is told with its place, and what to do about it.
func ExampleReadCSV_errors() {
	for _, text := range []string{"city,people\nLyon,516,092\n", "city,people\n\"Lyon,516092\nBergen,285911\n", "city,city\n"} {
		_, err := tables.ReadCSV("cities.csv", strings.NewReader(text), tables.Dialect{}, tables.Options{})
		fmt.Println(err)
	}
	// Output:
	// tables: cities.csv:2: row 1 has 3 cells, 1 too many for 2 columns; put cells that hold the delimiter in quotes, or have the rest cut off (RaggedFit)
	// tables: cities.csv:2: byte 1: the quote that opens here is never closed; write a quote that belongs to the text twice
	// tables: cities.csv:1: columns 1 and 2 are both called "city"; give each column a name of its own, or have them numbered (Names)
}

// A large table need not be held.
func ExampleStreamCSV() {
	r, err := tables.StreamCSV("cities.csv", strings.NewReader(cities), tables.Dialect{}, tables.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("line %d: %q\n", r.Line(), row)
	}
	// Output:
	// line 2: ["Lyon" "France" "516092"]
	// line 3: ["Bergen" "Norway" "285911"]
}

// A table between two texts, in both orders: the rows follow each other in the first,
// the columns in the second.
func ExampleRead() {
	t := &tables.Table{Header: []string{"x", "y"}, Rows: [][]string{{"1", "2"}}}
	words, err := tokenize.NewWords([]string{"x", "y", "1", "2", "sum"}, tables.MarkNames())
	if err != nil {
		fmt.Println(err)
		return
	}
	marks, err := tables.MarksOf(words)
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := tables.Read([]int32{marks.BOS}, tables.Tokens(t, words), words.Append(nil, "sum"), marks)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, order := range []*tables.Reading{r, r.InColumnOrder()} {
		var texts []string
		for _, id := range order.IDs {
			texts = append(texts, words.Decode([]int32{id}))
		}
		fmt.Println(strings.Join(texts, " "))
	}
	fmt.Println(r.Column)
	// Output:
	// <bos> x | y | <row> - | - | <row> 1 | 2 | <row> <column> | <column> | <row> sum
	// <bos> x - 1 <column> | | | | y - 2 <column> | | | | <row> <row> <row> <row> sum
	// [0 1 5 9 13 17 2 6 10 14 18 3 7 11 15 19 4 8 12 16 20 21]
}

func ExampleBudget() {
	t := &tables.Table{Name: "squares", Header: []string{"x"}, Rows: [][]string{{"1"}, {"4"}, {"9"}}}
	words, err := tokenize.NewWords([]string{"x", "1", "4", "9"}, tables.MarkNames())
	if err != nil {
		fmt.Println(err)
		return
	}
	cells := tables.Tokens(t, words)
	_, _, err = tables.Budget{Limit: 20}.Fit(t, cells)
	fmt.Println(err)
	fitting, _, err := tables.Budget{Limit: 20, Truncate: true}.Fit(t, cells)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(fitting.Notes[0])
	// Output:
	// tables: table "squares": its 24 tokens are 4 more than the 20 of the context; its first 2 of 3 rows fit: truncate the table to them, or ask of a part of it
	// 2 of 3 rows are kept
}

func ExampleParseInstruct() {
	t, err := tables.ParseInstruct("[TLE] Cities . [TAB] col: | city | people | row 1: | Lyon | 516092 | [SEP] row 2: | Bergen | 285911 |")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %q %q\n", t.Title, t.Header, t.Rows)
	// Output:
	// Cities . ["city" "people"] [["Lyon" "516092"] ["Bergen" "285911"]]
}
