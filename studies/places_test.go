package studies

import (
	"reflect"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
)

// grid2 is two tokens of text, a grid of two rows with a mark behind each, and a token of text.
func grid2() [][2]int32 {
	off := [2]int32{lengths.Outside, lengths.Outside}
	return [][2]int32{off, off, {0, 0}, {0, 1}, off, {1, 0}, {1, 1}, off, off}
}

func TestPlaces(t *testing.T) {
	places := []float64{0, 0, 1, 1, 2, 2, 2, 3, 2, 4, 3, 2, 3, 3, 3, 4, 5, 5}
	if p := placesFor(OnPlane, grid2()); p.Rank != 2 || !reflect.DeepEqual(p.Coords, places) {
		t.Errorf("on the plane %+v, want %v", p, places)
	}
	var clip []float64
	for k, frame := range []float64{0, 1, 2, 2, 2, 2, 2, 2, 5} {
		clip = append(clip, frame, places[2*k], places[2*k+1])
	}
	if p := placesFor(InClip, grid2()); p.Rank != 3 || !reflect.DeepEqual(p.Coords, clip) {
		t.Errorf("in a clip %+v, want %v", p, clip)
	}
	orders := [][]int32{{0, 1, 2, 3, 4, 5, 6, 7, 8}, {0, 1, 2, 4, 6, 3, 5, 7, 8}}
	if p := placesFor(InOrders, grid2()); p.Cells != [2]int{2, 8} || !reflect.DeepEqual(p.Orders, orders) {
		t.Errorf("in two orders %+v, want %v", p, orders)
	}
	if p := placesFor(InLine, grid2()); p != nil {
		t.Errorf("in a line %+v", p)
	}
	if p := placesFor(OnPlane, grid2()[:2]); !reflect.DeepEqual(p.Coords, []float64{0, 0, 1, 1}) {
		t.Errorf("text alone %+v", p)
	}
}
