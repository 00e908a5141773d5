package open_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/open"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "tables")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "cities.jsonl")
	if err := os.WriteFile(path, []byte("{\"city\":\"Lyon\",\"people\":516092}\n{\"city\":\"Bergen\"}\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	t, err := open.Open(path, open.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tables.WriteMarkdown(os.Stdout, t)
	// Output:
	// | city   | people |
	// |--------|--------|
	// | Lyon   | 516092 |
	// | Bergen |        |
}
