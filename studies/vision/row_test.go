package vision

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/vision/polyphase"
)

// result is a cell with right answers of ten at 8, which was learned, and 12.
func result(encoding string, seed uint64, at8, at12 int, kept float64) Cell {
	return Cell{
		Encoding: encoding, Seed: seed, Parameters: 5, FeedForwardWidth: 8, Steps: 4, TrainSeconds: 2 * float64(seed), TestSeconds: 1,
		Scores: Scores{{8, true, at8, 10}, {12, false, at12, 10}}, Shift: Shift{Images: 10, Shifts: 30, Kept: kept, Consistency: kept / 2, Accuracy: kept / 4},
	}
}

func TestRows(t *testing.T) {
	rows := Rows([]Cell{result("a", 1, 4, 2, 0.5), result("b", 1, 9, 9, 1), result("a", 2, 6, 2, 1), result("a", 3, 8, 5, 0.75)})
	if len(rows) != 2 || rows[1].Encoding != "b" || rows[1].Seeds != 1 || rows[1].Scores[0] != (Spread{Mean: 0.9}) || rows[1].Kept != (Spread{Mean: 1}) {
		t.Fatalf("%+v", rows)
	}
	a := rows[0]
	if a.Encoding != "a" || a.Seeds != 3 || a.Parameters != 5 || a.FeedForwardWidth != 8 || a.Trained != 0 || !reflect.DeepEqual(a.Resolutions, []int{8, 12}) || a.Shifts != 3 {
		t.Errorf("%+v", a)
	}
	for what, c := range map[string]struct {
		got      Spread
		mean, sd float64
	}{
		"8": {a.Scores[0], 0.6, 0.2}, "12": {a.Scores[1], 0.3, math.Sqrt(0.03)}, "kept": {a.Kept, 0.75, 0.25}, "alike": {a.Consistency, 0.375, 0.125}, "shifted": {a.Shifted, 0.1875, 0.0625},
	} {
		if math.Abs(c.got.Mean-c.mean) > 1e-12 || math.Abs(c.got.SD-c.sd) > 1e-12 {
			t.Errorf("%s: %+v, want %v ± %v", what, c.got, c.mean, c.sd)
		}
	}
	if math.Abs(a.SecondsPerStep-1) > 1e-12 || math.Abs(a.TrainSeconds-4) > 1e-12 || a.TestSeconds != 1 {
		t.Errorf("times %+v", a)
	}
}

// TestOneShift holds that a single shift, which has no pairs, gives no NaN, which JSON cannot hold.
func TestOneShift(t *testing.T) {
	s := shiftOf(polyphase.Consistency{Images: 3, Shifts: 3, Consistency: math.NaN(), Kept: 1, ShiftedAccuracy: 0.5})
	if s != (Shift{Images: 3, Shifts: 3, Kept: 1, Accuracy: 0.5}) {
		t.Errorf("%+v", s)
	}
}

func FuzzCells(f *testing.F) {
	whole, err := json.Marshal(result("a", 1, 9, 9, 0.5))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(whole, '\n'))
	f.Add(append(append([]byte(" \n"), append(whole, '\n')...), whole...))
	f.Add([]byte(`{"encoding":"b","scores":[],"shift":{"kept":-1}}` + "\n"))
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
