package tensor

import (
	"fmt"
	"slices"
)

// Size is a height and a width, in pixels or in steps.
type Size struct{ Height, Width int }

// String returns height x width.
func (s Size) String() string { return fmt.Sprintf("%dx%d", s.Height, s.Width) }

// Grid says how the rows of a value [rows, channels] form images: a row is a pixel, the pixels of an image follow each
// other line by line, and so do the images. Channels lie last, as tokens of attention do, so that convolution and
// attention work on the same rows and nothing is transposed between them. The images of a grid may differ in size. A
// sequence is an image of height 1.
//
// The zero Grid has no images. Grids do not change; they may be copied and shared.
type Grid struct {
	items   int
	size    Size   // of all images, where sizes is nil
	sizes   []Size // [items]
	offsets []int  // [items+1], where sizes is not nil
}

// NewGrid returns the grid of so many images of one size.
func NewGrid(images int, size Size) Grid {
	mustSize("NewGrid", size)
	if images < 0 {
		panic(fmt.Sprintf("tensor: NewGrid: %d images", images))
	}
	return Grid{items: images, size: size}
}

// RaggedGrid returns the grid of images of the given sizes, which it copies.
func RaggedGrid(sizes []Size) Grid {
	return raggedGrid("RaggedGrid", slices.Clone(sizes))
}

// SequenceGrid returns the grid of sequences that begin at offsets, whose last is the number of rows.
func SequenceGrid(offsets []int) Grid {
	if len(offsets) == 0 || offsets[0] != 0 {
		panic(fmt.Sprintf("tensor: SequenceGrid: offsets %v do not begin with 0", offsets))
	}
	sizes := make([]Size, len(offsets)-1)
	for b := range sizes {
		sizes[b] = Size{1, offsets[b+1] - offsets[b]}
	}
	return raggedGrid("SequenceGrid", sizes)
}

// raggedGrid keeps the sizes.
func raggedGrid(op string, sizes []Size) Grid {
	g := Grid{items: len(sizes)}
	same := true
	for _, s := range sizes {
		mustSize(op, s)
		same = same && s == sizes[0]
	}
	if same {
		if len(sizes) > 0 {
			g.size = sizes[0]
		}
		return g
	}
	g.sizes, g.offsets = sizes, make([]int, len(sizes)+1)
	for b, s := range sizes {
		g.offsets[b+1] = g.offsets[b] + s.Height*s.Width
	}
	return g
}

func mustSize(op string, s Size) {
	if s.Height < 0 || s.Width < 0 {
		panic(fmt.Sprintf("tensor: %s: an image of %v", op, s))
	}
}

// Items returns the number of images.
func (g Grid) Items() int { return g.items }

// Rows returns the number of pixels of all images, the rows of a value that the grid describes.
func (g Grid) Rows() int { return g.Offset(g.items) }

// Size returns the size of image b.
func (g Grid) Size(b int) Size {
	if g.sizes != nil {
		return g.sizes[b]
	}
	return g.size
}

// Offset returns the row that image b begins with; that of the image after the last is the number of rows.
func (g Grid) Offset(b int) int {
	if g.sizes != nil {
		return g.offsets[b]
	}
	return b * g.size.Height * g.size.Width
}

// Offsets returns the rows that the images begin with, and the number of rows: what [Tape.Pool] and other operations on
// ragged items take.
func (g Grid) Offsets() []int {
	offsets := make([]int, g.items+1)
	for b := range offsets {
		offsets[b] = g.Offset(b)
	}
	return offsets
}

// Uniform reports whether all images are of one size.
func (g Grid) Uniform() bool { return g.sizes == nil }

// Equal reports whether both grids hold images of the same sizes.
func (g Grid) Equal(other Grid) bool {
	return g.items == other.items && g.size == other.size && slices.Equal(g.sizes, other.sizes)
}

// String describes the grid, for messages.
func (g Grid) String() string {
	if g.sizes != nil {
		return fmt.Sprintf("%d images of different sizes, %d pixels", g.items, g.Rows())
	}
	return fmt.Sprintf("%d images of %v", g.items, g.size)
}

// mapped returns the grid of as many images with sizes that f makes of theirs. It allocates only where sizes differ.
func (g Grid) mapped(op string, f func(Size) Size) Grid {
	if g.sizes == nil {
		g.size = f(g.size)
		return g
	}
	sizes := make([]Size, len(g.sizes))
	for b, s := range g.sizes {
		sizes[b] = f(s)
	}
	return raggedGrid(op, sizes)
}
