package tokenizer

import (
	"errors"
	"fmt"
	"math"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// DataOptions say which parts of clips are learned from.
type DataOptions struct {
	// Frames is the length of a window; 0 means 49. It must be one that [Config.PaddedFrames] leaves as it is.
	Frames int
	// Stride is from the beginning of a window to that of the next; 0 means 1. With it an epoch in random order draws
	// windows as the official code does, each once.
	Stride int
	// Whole makes every clip one item in its full length, as for evaluation; the two above do not count then.
	Whole bool
}

// DefaultFrames is the length of the official windows.
const DefaultFrames = 49

// Data makes batches of windows of clips. It is a train.Data, and safe for concurrent use.
type Data struct {
	config  Config
	moments motion.Moments
	clips   []*motion.Clip
	windows []window
}

// window is a part of a clip.
type window struct{ clip, from, frames int }

// NewData returns the windows of clips for m, standardised by its moments as they are now. Clips shorter than a window
// have none. The error names a clip that is none, has other joints, or that no clip is long enough.
func NewData(m *Model, clips []*motion.Clip, o DataOptions) (*Data, error) {
	if o.Frames == 0 {
		o.Frames = DefaultFrames
	}
	if o.Stride == 0 {
		o.Stride = 1
	}
	if o.Stride < 0 || !o.Whole && m.Config.PaddedFrames(o.Frames) != o.Frames {
		return nil, fmt.Errorf("tokenizer: windows of %d frames, every %d: want a stride of at least 1, and whole slices of %d frames or one more: %d for one",
			o.Frames, o.Stride, m.Config.SliceFrames, m.Config.PaddedFrames(o.Frames))
	}
	d := &Data{config: m.Config, moments: m.Moments(), clips: clips}
	longest := 0
	for k, c := range clips {
		if err := m.check(c); err != nil {
			return nil, err
		}
		longest = max(longest, c.Frames())
		if o.Whole {
			d.windows = append(d.windows, window{k, 0, c.Frames()})
			continue
		}
		for from := 0; from+o.Frames <= c.Frames(); from += o.Stride {
			d.windows = append(d.windows, window{k, from, o.Frames})
		}
	}
	if len(d.windows) == 0 {
		return nil, fmt.Errorf("tokenizer: no window of %d frames in %d clips, of which the longest has %d: give longer clips, or shorter windows", o.Frames, len(clips), longest)
	}
	return d, nil
}

// check reports a clip that the model cannot read.
func (m *Model) check(c *motion.Clip) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if c.Joints() != m.Config.Joints {
		return &motion.ClipError{Clip: c.Name, Frame: -1, Reason: fmt.Sprintf("it has %d joints, and the model %d", c.Joints(), m.Config.Joints),
			Hint: "select the joints that the model was made for"}
	}
	if c.Frames() == 0 {
		return &motion.ClipError{Clip: c.Name, Frame: -1, Reason: "it has no frames"}
	}
	return nil
}

// Len returns the number of windows.
func (d *Data) Len() int { return len(d.windows) }

// Items returns the number of clips that have windows.
func (d *Data) Items() int {
	n := 0
	for k, w := range d.windows {
		if k == 0 || w.clip != d.windows[k-1].clip {
			n++
		}
	}
	return n
}

// Window returns the clip and the frames of an item.
func (d *Data) Window(item int) (clip *motion.Clip, from, to int) {
	w := d.windows[item]
	return d.clips[w.clip], w.from, w.from + w.frames
}

// Prepare returns a *[Batch] of the windows of the given numbers.
func (d *Data) Prepare(items []int) (nn.Batch, error) {
	if len(items) == 0 {
		return nil, errors.New("tokenizer: a batch of nothing")
	}
	b := &Batch{items: len(items)}
	var values []float32
	var sizes []tensor.Size
	missing := false
	for _, item := range items {
		clip, from, to := d.Window(item)
		padded := d.config.PaddedFrames(to - from)
		values = appendStandard(values, d.config, d.moments, clip.Cut(from, to), clip.Frame(from), padded)
		sizes = appendSlices(sizes, padded, d.config.SliceFrames, d.config.Joints)
		missing = missing || padded > to-from
	}
	b.grid = tensor.RaggedGrid(sizes)
	b.places = tensor.FromSlice(values, len(values)/3, 3)
	b.targets = b.places
	if missing {
		b.targets = b.places.Clone()
		d.forget(b.targets.Data(), items)
	}
	return b, nil
}

// forget makes the frames that were added to windows no targets.
func (d *Data) forget(targets []float32, items []int) {
	width := 3 * d.config.Joints
	for _, item := range items {
		frames := d.windows[item].frames
		padded := d.config.PaddedFrames(frames)
		for i := frames * width; i < padded*width; i++ {
			targets[i] = float32(math.NaN())
		}
		targets = targets[padded*width:]
	}
}

// appendStandard appends the standardised places of a clip, measured from start where the reference asks for it, and its
// last frame as often as it takes to make so many frames.
func appendStandard(values []float32, c Config, m motion.Moments, clip *motion.Clip, start []float32, frames int) []float32 {
	if c.Reference == FirstFrame {
		clip = clip.Clone()
		subtract(clip.Positions, start)
	}
	values = append(values, m.Standardise(clip)...)
	width := 3 * clip.Joints()
	for range frames - clip.Frames() {
		values = append(values, values[len(values)-width:]...)
	}
	return values
}

// Batch is some windows of clips for a [Model].
type Batch struct {
	items           int
	places, targets *tensor.Tensor // [rows, 3]
	grid            tensor.Grid    // the slices
}

// Items returns the number of windows.
func (b *Batch) Items() int { return b.items }

// Targets returns the standardised places [rows, 3] that should come back, NaN where a frame was added to a window.
func (b *Batch) Targets() *tensor.Tensor { return b.targets }

// Dump shows the places, for the files of a run that went wrong.
func (b *Batch) Dump() []nn.Named { return []nn.Named{{Path: "places", Tensor: b.places}} }
