package polyphase

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// Anchoring rolls every image, as a torus, so that a place which its content alone decides comes to the origin: the operator
// A_s of the paper, with the strides s of what comes after it. An image x of height and width that the strides divide falls
// into phases (p, q), the pixels x[p + i s, q + j s]. The one with the largest norm is chosen,
//
//	(p*, q*) = argmax over (p, q) of ‖x[p::s, q::s]‖₂
//
// over its pixels and channels, the first where several are equal, and the image is rolled by (-p*, -q*). If x was shifted
// by any number of pixels, then A_s(x) is shifted by a multiple of s: patches, windows and sub-samples of stride s of it hold
// the same pixels, and only their places differ. The gradient is rolled back, and none goes through the choice.
//
// Two things break this. Where phases are equally strong, as those of a constant or a regular image or of a drawing of few
// pixels may be, the first is another one after a shift. And a shift must be circular: pixels that leave at one side have to
// come in at the other.
//
// The norms are formed in float64, in an order that depends on the shift; phases whose norms differ by less than some 1e-15
// of them are as good as equal. Values that are themselves rounded, tokens after global attention above all, differ by some
// 1e-7 between shifts, and phases as close as that may change places.
type Anchoring struct {
	Stride tensor.Size // 0 means 1, with which nothing is to be chosen along an axis; more than an image has means all of it
	To     To
}

// Shift is how far an image is rolled: pixel (Down, Right) comes to the origin.
type Shift struct{ Down, Right int }

// roll is the recorded operation of Anchoring.Apply and Roll.
type roll struct {
	x, y     *tensor.Var
	grid     tensor.Grid
	anchor   Anchoring // where shifts are to be found
	find     bool
	shifts   []Shift
	norms    [][]float64 // of each worker: squares of the phases
	backward bool
	g, dy    []float32
}

// Apply returns the images of grid, x [pixels, channels], anchored. It panics where the stride does not divide an image.
func (a Anchoring) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	a.check("Anchoring", grid)
	if a.To == Nowhere || a.To == ToPhase && a.Stride.Height <= 1 && a.Stride.Width <= 1 {
		return x
	}
	op := newRoll(tp, "Anchoring", x, grid)
	op.anchor, op.find = a, true
	return op.forward(tp, "Anchoring")
}

// Roll returns the images of grid, x [pixels, channels], each rolled as a torus by its shift: pixel (i, j) of the result is
// pixel (i + Down, j + Right). Shifts may be of any size and sign.
func Roll(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid, shifts []Shift) *tensor.Var {
	if len(shifts) != grid.Items() {
		panic(fmt.Sprintf("polyphase: Roll: %d shifts for %v", len(shifts), grid))
	}
	op := newRoll(tp, "Roll", x, grid)
	op.shifts = append(op.shifts[:0], shifts...)
	return op.forward(tp, "Roll")
}

// newRoll returns the operation, with a shift for each image.
func newRoll(tp *tensor.Tape, name string, x *tensor.Var, grid tensor.Grid) *roll {
	if x.Rows() != grid.Rows() {
		panic(fmt.Sprintf("polyphase: %s: got %d pixels, want a row for each pixel of %v", name, x.Rows(), grid))
	}
	op, ok := tp.Spare().(*roll)
	if !ok {
		op = new(roll)
	}
	*op = roll{x: x, grid: grid, shifts: op.shifts, norms: op.norms, y: tp.Out(x.Needs(), x.Rows(), x.Cols())}
	for len(op.shifts) < grid.Items() {
		op.shifts = append(op.shifts, Shift{})
	}
	for len(op.norms) < parallel.Workers() {
		op.norms = append(op.norms, nil)
	}
	return op
}

func (op *roll) forward(tp *tensor.Tape, name string) *tensor.Var {
	parallel.For(op.grid.Items(), 1, op)
	tp.Record(name, op, op.y)
	return op.y
}

// Run does the images lo to hi.
func (op *roll) Run(worker, lo, hi int) {
	for b := lo; b < hi; b++ {
		if op.find && !op.backward {
			op.norms[worker], op.shifts[b] = op.anchor.find(op.norms[worker], op.x.Data(), op.x.Cols(), op.grid, b)
		}
		op.move(b)
	}
}

// move rolls image b, or its gradient back, line by line in two stretches.
func (op *roll) move(b int) {
	size, c := op.grid.Size(b), op.x.Cols()
	if size.Height == 0 || size.Width == 0 {
		return
	}
	shift := Shift{within(op.shifts[b].Down, size.Height), within(op.shifts[b].Right, size.Width)}
	for i := range size.Height {
		to := (op.grid.Offset(b) + i*size.Width) * c
		from := (op.grid.Offset(b) + within(i+shift.Down, size.Height)*size.Width) * c
		first := (size.Width - shift.Right) * c // numbers up to the border
		op.stretch(to, from+shift.Right*c, first)
		op.stretch(to+first, from, shift.Right*c)
	}
}

