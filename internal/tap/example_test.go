package tap_test

import (
	"encoding/csv"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/internal/tap"
)

func Example() {
	t := tap.New(strings.NewReader("a,\"b\"\nc,d\n"), 100)
	rows := csv.NewReader(t)
	for {
		row, err := rows.Read()
		if err != nil {
			break
		}
		fmt.Printf("%q from %q\n", row, t.Take(rows.InputOffset()))
	}
	fmt.Println(t.Ended(rows.InputOffset()))
	// Output:
	// ["a" "b"] from "a,\"b\"\n"
	// ["c" "d"] from "c,d\n"
	// true
}
