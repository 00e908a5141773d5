package vision

import (
	"fmt"

	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// CutPatches returns the patches of images x [pixels, channels] that lie on grid, [patches, height * width of a patch *
// channels], and the grid of the patches: the pixels of a patch line by line, the channels of a pixel together, the
// patches of an image line by line. remainder says what happens where the size of an image is no multiple of the patch's;
// an image that it refuses panics ([PatchEmbedding.Grid] tells).
func CutPatches(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid, patch tensor.Size, remainder Remainder) (*tensor.Var, tensor.Grid) {
	if x.Rows() != grid.Rows() || patch.Height < 1 || patch.Width < 1 {
		panic(fmt.Sprintf("vision: CutPatches: pixels %v do not fit %v, or patches of %v do not exist", x.Shape(), grid, patch))
	}
	op, ok := tp.Spare().(*cutPatches)
	if !ok {
		op = new(cutPatches)
	}
	*op = cutPatches{x: x, from: grid, to: patchGrid(grid, patch, remainder), patch: patch, lines: op.lines[:0]}
	at := 0
	for b := range op.to.Items() {
		op.lines = append(op.lines, at)
		at += op.to.Size(b).Height
	}
	op.lines = append(op.lines, at)
	op.y = tp.Out(x.Needs(), op.to.Rows(), patch.Height*patch.Width*x.Cols())
	op.run()
	tp.Record("CutPatches", op, op.y)
	return op.y, op.to
}

// patchGrid returns the grid of the patches of images.
func patchGrid(grid tensor.Grid, patch tensor.Size, remainder Remainder) tensor.Grid {
	of := func(s tensor.Size) tensor.Size {
		n, err := remainder.patches(s, patch)
		if err != nil {
			panic(err.Error())
		}
		return n
	}
	if grid.Items() == 0 {
		return grid
	}
	if grid.Uniform() {
		return tensor.NewGrid(grid.Items(), of(grid.Size(0)))
	}
	sizes := make([]tensor.Size, grid.Items())
	for b := range sizes {
		sizes[b] = of(grid.Size(b))
	}
	return tensor.RaggedGrid(sizes)
}

// cutPatches is the recorded operation. Patches do not overlap, so every pixel has one place in them at most, and the
// pieces of work, lines of patches, share none.
type cutPatches struct {
	x, y     *tensor.Var
	from, to tensor.Grid
	patch    tensor.Size
	lines    []int // [images+1]: lines of patches before each image
	dx, dy   []float32
	add      bool
}

func (op *cutPatches) run() { parallel.For(op.lines[len(op.lines)-1], 1, op) }

// Run does the lines of patches lo to hi.
func (op *cutPatches) Run(_, lo, hi int) {
	b := 0
	for line := lo; line < hi; line++ {
		for op.lines[b+1] <= line {
			b++
		}
		op.line(b, line-op.lines[b])
	}
}

// line cuts, or puts back, line i of the patches of image b.
func (op *cutPatches) line(b, i int) {
	channels, size, n := op.x.Cols(), op.from.Size(b), op.to.Size(b).Width
	row := op.patch.Width * channels // numbers of a line of a patch
	for k := range op.patch.Height {
		y := i*op.patch.Height + k
		for j := range n {
			at := ((op.to.Offset(b)+i*n+j)*op.patch.Height + k) * row
			from := j * op.patch.Width
			have := 0 // pixels of this line of the patch within the image
			if y < size.Height {
				have = min(op.patch.Width, size.Width-from) * channels
			}
			pixel := (op.from.Offset(b) + y*size.Width + from) * channels
			switch {
			case op.dy == nil:
				to := op.y.Data()[at : at+row]
				if have > 0 {
					copy(to, op.x.Data()[pixel:pixel+have])
				}
				clear(to[have:])
			case have > 0 && op.add:
				simd.Add(op.dx[pixel:pixel+have], op.dx[pixel:pixel+have], op.dy[at:at+have])
			case have > 0:
				copy(op.dx[pixel:pixel+have], op.dy[at:at+have])
			}
		}
	}
}

// Backward puts the gradients of patches back; pixels that no patch has get none.
func (op *cutPatches) Backward(*tensor.Tape) {
	if !op.x.Needs() {
		return
	}
	op.dy = op.y.OutGrad()
	op.dx, op.add = op.x.Accumulate()
	if !op.add {
		clear(op.dx)
	}
	op.run()
	op.dx, op.dy = nil, nil
}
