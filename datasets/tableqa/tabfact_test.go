package tableqa

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// smallTabFact are the files of a set with four tables.
func smallTabFact() map[string]string {
	return map[string]string{
		"data/all_csv/t.csv": "a#b\r\n1#x\r\n2#\r\n", "data/all_csv/v.csv": "a\n1\n", "data/all_csv/s.csv": "a#a\n1#2\n",
		"data/train_id.json": `["t.csv", "gone.csv"]`, "data/val_id.json": `["v.csv"]`, "data/test_id.json": `["s.csv"]`,
		"data/simple_ids.json": `["s.csv"]`, "data/small_test_id.json": `["s.csv"]`,
		"tokenized_data/train_examples.json":             `{"t.csv": [["one"], [1], "t"], "gone.csv": [[], [], ""]}`,
		"tokenized_data/val_examples.json":               `{"v.csv": [["two", "three"], [1, 0], "a caption"]}`,
		"tokenized_data/test_examples.json":              `{"s.csv": [["four"], [0], "s"], "other.csv": [[], [], ""]}`,
		"pairwise_data/all_positive_negative_pairs.json": `[["t.csv", "yes", "no"], ["t.csv", "yes", "borries-ileigh"], ["v.csv", "p", "q"], ["s.csv", "r", "s"], ["gone.csv", "a", "b"], ["strange.csv", "a", "b"]]`,
	}
}

func TestTabFactSmall(t *testing.T) {
	dir := folder(t, smallTabFact())
	for _, c := range []struct {
		protocol         Protocol
		train, val, test string // ids
		notes            int
	}{
		{ValAsTrain, "v.csv#0 v.csv#1", "", "s.csv#0", 1},
		{Pairs, "pair-0+ pair-0-", "v.csv#0 v.csv#1", "s.csv#0", 2},
		{RawPairs, "pair-0+ pair-0-", "pair-2+ pair-2-", "pair-3+ pair-3-", 2},
	} {
		set, err := TabFact(context.Background(), dir, c.protocol)
		if err != nil {
			t.Fatal(err)
		}
		for s, want := range []string{c.train, c.val, c.test} {
			var ids []string
			for i := range set.Split(datasets.Split(s)).Len() {
				q := set.Split(datasets.Split(s)).At(i)
				ids = append(ids, q.ID)
				checkQuestion(t, q)
			}
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%v, %v: %s, expected %s", c.protocol, datasets.Split(s), got, want)
			}
		}
		if len(set.Notes) != c.notes {
			t.Errorf("%v: notes %q, expected %d", c.protocol, set.Notes, c.notes)
		}
	}
	set, err := TabFact(context.Background(), dir, Pairs)
	if err != nil {
		t.Fatal(err)
	}
	if q := set.Val.At(0); q.Table.Title != "a caption" || q.Simple || q.Small || q.Label != 1 {
		t.Errorf("%+v", q)
	}
	if q := set.Test.At(0); !q.Simple || !q.Small || q.Label != 0 || q.Answers[0] != Refuted || !slices.Equal(q.Table.Header, []string{"a", "a"}) {
		t.Errorf("%+v", q)
	}
	if q := set.Train.At(0); len(q.Table.Rows) != 2 || q.Table.Rows[1][1] != "" || q.Table.Rows[0][1] != "x" {
		t.Errorf("%+v", q.Table)
	}
}

func TestTabFactRefused(t *testing.T) {
	for _, c := range []struct {
		protocol             Protocol
		file, old, new, want string
	}{
		{ValAsTrain, "data/val_id.json", "]", "", "val_id.json:1: malformed JSON"},
		{ValAsTrain, "data/val_id.json", `"v.csv"`, "3", "val_id.json:1: number where string was expected"},
		{ValAsTrain, "data/val_id.json", `"v.csv"`, `"w.csv"`, `val_examples.json: there are no statements about the table "w.csv"`},
		{ValAsTrain, "tokenized_data/val_examples.json", "[1, 0]", "[1]", `val_examples.json: table "v.csv": 2 statements with 1 labels`},
		{ValAsTrain, "tokenized_data/val_examples.json", "[1, 0]", "[1, 2]", `table "v.csv": statement 1 has the label 2, expected 0 or 1`},
		{ValAsTrain, "tokenized_data/val_examples.json", `, "a caption"`, "", `table "v.csv": 2 parts in the record`},
		{ValAsTrain, "data/all_csv/v.csv", "1", "1#2", "v.csv:2: "},
		{PublishedSplit, "data/test_id.json", "x", "x", `a statement: there is no table "gone.csv"`},
		{Pairs, "pairwise_data/all_positive_negative_pairs.json", `"yes", "no"`, `"yes"`, "pair 0 has 2 parts"},
		{RawPairs, "data/val_id.json", "v.csv", "gone.csv", `pair 4: there is no table "gone.csv"`},
	} {
		files := smallTabFact()
		files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
		_, err := TabFact(context.Background(), folder(t, files), c.protocol)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, %s with %q: got %v\nexpected %q in it", c.protocol, c.file, c.new, err, c.want)
		}
	}
}
