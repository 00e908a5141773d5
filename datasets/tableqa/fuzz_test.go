package tableqa

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/tables"
)

// FuzzWikiTables reads any question file, tagged file and table: each is read or refused.
func FuzzWikiTables(f *testing.F) {
	small := smallWikiTables()
	f.Add(small["data/part.tsv"], small["tagged/part.tagged"], small["csv/200-csv/0.csv"])
	f.Add("id\tutterance\tcontext\ttargetValue\n\\\t\\\\\t\\p\t|", "id\ttargetCanon\n", "\"")
	f.Fuzz(func(t *testing.T, questions, tagged, table string) {
		if file, err := parseTSV("q", []byte(questions), "id", "utterance", "context", "targetValue"); err == nil {
			for _, row := range file.rows {
				q, _ := wikitablesQuestion(file, row)
				if len(q.Answers) == 0 {
					t.Errorf("a question without answers: %+v", q)
				}
			}
		}
		parseTagged("t", []byte(tagged))
		if got, err := parseTable("c", "c", []byte(table), tables.WikiTables()); err == nil {
			if err := got.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzTabFact reads any record, file of pairs and table.
func FuzzTabFact(f *testing.F) {
	small := smallTabFact()
	f.Add(`[["two", "three"], [1, 0], "a caption"]`, small["pairwise_data/all_positive_negative_pairs.json"], small["data/all_csv/t.csv"])
	f.Add("[]", "[[]]", "#")
	f.Fuzz(func(t *testing.T, record, pairs, table string) {
		if r, err := parseStatements([]byte(record)); err == nil && len(r.statements) != len(r.labels) {
			t.Errorf("%d statements with %d labels", len(r.statements), len(r.labels))
		}
		parsePairs("p", []byte(pairs))
		if got, err := parseTable("c", "c", []byte(table), tables.TabFact()); err == nil {
			if err := got.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzHiTab reads any table and any sample.
func FuzzHiTab(f *testing.F) {
	f.Add(`{"texts": [["a", "b"], ["1", "2"]], "merged_regions": [{"first_row": 0, "last_row": 5, "first_column": 0, "last_column": 9}], "top_header_rows_num": 1}`,
		`{"id": "1", "answer": [[1]], "aggregation": ["none"], "linked_cells": {"quantity_link": {"[ANSWER]": {"(1, 1)": 2}}}}`)
	f.Add(`{"texts": [[]], "merged_regions": [{"first_row": 0}], "top_header_rows_num": 1}`, `{"answer": [[[]]]}`)
	f.Fuzz(func(t *testing.T, table, sample string) {
		var s hitabSample
		if err := parseLine("s", 1, []byte(sample), &s); err != nil {
			return
		}
		s.answers()
		h, err := parseHierarchy("t", "t", []byte(table))
		if err != nil {
			return
		}
		if at := s.cell(h); at != noCell() && (at[0] > len(h.Rows) || at[1] >= h.Columns()) {
			t.Errorf("cell %v of %d rows and %d columns", at, len(h.Rows), h.Columns())
		}
	})
}

// FuzzFeTaQA reads any file of questions.
func FuzzFeTaQA(f *testing.F) {
	f.Add([]byte(`{"feta_id": 7, "table_array": [["a"], ["1"]], "question": "q", "answer": "w"}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, _ := parseFeTaQA(context.Background(), "f", text)
		for _, q := range list {
			if err := q.Table.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}

// FuzzNormalise finds texts that are not stable, or do not match themselves.
func FuzzNormalise(f *testing.F) {
	for _, text := range []string{"“Hello” World.", "§ 4[a][b]", "[1][a] (b)", "\x1c+", "1990-xx-05", "\xff'", "\"a\" (b)\"", "ŉ²"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got := Normalise(text); got != strings.TrimSpace(got) {
			t.Errorf("Normalise(%q) = %q has blanks around it", text, got)
		}
		if v := ParseValue(text, ""); !v.Matches(v) || !v.equal(v) || !Evaluate([]string{text}, nil, []string{text}) {
			t.Errorf("%q does not match itself: %+v", text, v)
		}
	})
}

// FuzzArchive opens any zip file.
func FuzzArchive(f *testing.F) {
	f.Add(zipped(f, map[string]string{"data/x.zip": "PK", "a/data/x": "1", "../x": ""}), "data/x")
	f.Add([]byte("PK"), "x")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, packed []byte, file string) {
		path := filepath.Join(dir, "set.zip")
		if err := os.WriteFile(path, packed, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := openArchive(path)
		if err != nil {
			return
		}
		defer a.Close()
		a.settle(file)
		if text, _, err := a.read(file, 1<<16); err == nil && len(text) > 1<<16 {
			t.Errorf("%d bytes were read, expected at most %d", len(text), 1<<16)
		}
	})
}
