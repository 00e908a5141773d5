package lengths_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/internal/golden"
)

const (
	scanLine = `{"source": "walk after turn right", "target": "I_TURN_RIGHT I_WALK", "category": 2}`
	pcfgLine = `{"source": "swap_first_last append A1 B2 , C3", "target": "C3 B2 A1", "category": 2}`
)

func TestReader(t *testing.T) {
	task := byName(t, "scan", lengths.Options{})
	r := lengths.NewReader(strings.NewReader("\n"+scanLine+"\r\n{}\n\n"+scanLine), "tasks.jsonl", task)
	e, err := r.Read()
	if err != nil || e.Source != "Solve: walk after turn right" || e.Target != "Right Walk" || e.Length != 2 {
		t.Fatalf("%+v, %v", e, err)
	}
	_, err = r.Read()
	var record *lengths.RecordError
	if !errors.As(err, &record) || record.Line != 3 || !strings.HasPrefix(err.Error(), "tasks.jsonl:3: lengths: scan: the source is empty") {
		t.Errorf("got %v", err)
	}
	if _, err := r.Read(); err != nil {
		t.Errorf("after an error: %v", err)
	}
	for range 2 {
		if _, err := r.Read(); err != io.EOF {
			t.Errorf("got %v, want EOF", err)
		}
	}
	broken := errors.New("broken")
	if _, err := lengths.NewReader(iotest.ErrReader(broken), "f", task).Read(); !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "f:1: ") {
		t.Errorf("got %v", err)
	}
	long := lengths.NewReader(strings.NewReader(scanLine+"\n"+strings.Repeat(" ", 1<<20+1)), "f", task)
	if _, err := long.Read(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := long.Read(); err == nil || !strings.Contains(err.Error(), "f:2: the line is longer than 1048576 bytes") {
			t.Errorf("got %v", err)
		}
	}
}

