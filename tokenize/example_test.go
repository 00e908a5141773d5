package tokenize_test

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/tokenize"
)

// Merges are learned from texts, and saved as JSON.
func Example() {
	texts := tokenize.Strings("low low low low low", "lower lower", "newest newest newest newest newest newest", "widest widest widest")
	bpe, err := tokenize.TrainBPE(context.Background(), texts, tokenize.BPEOptions{Size: 2 + 256 + 6, Special: []string{"<bos>", "<eos>"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range bpe.Merges() {
		fmt.Printf("%q + %q\n", bpe.Decode(m[:1]), bpe.Decode(m[1:]))
	}
	bos, _ := bpe.Special("<bos>")
	ids := bpe.Append([]int32{bos}, " lowest")
	for _, id := range ids {
		fmt.Printf("%q ", bpe.Decode([]int32{id}))
	}

	data, err := bpe.Marshal()
	if err != nil {
		fmt.Println(err)
		return
	}
	again, err := tokenize.Parse(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(again.Size(), again.Decode(ids[1:]))
	// Output:
	// "e" + "s"
	// "es" + "t"
	// "l" + "o"
	// "lo" + "w"
	// "e" + "w"
	// "n" + "ew"
	// "<bos>" " " "low" "est" 264  lowest
}

// A closed vocabulary for tasks over numbers.
func ExampleNewWords() {
	words := append([]string{"value", "rows", "down", "columns", "right", "of", "*", "?"}, tokenize.Numbers(0, 999)...)
	words = append(words, tokenize.SignedNumbers(-15, 15)...)
	w, err := tokenize.NewWords(words, []string{"<bos>", "<eos>", "|"})
	if err != nil {
		fmt.Println(err)
		return
	}
	ids := w.Append(nil, "value -3 rows down +2 columns right of *?")
	fmt.Println(ids)
	fmt.Println(w.Decode(ids))
	fmt.Println(w.Missing("value 4 rows up"))
	// Output:
	// [4 1024 5 6 1029 7 8 9 10 11]
	// value -3 rows down +2 columns right of * ?
	// [up]
}
