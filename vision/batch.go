package vision

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ nn.Batch = (*Batch)(nil)

// Batch is images laid end to end, of one size or of several, nothing padded: what a [Classifier] reads. Make one with
// [NewBatch] or through [Data]; its fields are to be read only.
type Batch struct {
	Pixels *tensor.Tensor // [pixels of all images, channels], an image after the other, line by line
	Grid   tensor.Grid    // how the pixels lie

	targets *tensor.Tensor
}

// NewBatch lays out images for a model. The error says which of them it cannot read, and why.
func NewBatch(m Classifier, images []Image) (*Batch, error) {
	d := Data{model: m}
	for i := range images {
		if err := d.check(&images[i]); err != nil {
			return nil, fmt.Errorf("vision: image %d: %w", i, err)
		}
	}
	return layOut(images, m), nil
}

// layOut makes the batch of images that were checked.
func layOut(images []Image, m Classifier) *Batch {
	b := &Batch{}
	sizes, channels, soft := make([]tensor.Size, len(images)), m.Channels(), false
	for i := range images {
		sizes[i] = images[i].Size()
		soft = soft || images[i].Shares != nil
	}
	b.Grid = tensor.RaggedGrid(sizes)
	b.Pixels = tensor.New(b.Grid.Rows(), channels)
	for i := range images {
		copy(b.Pixels.Data()[b.Grid.Offset(i)*channels:], images[i].Pixels)
	}
	b.targets = targets(images, m.Classes(), soft)
	return b
}

// targets returns what predictions are compared with: class ids, or where an image has several classes, shares of all.
func targets(images []Image, classes int, soft bool) *tensor.Tensor {
	if !soft {
		t := tensor.New(len(images))
		for i := range images {
			t.Data()[i] = float32(images[i].Label)
			if images[i].Label == Unlabelled {
				t.Data()[i] = float32(math.NaN())
			}
		}
		return t
	}
	t := tensor.New(len(images), classes)
	for i := range images {
		switch row := t.Row(i); {
		case images[i].Shares != nil:
			copy(row, images[i].Shares)
		case images[i].Label == Unlabelled:
			for c := range row {
				row[c] = float32(math.NaN())
			}
		default:
			row[images[i].Label] = 1
		}
	}
	return t
}

// Items returns the number of images.
func (b *Batch) Items() int { return b.Grid.Items() }

// Channels returns the number of channels of the images.
func (b *Batch) Channels() int { return b.Pixels.Cols() }

// Targets returns the classes of the images, [images], NaN where one is not known; or, where an image of the batch is of
// several, how much of each is of which class, [images, classes]. nn.SoftCrossEntropy takes both.
func (b *Batch) Targets() *tensor.Tensor { return b.targets }

// Dump returns what the batch holds, for the file that a training loop writes when a step goes wrong.
func (b *Batch) Dump() []nn.Named {
	sizes := tensor.New(b.Items(), 2)
	for i := range b.Items() {
		sizes.Row(i)[0], sizes.Row(i)[1] = float32(b.Grid.Size(i).Height), float32(b.Grid.Size(i).Width)
	}
	return []nn.Named{{Path: "sizes", Tensor: sizes}, {Path: "pixels", Tensor: b.Pixels}, {Path: "targets", Tensor: b.targets}}
}
