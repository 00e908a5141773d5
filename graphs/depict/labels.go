package depict

import (
	"image/color"
	"math"
	"strconv"
	"strings"
)

// Sizes of labels, in bonds.
const (
	letter    = 0.42  // of a symbol: the size of the font
	small     = 0.68  // of an index, of a symbol
	capital   = 0.716 // height of a capital letter of the font, of its size
	labelRoom = 0.07  // between a label and its bonds
)

// inks are the colours of elements, after those of Corey, Pauling and Koltun, dark
// enough for letters on white.
var inks = map[string]color.NRGBA{
	"N": {0x20, 0x48, 0xd8, 255}, "O": {0xd8, 0x10, 0x10, 255}, "S": {0xa8, 0x80, 0x00, 255}, "P": {0xd8, 0x70, 0x00, 255},
	"F": {0x18, 0x90, 0x48, 255}, "Cl": {0x10, 0x98, 0x18, 255}, "Br": {0x98, 0x38, 0x18, 255}, "I": {0x78, 0x10, 0xa0, 255},
	"B": {0xc8, 0x68, 0x68, 255}, "Si": {0x98, 0x80, 0x58, 255}, "Se": {0xb8, 0x70, 0x10, 255},
}

var carbonInk = color.NRGBA{0x18, 0x18, 0x18, 255}

func inkOf(symbol string) color.NRGBA {
	if ink, ok := inks[symbol]; ok {
		return ink
	}
	return carbonInk
}

// piece is a bit of a label: text whose baseline starts at a place.
type piece struct {
	text  string
	at    Point // in bonds, from the atom
	size  float64
	width float64
}

// label is what stands at an atom, in bonds around it.
type label struct{ pieces []piece }

// box is the room of a piece.
func (p piece) box() box {
	return box{p.at, Point{p.at.X + p.width, p.at.Y + capital*p.size}}
}

func newPiece(text string, x, y, size float64) piece {
	return piece{text, Point{x, y}, size, size * float64(textWidth(text, 100)) / 100}
}

// Places where the hydrogens of an atom stand.
const (
	toRight = iota
	toLeft
	above
	below
)

// newLabel sets the label of an atom: the symbol in the middle, hydrogens on a
// side where no bond is, the charge at the upper right, the isotope at the upper
// left.
func newLabel(a Atom, bonds []float64) label {
	baseline := -capital * letter / 2
	raised, lowered := baseline+capital*letter*0.55, baseline-capital*letter*0.3
	symbol := newPiece(a.Symbol, 0, baseline, letter)
	symbol.at.X = -symbol.width / 2
	l := label{pieces: []piece{symbol}}
	left, right := symbol.at.X, symbol.at.X+symbol.width
	if a.Isotope > 0 {
		p := newPiece(strconv.Itoa(a.Isotope), 0, raised, letter*small)
		p.at.X = left - p.width
		left = p.at.X
		l.pieces = append(l.pieces, p)
	}
	if a.Hydrogens > 0 {
		side := hydrogenSide(a, bonds)
		rise := letter * 0.95
		if a.Charge != 0 || a.Isotope != 0 || a.Radicals > 0 {
			rise = letter * 1.15 // the charge stands between
		}
		h := newPiece("H", 0, baseline, letter)
		count := newPiece("", 0, lowered, letter*small)
		if a.Hydrogens > 1 {
			count = newPiece(strconv.Itoa(a.Hydrogens), 0, lowered, letter*small)
		}
		switch side {
		case toRight:
			h.at.X = right
			right += h.width + count.width
		case toLeft:
			h.at.X = left - h.width - count.width
		case above:
			h.at.X = -h.width / 2
			h.at.Y += rise
			count.at.Y += rise
		case below:
			h.at.X = -h.width / 2
			h.at.Y -= letter * 0.95
			count.at.Y -= letter * 0.95
		}
		count.at.X = h.at.X + h.width
		l.pieces = append(l.pieces, h)
		if count.text != "" {
			l.pieces = append(l.pieces, count)
		}
	}
	if sign := signOf(a); sign != "" {
		l.pieces = append(l.pieces, newPiece(sign, right, raised, letter*small))
	}
	return l
}

// signOf is the charge, such as 2+, and a dot for each unpaired electron.
func signOf(a Atom) string {
	sign := ""
	switch {
	case a.Charge > 0:
		sign = "+"
	case a.Charge < 0:
		sign = "−"
	}
	if n := max(a.Charge, -a.Charge); n > 1 {
		sign = strconv.Itoa(n) + sign
	}
	return sign + strings.Repeat("•", min(max(a.Radicals, 0), 4))
}

// hydrogenSide chooses where the hydrogens stand, from the directions of the bonds.
func hydrogenSide(a Atom, bonds []float64) int {
	if len(bonds) == 0 {
		switch a.Symbol { // water is H2O, hydrogen chloride HCl, but methane CH4
		case "O", "S", "Se", "Te", "F", "Cl", "Br", "I":
			return toLeft
		}
		return toRight
	}
	free := func(angle float64) float64 {
		least := math.Inf(1)
		for _, b := range bonds {
			least = min(least, math.Abs(math.Remainder(b-angle, 2*math.Pi)))
		}
		return least
	}
	// Beside the symbol reads best, if there is room.
	right, left := free(0), free(math.Pi)
	switch beside := 1.3; {
	case right > beside && right > left-1e-3:
		return toRight
	case left > beside:
		return toLeft
	}
	best, most := toRight, right
	for k, angle := range []float64{math.Pi, math.Pi / 2, -math.Pi / 2} {
		if f := free(angle); f > most+1e-6 {
			best, most = toLeft+k, f
		}
	}
	return best
}

// trim is how far from the atom, in direction d (of length 1), a bond has to begin
// so as not to touch the label.
func (l label) trim(d Point) float64 {
	reach := 0.0
	for range l.pieces { // pieces beyond one another
		for _, p := range l.pieces {
			b := p.box()
			in, out := 0.0, math.Inf(1)
			for _, axis := range [][3]float64{{d.X, b.low.X - labelRoom, b.high.X + labelRoom}, {d.Y, b.low.Y - labelRoom, b.high.Y + labelRoom}} {
				if math.Abs(axis[0]) < 1e-9 {
					if axis[1] > 0 || axis[2] < 0 {
						out = -1
					}
					continue
				}
				t1, t2 := axis[1]/axis[0], axis[2]/axis[0]
				in, out = max(in, min(t1, t2)), min(out, max(t1, t2))
			}
			if in <= out && in <= reach+0.1 {
				reach = max(reach, out)
			}
		}
	}
	return reach
}

// shown tells whether an atom gets a label: all but carbon, which is a corner,
// unless it stands alone, in ethane and its like, in the middle of a straight
// line, or has a charge, an isotope or unpaired electrons.
func (s *Structure) shown(i int, ends [][]end) bool {
	a := s.Atoms[i]
	if a.Symbol != "C" || a.Charge != 0 || a.Isotope != 0 || a.Radicals != 0 {
		return true
	}
	switch len(ends[i]) {
	case 0:
		return true
	case 1:
		n := ends[i][0].atom
		return s.Atoms[n].Symbol == "C" && len(ends[n]) == 1
	case 2:
		return s.Bonds[ends[i][0].bond].Order == 2 && s.Bonds[ends[i][1].bond].Order == 2
	}
	return false
}
