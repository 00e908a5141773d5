package encodings

import (
	"math"
	"math/rand/v2"
)

// SeqPEContrastive is the contrastive loss of [SeqPE]: of Candidates positions the one nearest to a pivot shall have the
// largest product of vectors with it. It is the mean over Pivots of the cross entropy.
//
// Candidates are, for half of the pivots, random positions; for three in ten, one in five is made by one to three edits
// of the pivot's digits, so that it looks near and is not; for two in ten all come from one small window. Pivots are
// drawn anew in every pass; the official code goes through a shuffled list of all positions.
type SeqPEContrastive struct {
	Off        bool
	Weight     float64 // 0 means 0.1
	Pivots     int     // 0 means 32
	Candidates int     // 0 means 32, or 64 with several axes
	Window     int     // positions along each axis of the small window; 0 means 256, or 14 with several axes
	PerHead    bool    // compares the vectors head by head
}

// SeqPETransfer is the distillation loss of [SeqPE] ("transfer"): the same random cells of the window that the pass works
// on, which begins at 0, and of one moved out of it have vectors e and e', whose products among themselves, S and S', are
// compared, row by row after a log softmax. With KL the mean over all elements and det(x) holding x fixed,
//
//	Beta (KL(det S ‖ S') + KL(S' ‖ det S)) + (1-Beta) (KL(S ‖ det S') + KL(det S' ‖ S))
//
// A window is the grid, the longest sequence, or the box of the points of a batch. Passes that are themselves moved
// ([SeqPEShift]) have no such loss.
type SeqPETransfer struct {
	Off          bool
	Weight       float64 // 0 means 0.1
	Windows      int     // moved windows a pass; 0 means 32
	Cells        int     // of each, at most as many as it has; 0 means 32, or 64 with several axes
	Beta         float64 // 0 means 1: only the moved window learns
	SquaredError bool    // compares log probabilities by their mean squared difference
	Undivided    bool    // compares whole vectors and not head by head
}

// SeqPEShift moves the positions of a training pass of [SeqPE] as a whole, now and then.
type SeqPEShift struct {
	Off    bool
	Rate   float64 // probability that a pass is moved; 0 means 0.1
	Starts int     // places of the pool that windows may be moved to; 0 means 320. It is drawn once for a shape of window.
	Splits int     // different places among the items of a pass, at most; 0 means 32
}

// The modes by which candidates are drawn, and the share of those in mode hard that are made by edits.
const (
	randomBelow = 0.5
	hardBelow   = 0.8
	hardShare   = 0.2
)

// seqPEDraw draws positions below MaxPosition along each axis.
type seqPEDraw struct {
	settings SeqPE
	rng      *rand.Rand
}

// position unpacks number i of all positions, the last axis fastest.
func (d *seqPEDraw) position(i uint64) []int {
	p := make([]int, d.settings.Axes)
	for a := len(p) - 1; a >= 0; a-- {
		p[a] = int(i % uint64(d.settings.MaxPosition))
		i /= uint64(d.settings.MaxPosition)
	}
	return p
}

func (d *seqPEDraw) number(p []int) uint64 {
	i := uint64(0)
	for _, x := range p {
		i = i*uint64(d.settings.MaxPosition) + uint64(x)
	}
	return i
}

func (d *seqPEDraw) positions() uint64 { return power(d.settings.MaxPosition, d.settings.Axes) }

// distinct draws k different numbers below n, in random order; all of them where there are fewer.
func (d *seqPEDraw) distinct(n uint64, k int) []uint64 {
	if n < 4*uint64(k) {
		all := make([]uint64, n)
		for i := range all {
			all[i] = uint64(i)
		}
		k = min(k, len(all))
		for i := range k {
			j := i + d.rng.IntN(len(all)-i)
			all[i], all[j] = all[j], all[i]
		}
		return all[:k]
	}
	taken := make(map[uint64]bool, k)
	list := make([]uint64, 0, k)
	for len(list) < k {
		if i := d.rng.Uint64N(n); !taken[i] {
			taken[i] = true
			list = append(list, i)
		}
	}
	return list
}

// pivot is a position with its candidates, of which number label is the nearest to it.
type pivot struct {
	at         []int
	candidates [][]int
	label      int
}

// pivot draws one.
func (d *seqPEDraw) pivot() pivot {
	c := d.settings.Contrastive.Candidates
	p := pivot{at: d.position(d.rng.Uint64N(d.positions()))}
	pool := d.distinct(d.positions(), c+1)
	var special []uint64
	switch u := d.rng.Float64(); {
	case u > hardBelow:
		special = d.near(c)
	case u > randomBelow:
		hard := int(hardShare * float64(c))
		nearest := math.Inf(1)
		for _, i := range pool[:len(pool)-hard] {
			nearest = min(nearest, squaredDistance(p.at, d.position(i)))
		}
		special = d.hard(p.at, hard, nearest)
	}
	taken := map[uint64]bool{d.number(p.at): true}
	best := math.Inf(1)
	for _, list := range [2][]uint64{special, pool} {
		for _, i := range list {
			if taken[i] || len(p.candidates) == c {
				continue
			}
			taken[i] = true
			at := d.position(i)
			if s := squaredDistance(p.at, at); s < best {
				best, p.label = s, len(p.candidates)
			}
			p.candidates = append(p.candidates, at)
		}
	}
	return p
}

