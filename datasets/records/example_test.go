package records_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/records"
)

func Example() {
	dir, err := os.MkdirTemp("", "records")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "people.csv")
	text := "age,job,income\n" + strings.Repeat("31,nurse,low\n58,smith,high\n44,smith,low\n62,pilot,high\n", 10)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		fmt.Println(err)
		return
	}
	o := records.Options{Path: path, TargetColumn: "income"}
	loaded, err := records.Load(context.Background(), records.Request{Options: o}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	s := loaded.Schema
	for k := range s.Columns {
		fmt.Println(&s.Columns[k])
	}
	fmt.Println(&s.Target)
	fmt.Println(loaded.Parts[datasets.Train].Len(), "rows to train on")

	r, err := records.NewReader("more.csv", strings.NewReader("job,age\nsmith,60\n"), o, s)
	if err != nil {
		fmt.Println(err)
		return
	}
	rows := s.Rows()
	if _, err := r.Read(rows); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Tokenizer().Decode(rows.Cells(0)[0]))
	// Output:
	// age (number, 4 bins)
	// job (category, 3 words)
	// income (2 classes: high, low)
	// 32 rows to train on
	// column 0 bin 3
}
