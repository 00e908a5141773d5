package report

import (
	"errors"
	"fmt"
	"image/color"
	"math"
)

// HeatMap is a table whose cells are coloured by shares between two ends, such as
// those of two orders in which a model reads it. It has one view or several: the
// page of [WriteHeatMapPage] lets its reader choose, the picture of [WriteHeatMap]
// shows the first.
type HeatMap struct {
	Title     string
	Note      string     // a line below the title
	Low, High string     // what the shares 0 and 1 mean
	Cells     [][]string // [rows][columns]; the first row is a header
	Words     []string   // text that is coloured as well, above the table: the tokens of a question
	By        []string   // what tells views apart: layer, head
	Views     []HeatView
}

// HeatView is the shares of one view of a [HeatMap]. NaN leaves white.
type HeatView struct {
	At     []string    // as By: "2", "mean"
	Values [][]float64 // [rows][columns], 0 to 1
	Words  []float64   // of HeatMap.Words
}

// check reports what does not fit together.
func (h *HeatMap) check() error {
	if len(h.Cells) == 0 || len(h.Cells[0]) == 0 || len(h.Views) == 0 {
		return errors.New("no cells, or no view of them")
	}
	for r, row := range h.Cells {
		if len(row) != len(h.Cells[0]) {
			return fmt.Errorf("row %d has %d cells, the header %d", r, len(row), len(h.Cells[0]))
		}
	}
	for k, v := range h.Views {
		if len(v.Values) != len(h.Cells) || len(v.Words) != len(h.Words) || len(v.At) != len(h.By) {
			return fmt.Errorf("view %d has values of %d rows and %d words at %q, for %d rows and %d words by %q", k, len(v.Values), len(v.Words), v.At, len(h.Cells), len(h.Words), h.By)
		}
		for r, row := range v.Values {
			if len(row) != len(h.Cells[r]) {
				return fmt.Errorf("view %d, row %d: %d values for %d cells", k, r, len(row), len(h.Cells[r]))
			}
			for _, value := range row {
				if !shareable(value) {
					return fmt.Errorf("view %d, row %d: the share %v: want 0 to 1", k, r, value)
				}
			}
		}
		for _, value := range v.Words {
			if !shareable(value) {
				return fmt.Errorf("view %d: the share %v of a word: want 0 to 1", k, value)
			}
		}
	}
	return nil
}

// shareable tells whether a value is a share, but for rounding, or NaN.
func shareable(v float64) bool {
	const slack = 1e-5
	return !(v < -slack || v > 1+slack)
}

// The ends and the middle of the scale: blue and orange are told apart by colour-blind readers, and both are dark where the
// middle is bright.
var heatScale = [3]color.NRGBA{{33, 102, 172, 255}, {247, 247, 247, 255}, {200, 84, 10, 255}}

// heatColour is the colour of a share; white where there is none.
func heatColour(v float64) color.NRGBA {
	if math.IsNaN(v) {
		return color.NRGBA{255, 255, 255, 255}
	}
	v = min(max(v, 0), 1)
	from, to, part := heatScale[0], heatScale[1], 2*v
	if v > 0.5 {
		from, to, part = heatScale[1], heatScale[2], 2*v-1
	}
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + part*(float64(b)-float64(a)))) }
	return color.NRGBA{mix(from.R, to.R), mix(from.G, to.G), mix(from.B, to.B), 255}
}

// heatInk is the colour of text on a share: black or white, whichever stands out.
func heatInk(v float64) color.NRGBA {
	c := heatColour(v)
	if 0.299*float64(c.R)+0.587*float64(c.G)+0.114*float64(c.B) < 140 {
		return color.NRGBA{255, 255, 255, 255}
	}
	return color.NRGBA{20, 20, 20, 255}
}

// heatValue is a share in a cell.
func heatValue(v float64) string {
	if math.IsNaN(v) {
		return ""
	}
	return fmt.Sprintf("%.2f", min(max(v, 0), 1))
}
