package lengths_test

import (
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/graft-ml/graft/datasets/lengths"
)

// Two examples of adding short numbers, the second worked out step by step.
func Example() {
	short := lengths.Range{Min: 1, Max: 3}
	plain, err := lengths.ByName("addition", lengths.Options{Train: short})
	if err != nil {
		log.Fatal(err)
	}
	steps, err := lengths.ByName("addition", lengths.Options{Train: short, Scratchpad: lengths.MinimalScratchpad()})
	if err != nil {
		log.Fatal(err)
	}
	for _, task := range []*lengths.Task{plain, steps} {
		e := task.Generate(1, lengths.Train, 2, 0)
		fmt.Printf("%q -> %q\n", e.Source, e.Target)
		s, err := task.Sequence(e)
		if err != nil {
			log.Fatal(err)
		}
		prediction := task.Vocabulary().Decode(s.IDs[s.Prompt:])
		fmt.Println(len(s.IDs), "tokens, answer", task.Extract(prediction), task.Correct(e, prediction))
	}
	// Output:
	// "Compute 6 0 + 3 ? " -> "The answer is 6 3."
	// 13 tokens, answer 63 true
	// "Compute 6 0 + 3 ? " -> "Thinking step by step:  comp 0 + 3 + carry = 3 + 0 = 3 out 3  # comp 6 + 0 + carry = 6 + 0 = 6 out 6  . Thus,  The answer is 6 3."
	// 49 tokens, answer 63 true
}

// The lengths take turns, so that any number of examples is spread evenly.
func ExampleTask_At() {
	task, err := lengths.ByName("copy_rsc", lengths.Options{Train: lengths.Range{Min: 2, Max: 4}})
	if err != nil {
		log.Fatal(err)
	}
	for i := range 4 {
		fmt.Println(task.Text(task.At(1, lengths.Test, i)))
	}
	// Output:
	// Copy: 2 2 2 2 2 [SEP] 2 2 2 2 2
	// Copy: b b b b b b [SEP] b b b b b b
	// Copy: ; ; ; ; ; ; ; [SEP] ; ; ; ; ; ; ;
	// Copy: Z Z Z Z Z Z Z Z [SEP] Z Z Z Z Z Z Z Z
}

// Tokens of a two-dimensional task have a row and a column.
func ExampleTask_Sequence() {
	task, err := lengths.ByName("locate", lengths.Options{Train: lengths.Range{Min: 2, Max: 3}})
	if err != nil {
		log.Fatal(err)
	}
	e := task.Generate(1, lengths.Train, 2, 0)
	s, err := task.Sequence(e)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s-> %s\n", e.Source, e.Target)
	for i, place := range s.Coordinates {
		if place[0] != lengths.Outside {
			fmt.Println(task.Vocabulary().Token(s.IDs[i]), "in row", place[0], "and column", place[1])
		}
	}
	// Output:
	// Value -1 down +1 right in 68 116 ; * 16 ; ? -> 116
	// 68 in row 0 and column 0
	// 116 in row 0 and column 1
	// * in row 1 and column 0
	// 16 in row 1 and column 1
}

// SCAN and PCFG are read from the official files.
func ExampleReader() {
	task, err := lengths.ByName("scan", lengths.Options{})
	if err != nil {
		log.Fatal(err)
	}
	file := strings.NewReader(`{"source": "walk after turn right", "target": "I_TURN_RIGHT I_WALK", "category": 2}` + "\n" +
		`{"source": "walk after turn right", "target": "I_TURN_RIGHT I_WALK", "category": 3}`)
	for r := lengths.NewReader(file, "tasks.jsonl", task); ; {
		e, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(task.Text(e))
	}
	// Output:
	// Solve: walk after turn right[SEP] Right Walk
	// tasks.jsonl:2: lengths: scan: the category is 3, but there are 2 actions
}
