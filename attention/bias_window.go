package attention

import (
	"github.com/graft-ml/graft/internal/simd"
)

// placeWindow is the biases by place of a head for all differences between some queries and some keys, and their
// gradients; and the decay.
type placeWindow struct {
	room []float32
	low  int       // difference of the first
	bias []float32 // nil where the differences are too many for the room: then each is looked up
	grad []float32
	// decay is the factors of positive scores.
	decay []float32
}

// windowRoom is the room for the differences between a block of so many queries and all keys of a sequence.
func (op *softmax) windowRoom(rows int) int {
	if !op.places.any() && !op.transform.decay.any() {
		return 0
	}
	most := 0
	for k := range op.memory.seqs {
		most = max(most, op.memory.seqs[k].keys)
	}
	return 3 * lineRoom(most+rows+keyTile)
}

// fill computes the biases and factors between the queries of c and keys from to to.
func (w *placeWindow) fill(c *scorer, from, to int) {
	w.bias, w.grad, w.decay = nil, nil, nil
	if to == from || c.rows == 0 {
		return
	}
	kLow, kHigh := bounds(c.op.in.KeyIndex[c.seq.k+from : c.seq.k+to])
	w.low = kLow - c.high
	n := kHigh - c.low - w.low + 1
	third := len(w.room) / 3
	if n+keyTile > third {
		return
	}
	// A tile reads a whole row, even where its last keys are fewer.
	if c.op.places.any() {
		w.bias, w.grad = w.room[:n:n+keyTile], w.room[third:][:n]
		c.op.places.fill(w.bias, c.h, w.low)
	}
	if d := &c.op.transform.decay; d.any() {
		w.decay = w.room[2*third:][: n : n+keyTile]
		for t := range w.decay {
			w.decay[t] = d.factor(w.low + t)
		}
	}
}

// add adds the biases to a tile of scores, where the softmax of the tile does not.
func (w *placeWindow) add(c *scorer, j, n, r0, r1 int) {
	keys := c.op.in.KeyIndex[c.seq.k+j : c.seq.k+j+n]
	for i := r0; i < r1; i++ {
		row := c.s[i*keyTile:][:n]
		place := int(c.places[i])
		switch {
		case w.bias == nil:
			for r := range row {
				row[r] += c.op.places.value(c.h, int(keys[r])-place)
			}
		default:
			for r := range row {
				row[r] += w.bias[int(keys[r])-place-w.low]
			}
		}
	}
}

// addGrad adds the gradients of a tile of scores.
func (w *placeWindow) addGrad(c *scorer, ds, sums []float32, j, n, r0, r1 int) {
	keys := c.op.in.KeyIndex[c.seq.k+j : c.seq.k+j+n]
	for i := r0; i < r1; i++ {
		row := ds[i*keyTile:][:n]
		place := int(c.places[i])
		switch {
		case w.bias == nil:
			for r, g := range row {
				c.op.places.addGrad(sums, int(keys[r])-place, g)
			}
		case c.seq.dense:
			grad := w.grad[int(keys[0])-place-w.low:][:n]
			simd.Add(grad, grad, row)
		default:
			for r, g := range row {
				w.grad[int(keys[r])-place-w.low] += g
			}
		}
	}
}

// flush adds the gradients of the window to the partial sums.
func (w *placeWindow) flush(c *scorer, sums []float32) {
	for t, g := range w.grad {
		c.op.places.addGrad(sums, w.low+t, g)
	}
}