func squaredDistance(a, b []int) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i]-b[i]) * float64(a[i]-b[i])
	}
	return s
}

// near draws k positions of one random window, all of them where it has fewer.
func (d *seqPEDraw) near(k int) []uint64 {
	s := d.settings
	side := min(max(s.Contrastive.Window, int(math.Pow(float64(5*k), 1/float64(s.Axes)))), s.MaxPosition)
	start := make([]int, s.Axes)
	for a := range start {
		start[a] = d.rng.IntN(s.MaxPosition - side + 1)
	}
	list := d.distinct(power(side, s.Axes), k)
	for n, i := range list {
		p := make([]int, s.Axes)
		for a := s.Axes - 1; a >= 0; a-- {
			p[a] = start[a] + int(i%uint64(side))
			i /= uint64(side)
		}
		list[n] = d.number(p)
	}
	return list
}

// hard makes up to k positions that look like p and are farther from it than the squared distance beyond.
func (d *seqPEDraw) hard(p []int, k int, beyond float64) []uint64 {
	var list []uint64
	for range k {
		if q := d.edited(p); q != nil && squaredDistance(p, q) > beyond {
			list = append(list, d.number(q))
		}
	}
	return list
}

// editAttempts bounds the search for edits that give a position that exists.
const editAttempts = 64

// edited returns p after one to three edits of its digits, written without padding one coordinate after another, and cut
// into coordinates again; nil where no luck was had.
func (d *seqPEDraw) edited(p []int) []int {
	edits := 1 + d.rng.IntN(3)
	for range editAttempts {
		var digits []byte
		for _, x := range p {
			digits = appendDigits(digits, x)
		}
		for range edits {
			if next := d.edit(digits); next != nil {
				digits = next
			}
		}
		if q := d.cut(digits); q != nil {
			return q
		}
	}
	return nil
}

// edit inserts, swaps, replaces or deletes a digit; nil where the kind drawn does not apply or changes nothing.
func (d *seqPEDraw) edit(digits []byte) []byte {
	n := len(digits)
	switch next := append([]byte(nil), digits...); d.rng.IntN(4) {
	case 0:
		if n == d.settings.Axes*d.settings.MaxDigits {
			return nil
		}
		at := d.rng.IntN(n + 1)
		return append(append(next[:at], byte(d.rng.IntN(digitBase))), digits[at:]...)
	case 1:
		i, j := d.rng.IntN(n), d.rng.IntN(n)
		if next[i] == next[j] {
			return nil
		}
		next[i], next[j] = next[j], next[i]
		return next
	case 2:
		at, digit := d.rng.IntN(n), byte(d.rng.IntN(digitBase))
		if next[at] == digit {
			return nil
		}
		next[at] = digit
		return next
	default:
		if n <= d.settings.Axes {
			return nil
		}
		at := d.rng.IntN(n)
		return append(next[:at], digits[at+1:]...)
	}
}

// cut splits digits into coordinates at random places; nil where one would not exist.
func (d *seqPEDraw) cut(digits []byte) []int {
	s := d.settings
	q := make([]int, s.Axes)
	for a := range q {
		rest := s.Axes - 1 - a // coordinates that need digits of their own
		length := len(digits)
		if rest > 0 {
			length = 1 + d.rng.IntN(min(len(digits)-rest, s.MaxDigits))
		}
		if length > s.MaxDigits || length > 1 && digits[0] == 0 {
			return nil
		}
		for _, digit := range digits[:length] {
			q[a] = q[a]*digitBase + int(digit)
		}
		if q[a] >= s.MaxPosition {
			return nil
		}
		digits = digits[length:]
	}
	return q
}

func appendDigits(to []byte, x int) []byte {
	if x >= digitBase {
		to = appendDigits(to, x/digitBase)
	}
	return append(to, byte(x%digitBase))
}

// moved draws the start of a window outside the one at 0: at least along one axis it begins after its end.
func (d *seqPEDraw) moved(window []int) []int {
	start := make([]int, len(window))
	if len(window) == 1 {
		start[0] = window[0] + d.rng.IntN(d.settings.MaxPosition-2*window[0])
		return start
	}
	for {
		outside := false
		for a, n := range window {
			start[a] = d.rng.IntN(d.settings.MaxPosition - n)
			outside = outside || start[a] >= n
		}
		if outside {
			return start
		}
	}
}
