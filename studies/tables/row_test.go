package tables

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/tables/decoder"
)

// result is a cell with right answers of ten at the sizes 4 and 6, which were learned, and 8.
func result(task, reader string, reading decoder.Reading, seed uint64, at4, at6, at8 int) Cell {
	return Cell{Task: task, Reader: reader, Reading: reading, Seed: seed, Parameters: 5, Tokens: 100, TrainSeconds: 2,
		Scores: Scores{{4, true, at4, 10}, {6, true, at6, 10}, {8, false, at8, 10}}}
}

func TestRowsAndCompare(t *testing.T) {
	cells := []Cell{
		result("a", "rows", decoder.Rows, 1, 4, 2, 1), result("a", "rows", decoder.Rows, 2, 6, 4, 1),
		result("a", "columns", decoder.Columns, 1, 3, 3, 2), result("a", "columns", decoder.Columns, 2, 3, 3, 2),
		result("a", "axial", decoder.Plane, 1, 10, 10, 10),
		result("a", "pair", decoder.Both, 1, 9, 9, 1), result("a", "pair", decoder.Both, 2, 9, 5, 0),
		result("b", "pair", decoder.Both, 1, 9, 9, 1),
	}
	cells[5].Columns, cells[6].Columns = []float64{0.25, 1}, []float64{0.75, 0}
	rows := Rows(cells)
	want := Row{Task: "a", Reader: "pair", Reading: decoder.Both, Seeds: 2, Parameters: 5, Tokens: 200, TrainSeconds: 4, Columns: []float64{0.5, 0.5},
		Scores: Scores{{4, true, 18, 20}, {6, true, 14, 20}, {8, false, 1, 20}}}
	if len(rows) != 5 || !reflect.DeepEqual(rows[3], want) {
		t.Errorf("rows %+v, want %+v fourth", rows, want)
	}
	if cells[5].Scores[0].Right != 9 || cells[5].Columns[0] != 0.25 {
		t.Error("the results changed")
	}
	got := Compare(rows)
	if len(got) != 1 || got[0].Reader != "pair" || got[0].Trained.Than != "rows" || got[0].HeldOut.Than != "columns" {
		t.Fatalf("compared: %+v", got)
	}
	if p := got[0].Trained.Points(); math.Abs(p-40) > 1e-9 {
		t.Errorf("ahead by %v points where it was trained, want 40", p)
	}
	if p := got[0].HeldOut.Points(); math.Abs(p+15) > 1e-9 {
		t.Errorf("ahead by %v points where it was not, want -15", p)
	}
	if m := (Scores{{4, true, 1, 2}}).Mean(false); !math.IsNaN(m) {
		t.Errorf("mean of nothing is %v", m)
	}
}

func FuzzCells(f *testing.F) {
	c := result("a", "pair", decoder.Both, 1, 9, 9, 1)
	c.Columns = []float64{0.5}
	whole, err := json.Marshal(c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(whole, '\n'))
	f.Add(append(append([]byte(" \n"), append(whole, '\n')...), whole...))
	f.Add([]byte(`{"task":"a","reader":"b","reading":"up","scores":[]}` + "\n"))
	f.Add([]byte("null\n[]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_ = trial.ParseLines("cells.jsonl", text, func(line []byte) error {
			c, err := parseCell(line)
			if err != nil {
				return err
			}
			again, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			if back, err := parseCell(again); err != nil || !reflect.DeepEqual(back, c) {
				t.Fatalf("written and read back: %+v, %v; want %+v", back, err, c)
			}
			return nil
		})
	})
}
