package tables

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealTables reads the tables of WikiTableQuestions and TabFact, where
// $GRAFT_DATA has them, and compares shapes and contents with the lists beside them.
func TestRealTables(t *testing.T) {
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		t.Skip("GRAFT_DATA is not set")
	}
	for _, c := range []struct {
		folder, archive string
		dialect         Dialect
		hash            bool // of the cells; else of the file
	}{{"wikitablequestions", "csv.zip", WikiTables(), true}, {"tabfact", "data/all_csv.zip", TabFact(), false}} {
		t.Run(c.folder, func(t *testing.T) {
			dir := filepath.Join(root, "tables", c.folder)
			list, err := os.ReadFile(filepath.Join(dir, "parsed-shapes.tsv"))
			if err != nil {
				t.Skip(err)
			}
			archive, err := zip.OpenReader(filepath.Join(dir, filepath.FromSlash(c.archive)))
			if err != nil {
				t.Skip(err)
			}
			defer archive.Close()
			lines := bufio.NewScanner(bytes.NewReader(list))
			lines.Scan() // names of the columns
			read := 0
			for lines.Scan() {
				var name, hash string
				var rows, columns int
				fields := strings.Split(lines.Text(), "\t")
				name, hash = fields[0], fields[3]
				if _, err := fmt.Sscan(fields[1]+" "+fields[2], &rows, &columns); err != nil {
					t.Fatal(err)
				}
				in, err := archive.Open(name)
				if err != nil {
					t.Fatal(err)
				}
				got, err := ReadCSV(name, in, c.dialect, Options{Names: NamesKept})
				in.Close()
				if err != nil {
					t.Fatal(err)
				}
				if len(got.Rows) != rows || got.Columns() != columns {
					t.Errorf("%s: %d rows of %d columns, want %d of %d", name, len(got.Rows), got.Columns(), rows, columns)
				}
				if c.hash && cellHash(got) != hash {
					t.Errorf("%s: other cells than listed", name)
				}
				read++
			}
			if read < 1000 {
				t.Errorf("only %d tables were read", read)
			}
		})
	}
}

// cellHash is the sum of the list beside WikiTableQuestions: the first 16 digits of
// SHA-256 of cells, apart by U+001F, and rows, apart by U+001E.
func cellHash(t *Table) string {
	sum := sha256.New()
	for i, row := range append([][]string{t.Header}, t.Rows...) {
		if i > 0 {
			io.WriteString(sum, "\x1e")
		}
		io.WriteString(sum, strings.Join(row, "\x1f"))
	}
	return fmt.Sprintf("%x", sum.Sum(nil))[:16]
}
