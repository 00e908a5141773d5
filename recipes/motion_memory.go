package recipes

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/nn"
)

// memory predicts what a run takes: it grows with frames, which Size has in the place of nodes.
// The model is measured on one and on two windows.
func (d *motionData) memory(_ context.Context, r Recipe, training bool, splits ...datasets.Split) (*Memory, error) {
	model, err := d.build()
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	m, frames := model.(*tokenizer.Model), r.Data.Motion.Frames
	windows, err := tokenizer.NewData(m, d.clips[datasets.Train], tokenizer.DataOptions{Frames: frames, Stride: r.Data.Motion.Stride})
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	f := &Footprint{}
	for _, p := range nn.Collect(m).Trainable() {
		f.Parameters += p.Tensor.Size()
	}
	if err := f.measureTokens(m, equalWindows{windows}, 0, float64(frames)); err != nil {
		return nil, err
	}
	return f.predict(r, held.Bytes(d.clips), training, splits, func(s datasets.Split, need func(items int) Need) (Need, []measured, error) {
		list := wholeClips(m.Config, d.clips[s])
		if s == datasets.Train {
			list = equalItems(windows.Len(), frames)
		}
		return need(len(list)), list, nil
	})
}

// equalWindows are windows of so many frames.
type equalWindows struct{ *tokenizer.Data }

// Length is the number of frames.
func (w equalWindows) Length(i int) int {
	_, from, to := w.Window(i)
	return to - from
}

// equalItems are the sizes of items of so many frames.
func equalItems(n, frames int) []measured {
	list := make([]measured, n)
	for i := range list {
		list[i] = measured{number: i, size: Size{Graphs: 1, Nodes: frames}}
	}
	return list
}

// wholeClips are the sizes of clips in full length, the longest first.
func wholeClips(c tokenizer.Config, list []*motion.Clip) []measured {
	sizes := make([]measured, len(list))
	for i, clip := range list {
		sizes[i] = measured{i, clip.Name, Size{Graphs: 1, Nodes: c.PaddedFrames(clip.Frames())}}
	}
	slices.SortStableFunc(sizes, func(a, b measured) int { return -cmp.Compare(a.size.Nodes, b.size.Nodes) })
	return sizes
}

func (motionDomain) crowd(m *Memory) crowd {
	return crowd{item: "clip", holds: fmt.Sprintf("%d frames (clips or windows: %d); the longest is item %d, of %d frames", m.Batch.Nodes, m.Batch.Graphs, m.Graph, m.Nodes),
		help: []string{"make windows shorter (data.motion.frames)", "make model.widths or model.codeWidth smaller"}}
}
