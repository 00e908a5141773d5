package tokenizer

import (
	"fmt"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/tensor"
)

// passSlices is how many slices go through the model at a time, so that a long clip takes the memory of a short one.
// Slices do not see each other, so that codes do not depend on it.
const passSlices = 32

// Encode makes a clip into tokens. A clip of any length will do: [Config.PaddedFrames] tells how long it is made. The error
// is a [*motion.ClipError] of a clip that is none or has other joints than the model.
func (m *Model) Encode(clip *motion.Clip) (*Tokens, error) {
	if err := m.check(clip); err != nil {
		return nil, err
	}
	c := m.Config
	t := &Tokens{Name: clip.Name, FPS: clip.FPS, Unit: clip.Unit, Axes: clip.Axes, Skeleton: clip.Skeleton,
		Frames: clip.Frames(), Joints: c.TokenJoints(), Codebook: c.Codes}
	if c.Reference == FirstFrame {
		t.Start = append([]float32(nil), clip.Frame(0)...)
	}
	padded := c.PaddedFrames(clip.Frames())
	values := appendStandard(nil, c, m.Moments(), clip, clip.Frame(0), padded)
	tp := tensor.NewTape()
	inSlices(appendSlices(nil, padded, c.SliceFrames, c.Joints), func(grid tensor.Grid) {
		tp.Begin(tensor.Pass{})
		x := tensor.FromSlice(values[:3*grid.Rows()], grid.Rows(), 3)
		values = values[3*grid.Rows():]
		latent, _ := m.Encoder.Apply(tp, tp.Const(x), grid)
		t.Codes = append(t.Codes, m.Codebook.Apply(tp, latent).Codes...)
	})
	return t, nil
}

// inSlices calls f with the grids of slices that go through the model together.
func inSlices(sizes []tensor.Size, f func(grid tensor.Grid)) {
	for len(sizes) > 0 {
		n := min(passSlices, len(sizes))
		f(tensor.RaggedGrid(sizes[:n]))
		sizes = sizes[n:]
	}
}

// Decode makes a clip of tokens, of as many frames as the clip had that they come from. The error says what does not fit
// the model.
func (m *Model) Decode(t *Tokens) (*motion.Clip, error) {
	if err := m.fits(t); err != nil {
		return nil, err
	}
	c := m.Config
	tp := tensor.NewTape()
	codes := t.Codes
	values := make([]float32, 0, 3*c.Joints*c.PaddedFrames(t.Frames))
	inSlices(appendSlices(nil, t.Steps(), c.SliceFrames/c.TimeStride(), t.Joints), func(grid tensor.Grid) {
		tp.Begin(tensor.Pass{})
		x := tp.Gather(tp.Const(m.Codebook.Vectors), codes[:grid.Rows()])
		codes = codes[grid.Rows():]
		places, _ := m.Decoder.Apply(tp, x, grid)
		values = append(values, places.Data()...)
	})
	like := &motion.Clip{Name: t.Name, FPS: t.FPS, Unit: t.Unit, Axes: t.Axes, Skeleton: t.Skeleton}
	clip := m.Moments().Restore(values[:3*c.Joints*t.Frames], like)
	for i := range clip.Positions {
		if t.Start != nil {
			clip.Positions[i] += t.Start[i%len(t.Start)]
		}
	}
	return clip, nil
}

// Vectors returns the code vectors of tokens [steps * joints, CodeWidth], joint by joint in every step: what a video
// transformer attends to. The error says what does not fit the model.
func (m *Model) Vectors(t *Tokens) (*tensor.Tensor, error) {
	if err := m.fits(t); err != nil {
		return nil, err
	}
	out := tensor.New(len(t.Codes), m.Config.CodeWidth)
	for r, k := range t.Codes {
		copy(out.Row(r), m.Codebook.Vectors.Row(int(k)))
	}
	return out, nil
}

// fits reports tokens that are none, or not of such a model.
func (m *Model) fits(t *Tokens) error {
	if err := t.Validate(); err != nil {
		return err
	}
	c := m.Config
	switch {
	case t.Skeleton.Len() != c.Joints || t.Joints != c.TokenJoints():
		return fmt.Errorf("tokenizer: %d tokens a step for %d joints, the model has %d for %d: decode them by the model that made them", t.Joints, t.Skeleton.Len(), c.TokenJoints(), c.Joints)
	case t.Codebook != c.Codes:
		return fmt.Errorf("tokenizer: tokens of a codebook of %d codes, the model has %d: decode them by the model that made them", t.Codebook, c.Codes)
	case t.Steps() != c.Steps(t.Frames):
		return fmt.Errorf("tokenizer: %d steps for %d frames, the model has %d: decode them by the model that made them", t.Steps(), t.Frames, c.Steps(t.Frames))
	case (t.Start != nil) != (c.Reference == FirstFrame):
		return fmt.Errorf("tokenizer: tokens with a first frame (%v) for a model with reference %v: decode them by the model that made them", t.Start != nil, c.Reference)
	}
	return nil
}