// TestRecordsRefused: a record that contradicts itself, or is of another task, is refused with the reason.
func TestRecordsRefused(t *testing.T) {
	for _, c := range []struct{ name, line, want string }{
		{"scan", `{"source": "walk", "target": "I_FLY", "category": 1}`, "I_FLY"},
		{"scan", `{"source": "walk", "target": "I_WALK", "category": 2}`, "the category is 2, but there are 1 actions"},
		{"scan", `{"source": "walk", "target": "", "category": 0}`, "no actions"},
		{"scan", scanLine + scanLine, "one record a line"},
		{"scan", `{"values": [1]}`, `unknown field "values"`},
		{"scan", `[]`, "scan: no record of it"},
		{"scan", `nonsense`, "scan: no record of it"},
		{"pcfg", `{"source": "A1", "target": "A1", "category": 0}`, "no functions"},
		{"pcfg", `{"source": "copy A1", "target": " ", "category": 1}`, "the target is empty"},
		{"pcfg", `{"source": "copy A1", "target": "A1  A1", "category": 1}`, "one blank"},
		{"pcfg", `{"source": "copy A1", "target": "A1[SEP] A1", "category": 1}`, "the separator [SEP]"},
		{"copy_cmc", `{"repeat": 2, "src_seq": "a b", "tgt_seq": "b a", "cat": 2}`, "another variant"},
		{"copy_cmc", `{"repeat": 1, "src_seq": "[SEP]", "tgt_seq": "[SEP]", "cat": 1}`, "the separator [SEP]"},
		{"copy_cmc", `{"repeat": 3, "src_seq": "a b", "tgt_seq": "a b", "cat": 2}`, "repeat is 3"},
		{"copy_cmc", `{"repeat": 2, "src_seq": "a  b", "tgt_seq": "a  b", "cat": 2}`, "one blank"},
		{"copy_cmc", `{"repeat": 2, "target_char": "a", "src_seq": "a a", "tgt_seq": "a a", "cat": 2}`, "is it of rsc"},
		{"copy_rsc", `{"repeat": 2, "src_seq": "a a", "tgt_seq": "a a", "cat": 2}`, "does not repeat"},
		{"copy_rsc", `{"repeat": 2, "target_char": "b", "src_seq": "a a", "tgt_seq": "a a", "cat": 2}`, "does not repeat"},
		{"copy_rdc", `{"repeat": 2, "source_char": "b", "target_char": "a", "src_seq": "a a", "tgt_seq": "a a", "cat": 2}`, "does not repeat"},
		{"reverse_mc", `{"repeat": 2, "src_seq": "a b", "tgt_seq": "a b", "cat": 2}`, "another variant"},
		{"reverse_mc", `{}`, "is a key missing"},
		{"addition", `{"a": 1, "b": 2, "sum": 4, "cat": "1-by-1"}`, "is not 4"},
		{"addition", `{"a": 1, "b": -2, "sum": -1, "cat": "1-by-2"}`, "operand -2"},
		{"addition", `{"a": 1, "b": 9223372036854775807, "sum": -9223372036854775808, "cat": "1-by-19"}`, "at most 18 digits"},
		{"addition", `{"a": 1, "b": 22, "sum": 23, "cat": "1-by-1"}`, "the operands are 1-by-2"},
		{"addition", `{"a": 1.5, "b": 22, "sum": 23, "cat": "1-by-1"}`, "addition: no record of it"},
		{"poly", `{"coeffs": [1], "degrees": [1, 2], "x": 1, "answer": 1, "cat": 1}`, "1 coefficients and 2 degrees"},
		{"poly", `{"coeffs": [1], "degrees": [1000000000], "x": 2, "answer": 1, "cat": 1}`, "degree 1000000000"},
		{"poly", `{"coeffs": [1000], "degrees": [1], "x": 2, "answer": 1, "cat": 1}`, "coefficient 1000"},
		{"poly", `{"coeffs": [1], "degrees": [1], "x": 20, "answer": 1, "cat": 1}`, "x is 20"},
		{"poly", `{"coeffs": [1], "degrees": [1], "x": 2, "answer": 3, "cat": 1}`, "the value is 2, not 3"},
		{"sum", `{"values": [10], "answer": 10, "cat": 1}`, "want 0 to 9"},
		{"sum", `{"values": [4], "answer": 5, "cat": 1}`, "the sum is 4, not 5"},
		{"sum", `{"values": [], "answer": 0, "cat": 0}`, "no values"},
		{"parity", `{"values": [1, 2], "answer": 1, "cat": 2}`, "want 0 to 1"},
		{"parity", `{"values": [1, 1], "answer": 1, "cat": 2}`, "the answer is 1"},
		{"sort_single", `{"token_ids": [1], "src_seq": ["a", "b"], "tgt_seq": ["a", "b"], "cat": 2}`, "1 token_ids and 2 symbols"},
		{"sort_single", `{"token_ids": [1, -1], "src_seq": ["a", "b"], "tgt_seq": ["a", "b"], "cat": 2}`, "token_ids"},
		{"sort_single", `{"token_ids": [1, 2], "src_seq": ["a", "b c"], "tgt_seq": ["a", "b c"], "cat": 2}`, "without blanks"},
		{"sort_single", `{"token_ids": [2, 1], "src_seq": ["a", "b"], "tgt_seq": ["a", "b"], "cat": 2}`, "in order of token_ids"},
		{"sort_multi", `{"src_seq": [2, 1], "tgt_seq": [2, 1], "cat": 2}`, "in order it is"},
		{"sort_multi", `{"src_seq": [10000], "tgt_seq": [10000], "cat": 1}`, "want 0 to 9999"},
		{"lego", `{"clauses": ["a = +1"], "truth_values": [["a", "1"]], "query": "a", "cat": [1]}`, "the category has 1 numbers"},
		{"lego", `{"clauses": ["a = +1"], "truth_values": [["a"]], "query": "a", "cat": [1, 0]}`, "truth value 1"},
		{"lego", `{"clauses": ["a = +1"], "truth_values": [["a", "2"]], "query": "a", "cat": [1, 0]}`, "truth value 1"},
		{"lego", `{"clauses": ["a = +1", "a = +1"], "truth_values": [["a", "1"], ["a", "1"]], "query": "a", "cat": [2, 0]}`, "two truth values"},
		{"lego", `{"clauses": ["a = +1"], "truth_values": [["a", "1"]], "query": "a", "cat": [1, 9]}`, "is not variable 9"},
		{"lego", `{"clauses": ["a = -1"], "truth_values": [["a", "1"]], "query": "a", "cat": [1, 0]}`, "the clauses are"},
		{"lego", `{"clauses": ["b = - a", "a = +1"], "truth_values": [["a", "1"], ["b", "0"]], "query": "b", "cat": [2, 1]}`, "lego_perm"},
		{"lego_perm", `{"clauses": ["b = - a", "b = - a"], "truth_values": [["a", "1"], ["b", "0"]], "query": "b", "cat": [2, 1]}`, "the clauses are"},
		{"locate", `{"cells": [[-1, 1], [2]], "down": 0, "right": 1, "answer": 1, "cat": 2}`, "row 2 has 1 cells"},
		{"locate", `{"cells": [[3, 1], [2, 4]], "down": 0, "right": 1, "answer": 1, "cat": 2}`, "no star"},
		{"locate", `{"cells": [[-1, 1], [2, 2]], "down": 0, "right": 1, "answer": 1, "cat": 2}`, "different numbers"},
		{"locate", `{"cells": [[-1]], "down": 0, "right": 1, "answer": 1, "cat": 1}`, "want 2 to 16"},
		{"locate", `{"cells": [[-1, 1], [2, 3]], "down": 0, "right": 0, "answer": -1, "cat": 2}`, "is no cell"},
		{"locate", `{"cells": [[-1, 1], [2, 3]], "down": -1, "right": 0, "answer": 1, "cat": 2}`, "is no cell"},
		{"locate", `{"cells": [[-1, 1], [2, 3]], "down": 9223372036854775807, "right": 0, "answer": 1, "cat": 2}`, "off the grid"},
		{"locate", `{"cells": [[-1, 1], [2, 3]], "down": 1, "right": 0, "answer": 1, "cat": 2}`, "is no cell"},
	} {
		_, err := lengths.NewReader(strings.NewReader(c.line), "f", byName(t, c.name, lengths.Options{})).Read()
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "f:1: lengths: ") {
			t.Errorf("%s %s:\n got %v\nwant %s", c.name, c.line, err, c.want)
		}
	}
}

