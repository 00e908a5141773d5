package studies

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/studies/internal/trial"
)

func TestFolder(t *testing.T) {
	s := tiny(t, "none")
	s.Dir, s.Steps, s.Seeds = t.TempDir(), 4, []uint64{1}
	s.Validations = 0
	first := run(t, s)
	cells := filepath.Join(s.Dir, CellsName)

	// Encodings and seeds may be added, and a line that was cut short is done again.
	text, err := os.ReadFile(cells)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cells, append(text, text[:len(text)/2]...), 0o666); err != nil {
		t.Fatal(err)
	}
	more := tiny(t, "rope", "none")
	more.Dir, more.Steps, more.Seeds, more.Validations = s.Dir, 4, []uint64{1, 2}, 0
	var order []string
	more.OnCell = func(c Cell) error {
		order = append(order, c.Encoding)
		return nil
	}
	got := run(t, more)
	if len(got) != 4 || !reflect.DeepEqual(got[2], first[0]) || got[0].Encoding != "rope" {
		t.Errorf("got %+v", got)
	}
	if want := []string{"none", "rope", "rope", "none"}; !reflect.DeepEqual(order, want) {
		t.Errorf("results came as %v, want %v", order, want)
	}
	again := run(t, more)
	if !reflect.DeepEqual(again, got) {
		t.Errorf("read back: %+v, want %+v", again, got)
	}

	other := s
	other.Steps, other.LR = 5, 0.5
	if _, err := other.Run(t.Context()); err == nil || !strings.Contains(err.Error(), `"steps: 4" there, "steps: 5" asked for, "lr: 0.01" there, "lr: 0.5" asked for; choose another folder`) {
		t.Errorf("other settings: %v", err)
	}
	other = s
	other.Subjects = []Subject{{Name: "none", Encoding: encodings.RoPE{Partial: 0.5}}}
	if _, err := other.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "has results of none set to encodings.None{}, which is now encodings.RoPE{") {
		t.Errorf("another encoding of the same name: %v", err)
	}
	if err := os.WriteFile(cells, []byte("{\"encoding\":\"none\"}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), CellsName+": line 1: a result without scores; correct or remove the line") {
		t.Errorf("a line that is no result: %v", err)
	}
}

func FuzzCells(f *testing.F) {
	whole, err := json.Marshal(Cell{Encoding: "none", Seed: 1, Scores: Scores{{Length: 2, Right: 1, Examples: 3}, {Length: 5, Right: 0, Examples: 3}}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(append(whole, '\n'))
	f.Add(append(append([]byte(" \n"), append(whole, '\n')...), whole...))
	f.Add([]byte(`{"encoding":"none","scores":[{"length":1,"right":4,"examples":3}]}` + "\n"))
	f.Add([]byte("null\n[]\n"))
	parse := func(text []byte) (cells []Cell, err error) {
		err = trial.ParseLines("cells.jsonl", text, func(line []byte) error {
			c, err := parseCell(line)
			if err == nil {
				cells = append(cells, c)
			}
			return err
		})
		return cells, err
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		cells, err := parse(text)
		if err != nil && !strings.HasPrefix(err.Error(), "cells.jsonl: line ") {
			t.Fatal(err)
		}
		var again []byte
		for _, c := range cells {
			line, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			again = append(append(again, line...), '\n')
		}
		if back, err := parse(again); err != nil || !reflect.DeepEqual(back, cells) {
			t.Fatalf("written and read back: %+v, %v; want %+v", back, err, cells)
		}
	})
}

func TestRows(t *testing.T) {
	cells := []Cell{
		{Encoding: "a", Seed: 1, Parameters: 5, TrainSeconds: 2, Scores: Scores{{2, true, 4, 4}, {3, false, 1, 4}, {4, false, 0, 4}}},
		{Encoding: "b", Seed: 1, Scores: Scores{{2, true, 0, 4}, {3, false, 0, 4}, {4, false, 0, 4}}},
		{Encoding: "a", Seed: 2, Parameters: 5, TrainSeconds: 4, Scores: Scores{{2, true, 2, 4}, {3, false, 3, 4}, {4, false, 2, 4}}},
	}
	rows := Rows(cells)
	want := Row{Encoding: "a", Seeds: 2, Parameters: 5, TrainSeconds: 3, Scores: Scores{{2, true, 6, 8}, {3, false, 4, 8}, {4, false, 2, 8}}}
	if len(rows) != 2 || !reflect.DeepEqual(rows[0], want) || rows[1].Encoding != "b" {
		t.Errorf("rows %+v, want %+v first", rows, want)
	}
	if cells[0].Scores[0].Right != 4 {
		t.Error("the results changed")
	}
	if m := rows[0].Scores.Mean(lengths.Range{Min: 3, Max: 9}); m != 0.375 {
		t.Errorf("mean %v", m)
	}
	if m := rows[0].Scores.Mean(lengths.Range{Min: 7, Max: 9}); m == m {
		t.Errorf("mean of nothing is %v", m)
	}
}