func (op *roll) stretch(to, from, n int) {
	if op.backward {
		simd.Add(op.g[from:][:n], op.g[from:][:n], op.dy[to:][:n])
	} else {
		copy(op.y.Data()[to:][:n], op.x.Data()[from:])
	}
}

// within returns i on a circle of n.
func within(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}

// Backward rolls the gradient back.
func (op *roll) Backward(*tensor.Tape) {
	if op.x.Needs() {
		op.backward, op.g, op.dy = true, op.x.AccumulateZeroed(), op.y.OutGrad()
		parallel.For(op.grid.Items(), 1, op)
	}
	*op = roll{shifts: op.shifts, norms: op.norms}
}

// Find returns how the images of grid, x [pixels, channels], are rolled.
func (a Anchoring) Find(x *tensor.Tensor, grid tensor.Grid) []Shift {
	a.check("Anchoring", grid)
	shifts := make([]Shift, grid.Items())
	for b := range shifts {
		_, shifts[b] = a.find(nil, x.Data(), x.Cols(), grid, b)
	}
	return shifts
}

// Norms returns the norms of the phases of image b, phase (p, q) at p times the stride's width plus q.
func (a Anchoring) Norms(x *tensor.Tensor, grid tensor.Grid, b int) []float64 {
	a.check("Anchoring", grid)
	norms := a.squares(nil, x.Data(), x.Cols(), grid, b)
	for i, v := range norms {
		norms[i] = math.Sqrt(v)
	}
	return norms
}

// stride returns the stride for an image of a size.
func (a Anchoring) stride(size tensor.Size) tensor.Size {
	return tensor.Size{Height: min(max(a.Stride.Height, 1), size.Height), Width: min(max(a.Stride.Width, 1), size.Width)}
}

// Accepts reports why images of a size cannot be anchored.
func (a Anchoring) Accepts(size tensor.Size) error {
	s := a.stride(size)
	if a.To != Nowhere && size.Height > 0 && size.Width > 0 && (size.Height%s.Height != 0 || size.Width%s.Width != 0) {
		return fmt.Errorf("polyphase: a stride of %v does not divide %v: a shifted image would have other phases", a.Stride, size)
	}
	return nil
}

func (a Anchoring) check(op string, grid tensor.Grid) {
	if grid.Uniform() && grid.Items() > 0 {
		grid = tensor.NewGrid(1, grid.Size(0))
	}
	for b := range grid.Items() {
		if err := a.Accepts(grid.Size(b)); err != nil {
			panic(fmt.Sprintf("polyphase: %s: a stride of %v does not divide an image of %v", op, a.Stride, grid.Size(b)))
		}
	}
}

// squares returns the squares of the norms of the phases, in room.
func (a Anchoring) squares(room []float64, x []float32, channels int, grid tensor.Grid, b int) []float64 {
	size := grid.Size(b)
	s := a.stride(size)
	room = room[:0]
	for range s.Height * s.Width {
		room = append(room, 0)
	}
	for i := range size.Height {
		line := x[(grid.Offset(b)+i*size.Width)*channels:]
		phases := room[i%max(s.Height, 1)*s.Width:]
		for j := range size.Width {
			sum := 0.0
			for _, v := range line[j*channels:][:channels] {
				sum += float64(v) * float64(v)
			}
			phases[j%s.Width] += sum
		}
	}
	return room
}

// find returns the shift of image b, and room for the next.
func (a Anchoring) find(room []float64, x []float32, channels int, grid tensor.Grid, b int) ([]float64, Shift) {
	size := grid.Size(b)
	if a.To == Nowhere || size.Height == 0 || size.Width == 0 {
		return room, Shift{}
	}
	room = a.squares(room, x, channels, grid, b)
	best, s := 0, a.stride(size)
	for i, v := range room {
		if v > room[best] {
			best = i
		}
	}
	shift := Shift{best / s.Width, best % s.Width}
	if a.To == ToPixel {
		shift = strongest(x, channels, grid, b, shift, s)
	}
	return room, shift
}

// strongest returns the pixel of a phase whose channels have the largest norm, the first where several are equal.
func strongest(x []float32, channels int, grid tensor.Grid, b int, phase Shift, s tensor.Size) Shift {
	size, best, most := grid.Size(b), phase, -1.0
	for i := phase.Down; i < size.Height; i += s.Height {
		for j := phase.Right; j < size.Width; j += s.Width {
			sum := 0.0
			for _, v := range x[(grid.Offset(b)+i*size.Width+j)*channels:][:channels] {
				sum += float64(v) * float64(v)
			}
			if sum > most {
				best, most = Shift{i, j}, sum
			}
		}
	}
	return best
}
