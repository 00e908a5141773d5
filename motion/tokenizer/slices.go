package tokenizer

import "github.com/graft-ml/graft/tensor"

// The tokenizer sees a clip slice by slice, so that its memory of time is that of a slice and clips may be of any length.
// Slices lie one after another as the images of a grid, frame by frame and joint by joint, and nothing is cut out or put
// together: the first takes the frames that are left over.

// PaddedFrames is how many frames a clip of some frames is given before it is made into tokens, its last one repeated:
// whole slices, or one frame more, which the first slice keeps by itself. Other numbers do not come back from the decoder.
func (c Config) PaddedFrames(frames int) int {
	c = c.WithDefaults()
	if frames <= c.SliceFrames {
		return c.SliceFrames
	}
	if rest := frames % c.SliceFrames; rest > 1 {
		return frames + c.SliceFrames - rest
	}
	return frames
}

// Steps is how many steps of tokens a clip of some frames has: 13 of 49 frames with the published strides.
func (c Config) Steps(frames int) int {
	c = c.WithDefaults()
	padded := c.PaddedFrames(frames)
	steps := padded / c.TimeStride()
	if padded%c.SliceFrames == 1 && c.SliceFrames > 1 && c.TimeStride() > 1 {
		steps++
	}
	return steps
}

// appendSlices appends the slices of a clip of some frames, or of the tokens of one, of so many joints.
func appendSlices(sizes []tensor.Size, frames, slice, joints int) []tensor.Size {
	n := max(frames/slice, 1)
	sizes = append(sizes, tensor.Size{Height: frames - (n-1)*slice, Width: joints})
	for range n - 1 {
		sizes = append(sizes, tensor.Size{Height: slice, Width: joints})
	}
	return sizes
}
