package recipes

import (
	"context"
	"fmt"
	"runtime"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/vision"
)

// decodingBytes is what a pixel of a file takes while it is decoded and brought to a size:
// four bytes of the decoder's, three of ours, and floats of the lines that are resized.
const decodingBytes = 4 + 3 + 12

// memory predicts what a run takes: images are all of one size, which Size has as a node, and
// as many files as there are processors are decoded at once, the largest that was seen each.
func (d *imageData) memory(_ context.Context, r Recipe, training bool, splits ...datasets.Split) (*Memory, error) {
	model, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	var parts [3]sequenceData
	for s, source := range d.sources {
		if source.Len() == 0 {
			continue
		}
		data, err := d.data(model, datasets.Split(s))
		if err != nil {
			return nil, fmt.Errorf("recipes: split %v: %w", datasets.Split(s), err)
		}
		parts[s] = equalImages{data}
	}
	bytes := held.Bytes(d.set) + d.cache
	if d.files {
		bytes += decodingBytes * int64(d.schema.LargestPixels) * int64(runtime.GOMAXPROCS(0))
	}
	return predictTokens(r, model, bytes, parts, training, splits)
}

// equalImages are images of one size.
type equalImages struct{ *vision.Data }

// Length counts an image as one.
func (equalImages) Length(int) int { return 1 }

func (imageDomain) crowd(m *Memory) crowd {
	return crowd{item: "image", holds: fmt.Sprintf("%d images", m.Batch.Graphs), help: []string{
		"make images smaller (data.images.size.height) or patches larger", smallerModel, "keep fewer decoded files (data.images.cacheMiB)"}}
}