// TestForeignSymbols: records of the official files may hold symbols that are not in the vocabulary here: they are put into
// words, but not into ids.
func TestForeignSymbols(t *testing.T) {
	task := byName(t, "copy_rsc", lengths.Options{})
	line := `{"repeat": 2, "target_char": "house", "src_seq": "house house", "tgt_seq": "house house", "cat": 2}`
	e, err := lengths.NewReader(strings.NewReader(line), "f", task).Read()
	if err != nil || !task.Correct(e, "house house") {
		t.Fatalf("%+v, %v", e, err)
	}
	var unknown *lengths.UnknownTokenError
	if _, err := task.Sequence(e); !errors.As(err, &unknown) || !strings.Contains(err.Error(), `"Copy: house house "`) {
		t.Errorf("got %v", err)
	}
}

// FuzzReader: no line makes the reader fail otherwise than by an error that names it, and what it accepts has an answer
// that is right.
func FuzzReader(f *testing.F) {
	full := lengths.FullScratchpad()
	var tasks []*lengths.Task
	for _, name := range lengths.Names() {
		task := byName(f, name, lengths.Options{})
		if task.HasScratchpad() {
			task = byName(f, name, lengths.Options{Scratchpad: full})
		}
		tasks = append(tasks, task)
		if task.Generated() {
			line, err := json.Marshal(task.Generate(1, lengths.Train, task.Lengths(lengths.Train).Min, 0).Record)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(line))
		}
	}
	for _, path := range golden.Paths(f, "length_generalization", "", ".jsonl") {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var line struct{ Raw json.RawMessage }
		first, _, _ := bytes.Cut(data, []byte("\n"))
		if err := json.Unmarshal(first, &line); err != nil {
			f.Fatalf("%s: %v", filepath.Base(path), err)
		}
		f.Add(string(line.Raw))
	}
	f.Add(scanLine + "\n" + pcfgLine + "\n{}\n\n[[[[\x00")
	f.Fuzz(func(t *testing.T, text string) {
		for _, task := range tasks {
			r := lengths.NewReader(strings.NewReader(text), "fuzz", task)
			for range strings.Count(text, "\n") + 2 {
				e, err := r.Read()
				var record *lengths.RecordError
				switch {
				case err == io.EOF:
				case errors.As(err, &record):
					if record.Line < 1 || record.Line > strings.Count(text, "\n")+1 {
						t.Errorf("%s: %v", task.Name(), err)
					}
				case err != nil:
					t.Errorf("%s: %T", task.Name(), err)
				default:
					s, err := task.Sequence(e)
					if err == nil && !task.Correct(e, task.Vocabulary().Decode(s.IDs[s.Prompt:])) {
						t.Errorf("%s: %q is not the answer of %q", task.Name(), e.Target, e.Source)
					}
				}
			}
		}
	})
}
