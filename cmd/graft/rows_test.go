package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// peopleCommand writes a table to learn from: "people FILE ROWS".
func peopleCommand(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := strconv.Atoi(args[1])
	ts.Check(err)
	var b bytes.Buffer
	b.WriteString("age,job,notes,income\n")
	jobs := []string{"nurse", "smith", "clerk"}
	for i := range rows {
		age, income := 20+i*7%50, "low"
		if age > 45 && i%3 != 0 {
			income = "high"
		}
		fmt.Fprintf(&b, "%d,%s,note number %d of all,%s\n", age, jobs[i%3], i, income)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o666))
}

// notTextCommand makes a file one that is not UTF-8: each ? in it becomes a byte 0xff.
func notTextCommand(ts *testscript.TestScript, _ bool, args []string) {
	text := bytes.ReplaceAll([]byte(ts.ReadFile(args[0])), []byte("?"), []byte{0xff})
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o666))
}
