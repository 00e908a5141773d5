package tableqa

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/tables"
)

// smallWikiTables are the files of a set with one table, whose questions are far fewer than
// published.
func smallWikiTables() map[string]string {
	const header = "id\tutterance\tcontext\ttargetValue\n"
	return map[string]string{
		"csv/200-csv/0.csv": "\"a\",\"b\\\"\"\n\"x, y\",\"1\\\\2\"\nz,\"two\nlines\"\n",
		"data/part.tsv":     header + "q-0\twhat\\nis?\tcsv/200-csv/0.csv\tx, y\nq-1\tlist\tcsv/200-csv/0.csv\ta\\pb|two\\nlines\r\n",
		"tagged/part.tagged": "id\ttargetCanon\ttokens\nq-0\tx\t|||\n" +
			"q-1\ta|2\\p3\t\n",
	}
}

func TestWikiTablesQuestions(t *testing.T) {
	a, err := openArchive(folder(t, smallWikiTables()))
	if err != nil {
		t.Fatal(err)
	}
	w := wikitables{archive: a, tables: map[string]*tables.Table{}}
	list, tagged, err := w.questions(context.Background(), "part")
	if err != nil || !tagged || len(list) != 2 {
		t.Fatal(list, tagged, err)
	}
	first, second := list[0], list[1]
	if first.Text != "what\nis?" || !slices.Equal(first.Answers, []string{"x, y"}) || first.Cell != [2]int{1, 0} || first.Table != second.Table {
		t.Errorf("%+v", first)
	}
	if !slices.Equal(second.Answers, []string{"a|b", "two\nlines"}) || !slices.Equal(second.Canon, []string{"a", "2|3"}) || second.OneCell() {
		t.Errorf("%+v", second)
	}
	if got := first.Table; !slices.Equal(got.Header, []string{"a", `b"`}) || got.Rows[0][1] != `1\2` || got.Rows[1][1] != "two\nlines" || got.Name != "csv/200-csv/0.csv" {
		t.Errorf("%+v", got)
	}
}

func TestWikiTablesRefused(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"data/part.tsv", "context", "where", `part.tsv:1: there is no column "context" among 4`},
		{"data/part.tsv", "q-1\tlist", "q-1", "part.tsv:3: 3 fields, expected 4"},
		{"data/part.tsv", "q-1\tlist", "q-0\tlist", `part.tsv:3: the id "q-0" comes twice`},
		{"data/part.tsv", "list", "\xff", "part.tsv:3: the line is not UTF-8 text"},
		{"data/part.tsv", "list\tcsv/200", "list\tcsv/201", `part.tsv:3: question q-1: there is no table "csv/201-csv/0.csv"; get the set again`},
		{"data/part.tsv", "list\tcsv/200", "list\t../200", `part.tsv:3: question q-1: there is no table "../200-csv/0.csv"`},
		{"tagged/part.tagged", "q-1\ta|", "q-1\t", "part.tsv:3: q-1: 2 answers, but 1 in the tagged file"},
		{"tagged/part.tagged", "q-1", "q-2", "part.tsv:3: q-1: 2 answers, but 0 in the tagged file"},
		{"tagged/part.tagged", "targetCanon", "canon", `part.tagged:1: there is no column "targetCanon"`},
		{"csv/200-csv/0.csv", "z,", "z", "0.csv:"},
		{"csv/200-csv/0.csv", "lines\"", "lines", "0.csv:3"},
	} {
		files := smallWikiTables()
		files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
		a, err := openArchive(folder(t, files))
		if err != nil {
			t.Fatal(err)
		}
		w := wikitables{archive: a, tables: map[string]*tables.Table{}}
		if _, _, err := w.questions(context.Background(), "part"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %q: got %v\nexpected %q in it", c.file, c.new, err, c.want)
		}
	}
}
