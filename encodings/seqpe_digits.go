package encodings

import "fmt"

// maxCodeDigits is the number of digits of a whole position, all axes together, that the number of a position in a
// batch has room for.
const maxCodeDigits = 18

// digitBase is the base that positions are written in.
const digitBase = 10

// Digits writes a position, one whole number an axis from the first on, with MaxDigits digits an axis: (3, 12) with two
// digits is 0 3 1 2. padding tells which digits are zeros that fill up. The error names the coordinate that is negative
// or has more digits.
func (s SeqPE) Digits(position ...int) (digits []int, padding []bool, err error) {
	if s, err = s.fill(max(s.Heads, 1)); err != nil {
		return nil, nil, err
	}
	if len(position) != s.Axes {
		return nil, nil, fmt.Errorf("encodings: seqpe: a position of %d coordinates where Axes is %d", len(position), s.Axes)
	}
	for _, p := range position {
		if err := s.fits(float64(p)); err != nil {
			return nil, nil, fmt.Errorf("encodings: seqpe: %w", err)
		}
		written := fmt.Sprint(p)
		for k := range s.MaxDigits {
			at := k
			if !s.RightPadding {
				at -= s.MaxDigits - len(written)
			}
			fills := at < 0 || at >= len(written)
			digit := 0
			if !fills {
				digit = int(written[at] - '0')
			}
			digits, padding = append(digits, digit), append(padding, fills)
		}
	}
	return digits, padding, nil
}

// fits returns an error that says why coordinate x cannot be written.
func (s SeqPE) fits(x float64) error {
	if x != float64(int64(x)) || x < 0 {
		return fmt.Errorf("coordinate %v is no whole number from 0 on", x)
	}
	if x >= float64(power(digitBase, s.MaxDigits)) {
		return fmt.Errorf("coordinate %v has more digits than MaxDigits %d: raise it, or MaxPosition", x, s.MaxDigits)
	}
	return nil
}

func power(base, n int) uint64 {
	p := uint64(1)
	for range n {
		p *= uint64(base)
	}
	return p
}

// positionSet numbers the distinct positions of a pass in the order in which they come.
type positionSet struct {
	axes   int
	base   uint64
	rows   map[uint64]int32
	coords []int // [rows, axes]
}

func newPositionSet(s SeqPE) *positionSet {
	return &positionSet{axes: s.Axes, base: power(digitBase, s.MaxDigits), rows: map[uint64]int32{}}
}

// row returns the number of a position whose coordinates can be written.
func (p *positionSet) row(position []int) int32 {
	code := uint64(0)
	for _, x := range position {
		code = code*p.base + uint64(x)
	}
	r, ok := p.rows[code]
	if !ok {
		r = int32(len(p.rows))
		p.rows[code] = r
		p.coords = append(p.coords, position...)
	}
	return r
}

// digitStrings are positions written out for the reader: strings of digits laid end to end.
type digitStrings struct {
	offsets            []int   // strings+1, without class tokens
	digit, place, axis []int32 // of every digit; place counts within its string, padding included
}

// write writes positions [rows, axes].
func (s SeqPE) write(coords []int) digitStrings {
	each := s.Axes * s.MaxDigits
	n := len(coords) / s.Axes
	w := digitStrings{offsets: make([]int, 1, n+1), digit: make([]int32, 0, n*each), place: make([]int32, 0, n*each), axis: make([]int32, 0, n*each)}
	for r := range n {
		for a, x := range coords[r*s.Axes : (r+1)*s.Axes] {
			length := 1
			for rest := x; rest >= digitBase; rest /= digitBase {
				length++
			}
			unit := power(digitBase, length-1)
			for k := range s.MaxDigits {
				at := k
				if !s.RightPadding {
					at -= s.MaxDigits - length
				}
				var digit int32
				if at >= 0 && at < length {
					digit = int32(uint64(x) / unit % digitBase)
					unit /= digitBase
				} else if s.MaskPadding {
					continue
				}
				w.digit = append(w.digit, digit)
				w.place = append(w.place, int32(a*s.MaxDigits+k))
				w.axis = append(w.axis, int32(a))
			}
		}
		w.offsets = append(w.offsets, len(w.digit))
	}
	return w
}
