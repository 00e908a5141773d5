package lengths_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
	"pgregory.net/rapid"
)

// outsideGrid is the place of tokens that are not on the grid.
var outsideGrid = [2]int32{lengths.Outside, lengths.Outside}

// TestLocate finds every answer anew, by the coordinates of the tokens.
func TestLocate(t *testing.T) {
	for _, o := range []lengths.Options{{}, {Train: lengths.Range{Min: 2, Max: 3}}, {Train: lengths.Range{Min: 3, Max: 4}, Symbols: 63}} {
		task := byName(t, "locate", o)
		v := task.Vocabulary()
		rapid.Check(t, func(r *rapid.T) {
			split := lengths.Split(rapid.IntRange(0, 2).Draw(r, "split"))
			bounds := task.Lengths(split)
			n := rapid.IntRange(bounds.Min, bounds.Max).Draw(r, "rows")
			e := task.Generate(rapid.Uint64().Draw(r, "seed"), split, n, rapid.IntRange(0, 1<<40).Draw(r, "index"))
			s, err := task.Sequence(e)
			if err != nil || len(s.Coordinates) != len(s.IDs) || len(s.IDs) != s.Prompt+2 {
				t.Fatalf("%v: %v", s, err)
			}
			at := map[[2]int32]string{}
			var star [2]int32
			var outside []string
			last := -1
			for i, place := range s.Coordinates {
				token := v.Token(s.IDs[i])
				if place == outsideGrid {
					outside = append(outside, token)
					continue
				}
				if order := int(place[0])*n + int(place[1]); order != last+1 { // row-major, none left out
					t.Fatalf("cell %d follows cell %d", order, last)
				}
				last++
				at[place] = token
				if token == "*" {
					star = place
				} else if number, err := strconv.Atoi(token); err != nil || o.Symbols != 0 && number >= o.Symbols {
					t.Errorf("a cell holds %q", token)
				}
			}
			distinct := map[string]bool{}
			for _, token := range at {
				distinct[token] = true
			}
			down, err1 := strconv.Atoi(outside[1])
			right, err2 := strconv.Atoi(outside[3])
			want := fmt.Sprintf("Value %+d down %+d right in %s? %s <eos>", down, right, strings.Repeat("; ", n), e.Target)
			if err1 != nil || err2 != nil || strings.Join(outside, " ") != want || len(at) != n*n || len(distinct) != n*n {
				t.Errorf("%q outside of %d different cells, want %q", outside, len(distinct), want)
			}
			reach := task.Lengths(lengths.Train).Max - 1
			if max(down, -down, right, -right) > reach || down == 0 && right == 0 {
				t.Errorf("offset %d, %d with training grids of %d rows", down, right, reach+1)
			}
			if got := at[[2]int32{star[0] + int32(down), star[1] + int32(right)}]; got != e.Target || !task.Correct(e, got) {
				t.Errorf("%q: got %q, want %q", e.Source, got, e.Target)
			}
		})
	}
}

// TestLocateOffsets: all offsets of a training grid occur, in each direction as often as in the opposite one.
func TestLocateOffsets(t *testing.T) {
	task := byName(t, "locate", lengths.Options{Train: lengths.Range{Min: 3, Max: 3}, Test: lengths.Range{Min: 8, Max: 8}})
	for _, split := range []lengths.Split{lengths.Train, lengths.Test} {
		counts := map[[2]int]int{}
		const total = 6000
		for i := range total {
			r := task.At(1, split, i).Record.(*lengths.LocateRecord)
			counts[[2]int{r.Down, r.Right}]++
		}
		if len(counts) != 24 {
			t.Errorf("%v: %d offsets, want 24", split, len(counts))
		}
		for offset, n := range counts {
			back := counts[[2]int{-offset[0], -offset[1]}]
			if low, high := min(n, back), max(n, back); high > 2*low {
				t.Errorf("%v: offset %v occurs %d times, its opposite %d times", split, offset, n, back)
			}
		}
	}
}

// TestOnlyLocateHasCoordinates: the other tasks are of one dimension.
func TestOnlyLocateHasCoordinates(t *testing.T) {
	for _, task := range generated(t, lengths.Options{}) {
		s, err := task.Sequence(task.At(1, lengths.Train, 0))
		if err != nil || (s.Coordinates != nil) != (task.Name() == "locate") {
			t.Errorf("%s: %v, %v", task.Name(), s.Coordinates, err)
		}
	}
}
