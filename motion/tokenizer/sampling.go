package tokenizer

import (
	"sync"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// change is how the grid of a level becomes that of the next: a sampling of frames, nil where they stay.
type change struct {
	from, to tensor.Grid
	sampling *tensor.Sampling
}

// changes keeps the latest changes, which the lengths of the clips in a batch decide.
type changes struct {
	mu   sync.Mutex
	list []change // the latest last
}

// keptChanges is how many are kept: the batch of training, a shorter last one, and those of other splits.
const keptChanges = 8

// of returns the change of a grid; build makes it where it is not known.
func (k *changes) of(from tensor.Grid, build func(tensor.Grid) change) change {
	k.mu.Lock()
	defer k.mu.Unlock()
	for i := len(k.list) - 1; i >= 0; i-- {
		if k.list[i].from.Equal(from) {
			return k.list[i]
		}
	}
	if len(k.list) == keptChanges {
		k.list = append(k.list[:0], k.list[1:]...)
	}
	k.list = append(k.list, build(from))
	return k.list[len(k.list)-1]
}

// Downsample halves the frames of each slice and convolves along the joints. Of an odd number of frames the first is kept
// and the others are averaged in pairs; of an even number all are.
type Downsample struct {
	Conv       *nn.Conv // along the joints, with their stride
	TimeStride int      // 1 or 2
	changes    changes
}

func newDownsample(width, timeStride, jointStride int, init *nn.Init) *Downsample {
	return &Downsample{Conv: jointConv(width, jointStride, init), TimeStride: timeStride}
}

// jointConv is a convolution of three joints in every frame.
func jointConv(width, stride int, init *nn.Init) *nn.Conv {
	return nn.NewConv(nn.ConvConfig{In: width, Out: width, Kernel: tensor.Size{Width: 3},
		Options: tensor.ConvOptions{Stride: tensor.Size{Width: stride}, Padding: tensor.Size{Width: 1}}}, init)
}

// Params declares the convolution as conv.
func (d *Downsample) Params(c *nn.Params) { c.Sub("conv", d.Conv) }

// Apply returns the slices of x [rows, width] at the next level, and their grid.
func (d *Downsample) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	if d.TimeStride > 1 {
		ch := d.changes.of(grid, halved)
		x, grid = tp.Sample(x, ch.sampling), ch.to
	}
	return d.Conv.Apply(tp, x, grid), d.Conv.Grid(grid)
}

// halved is the change that averages frames in pairs.
func halved(from tensor.Grid) change {
	var at []int32
	var weights []float32
	offsets, sizes := []int{0}, make([]tensor.Size, from.Items())
	for b := range sizes {
		s, row := from.Size(b), from.Offset(b)
		odd := s.Height % 2
		sizes[b] = tensor.Size{Height: s.Height/2 + odd, Width: s.Width}
		for f := range sizes[b].Height {
			for j := range s.Width {
				if f < odd {
					at, weights = append(at, int32(row+j)), append(weights, 1)
				} else {
					first := row + (2*f-odd)*s.Width + j
					at, weights = append(at, int32(first), int32(first+s.Width)), append(weights, 0.5, 0.5)
				}
				offsets = append(offsets, len(at))
			}
		}
	}
	return change{from: from, to: tensor.RaggedGrid(sizes), sampling: tensor.NewSampling(from.Rows(), offsets, at, weights)}
}

// Upsample doubles the frames of each slice, and its joints where they were strided, by linear interpolation whose ends
// lie on each other, then convolves along the joints. Of an odd number of frames the first is kept by itself. The official
// code cannot do that where joints are strided, and fails at a single frame; here the first frame is then interpolated
// along its joints alone.
type Upsample struct {
	Conv                    *nn.Conv // along the joints
	TimeStride, JointStride int
	changes                 changes
	build                   func(tensor.Grid) change
}

func newUpsample(width, timeStride, jointStride int, init *nn.Init) *Upsample {
	u := &Upsample{Conv: jointConv(width, 1, init), TimeStride: timeStride, JointStride: jointStride}
	u.build = u.change
	return u
}

// Params declares the convolution as conv.
func (u *Upsample) Params(c *nn.Params) { c.Sub("conv", u.Conv) }

// Apply returns the slices of x [rows, width] at the next level, and their grid.
func (u *Upsample) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) (*tensor.Var, tensor.Grid) {
	if u.TimeStride > 1 || u.JointStride > 1 {
		ch := u.changes.of(grid, u.build)
		x, grid = tp.Sample(x, ch.sampling), ch.to
	}
	return u.Conv.Apply(tp, x, grid), grid
}

// change takes a slice of an odd number of frames for two images, its first frame and the rest, whose rows lie alike.
func (u *Upsample) change(from tensor.Grid) change {
	var parts, grown, sizes []tensor.Size
	for b := range from.Items() {
		s := from.Size(b)
		odd, rest := s.Height%2, s.Height/2*2
		to := tensor.Size{Height: rest * u.TimeStride, Width: s.Width * u.JointStride}
		if odd == 1 {
			parts, grown = append(parts, tensor.Size{Height: 1, Width: s.Width}), append(grown, tensor.Size{Height: 1, Width: to.Width})
		}
		if rest > 0 {
			parts, grown = append(parts, tensor.Size{Height: rest, Width: s.Width}), append(grown, to)
		}
		sizes = append(sizes, tensor.Size{Height: odd + to.Height, Width: to.Width})
	}
	return change{from: from, to: tensor.RaggedGrid(sizes), sampling: tensor.LinearSampling(tensor.RaggedGrid(parts), tensor.RaggedGrid(grown))}
}
