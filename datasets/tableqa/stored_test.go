package tableqa

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/tables"
)

// stored gives the folder of a set in the shared data: under $GRAFT_DATA, else beside the
// module. The test is skipped where there is none.
func stored(t *testing.T, folder string) string {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(root, "tables", folder)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no folder %s; set GRAFT_DATA to the data folder", path)
	}
	return path
}

// loaded are the sets that load has read, by name and protocol.
var loaded = map[string]*Set{}

// load gives a set from the shared data, which it reads once.
func load(t *testing.T, name, folder string, p Protocol) *Set {
	t.Helper()
	dir, key := stored(t, folder), name+p.String()
	if loaded[key] == nil {
		set, err := Load(context.Background(), name, Options{Dir: dir, Protocol: p})
		if err != nil {
			t.Fatal(err)
		}
		loaded[key] = set
	}
	return loaded[key]
}

// shapes reads parsed-shapes.tsv: for each table data rows, columns and the first sixteen
// hex digits of a hash.
func shapes(t *testing.T, folder string) map[string][3]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stored(t, folder), "parsed-shapes.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][3]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		f := strings.Split(line, "\t")
		all[f[0]] = [3]string(f[1:])
	}
	return all
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:16]
}

// TestAllWikiTables reads every table and compares its cells with those of the official
// parser.
func TestAllWikiTables(t *testing.T) {
	want := shapes(t, "wikitablequestions")
	a, err := openArchive(stored(t, "wikitablequestions"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	w := wikitables{archive: a, tables: map[string]*tables.Table{}}
	for name, shape := range want {
		table, err := w.table(name)
		if err != nil {
			t.Error(err)
			continue
		}
		lines := []string{strings.Join(table.Header, "\x1f")}
		for _, row := range table.Rows {
			lines = append(lines, strings.Join(row, "\x1f"))
		}
		got := [3]string{strconv.Itoa(len(table.Rows)), strconv.Itoa(table.Columns()), hash(strings.Join(lines, "\x1e"))}
		if got != shape {
			t.Errorf("%s: got rows, columns, cells %v, expected %v", name, got, shape)
		}
	}
	if len(want) != 2108 {
		t.Errorf("%d tables, expected 2108", len(want))
	}
}

// TestAllTabFactTables reads every table that is there and compares its shape, and its file.
func TestAllTabFactTables(t *testing.T) {
	want := shapes(t, "tabfact")
	a, err := openArchive(stored(t, "tabfact"))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	f := &tabfact{ctx: context.Background(), archive: a, tables: map[string]*tables.Table{}}
	for name, shape := range want {
		table, err := f.table(strings.TrimPrefix(name, "all_csv/"))
		if err != nil {
			t.Error(err)
			continue
		}
		text, _, err := a.read("data/"+name, maxTable)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := [3]string{strconv.Itoa(len(table.Rows)), strconv.Itoa(table.Columns()), hash(string(text))}; got != shape {
			t.Errorf("%s: got rows, columns, file %v, expected %v", name, got, shape)
		}
	}
	if len(want) != 5791 {
		t.Errorf("%d tables, expected 5791", len(want))
	}
}

func TestStoredSizes(t *testing.T) {
	for _, c := range []struct {
		name, folder     string
		protocol         Protocol
		train, val, test int
		notes            string
	}{
		{"wikitables", "wikitablequestions", DefaultProtocol, 11_321, 2_831, 4_344, "random-split-1-dev.tagged is not there"},
		{"wikitables", "wikitablequestions", WholeTraining, 14_152, 0, 4_344, "nothing to validate on"},
		{"tabfact", "tabfact", DefaultProtocol, 11_499, 1_293, 12_779, "published figures come from 92283 training statements"},
		{"tabfact", "tabfact", Pairs, 5_312, 12_792, 12_779, "the two differ in vocabulary"},
		{"tabfact", "tabfact", RawPairs, 5_312, 2_074, 2_100, "are not the official ones"},
		{"hitab", "hitab", DefaultProtocol, 3_466, 1_658, 1_567, "3828 training questions are left out"},
		{"fetaqa", "fetaqa", DefaultProtocol, 0, 1_001, 2_003, "nothing to train on"},
	} {
		t.Run(c.name+" "+c.protocol.String(), func(t *testing.T) {
			set := load(t, c.name, c.folder, c.protocol)
			if got := [3]int{set.Train.Len(), set.Val.Len(), set.Test.Len()}; got != [3]int{c.train, c.val, c.test} {
				t.Errorf("got %v questions, expected %v", got, [3]int{c.train, c.val, c.test})
			}
			if notes := strings.Join(set.Notes, "\n"); !strings.Contains(notes, c.notes) {
				t.Errorf("notes %q, expected %q in them", notes, c.notes)
			}
			for s := datasets.Train; s <= datasets.Test; s++ {
				src := set.Split(s)
				for i := range src.Len() {
					checkQuestion(t, src.At(i))
				}
			}
		})
	}
}

// checkQuestion tests what must hold of any question.
func checkQuestion(t *testing.T, q Question) {
	t.Helper()
	if err := q.Table.Check(); err != nil || q.ID == "" || q.Text == "" || len(q.Answers) == 0 {
		t.Fatalf("%+v: %v", q, err)
	}
	if q.Label != NoLabel && (q.Label == 1) != (q.Answers[0] == Entailed) {
		t.Fatalf("%s: label %d, answer %q", q.ID, q.Label, q.Answers)
	}
	if q.OneCell() {
		cell := append([][]string{q.Table.Header}, q.Table.Rows...)[q.Cell[0]][q.Cell[1]]
		if q.Canon != nil && cell != q.Answers[0] {
			t.Fatalf("%s: cell %v is %q, expected %q", q.ID, q.Cell, cell, q.Answers[0])
		}
	}
}

// TestStoredParts counts the parts of TabFact's test as its authors do.
func TestStoredParts(t *testing.T) {
	set := load(t, "tabfact", "tabfact", DefaultProtocol)
	simple, small, entailed := 0, 0, 0
	for i := range set.Test.Len() {
		q := set.Test.At(i)
		entailed += q.Label
		if q.Simple {
			simple++
		}
		if q.Small {
			small++
		}
	}
	if simple != 4171 || small != 1998 || entailed != 6425 {
		t.Errorf("%d simple, %d small, %d entailed statements, expected 4171, 1998, 6425", simple, small, entailed)
	}
}

// TestStoredAnswers answers every test question of WikiTableQuestions with its own answer
// and with its canonical form, and counts the answers that are cells.
func TestStoredAnswers(t *testing.T) {
	set := load(t, "wikitables", "wikitablequestions", DefaultProtocol)
	var own, canon Rate
	for i := range set.Test.Len() {
		q := set.Test.At(i)
		own.Add(Evaluate(q.Answers, q.Canon, q.Answers))
		canon.Add(Evaluate(q.Answers, q.Canon, q.Canon))
	}
	if own.Right != own.All || canon.Right != canon.All {
		t.Errorf("%d of the answers and %d of their canonical forms are right, expected all of %d", own.Right, canon.Right, own.All)
	}
	for s, want := range []Coverage{
		{Questions: 11321, OneCell: 5166, Several: 1923, Elsewhere: 3876, Lists: 356},
		{Questions: 2831, OneCell: 1223, Several: 521, Elsewhere: 998, Lists: 89},
		{Questions: 4344, OneCell: 1854, Several: 863, Elsewhere: 1512, Lists: 115},
	} {
		if got := Cover(set.Split(datasets.Split(s))); got != want || len(OneCell(set.Split(datasets.Split(s)))) != want.OneCell {
			t.Errorf("%v: %#v, expected %#v", datasets.Split(s), got, want)
		}
	}
}
