package reconstruction

import "github.com/graft-ml/graft/motion"

// Held is what a clip is to those who see every step-th frame only: each frame is kept until the next one is seen. A
// tokenizer that makes one step of tokens of as many frames should come nearer to the clip.
func Held(c *motion.Clip, step int) *motion.Clip {
	out := c.Clone()
	for f := range c.Frames() {
		copy(out.Frame(f), c.Frame(f-f%step))
	}
	return out
}

// Interpolated is [Held] with straight lines from each frame that is seen to the next. The last one that is seen is kept to
// the end.
func Interpolated(c *motion.Clip, step int) *motion.Clip {
	out := Held(c, step)
	for f := range c.Frames() {
		before := f - f%step
		if before+step >= c.Frames() {
			break
		}
		after, part := c.Frame(before+step), float32(f%step)/float32(step)
		for i, v := range c.Frame(before) {
			out.Frame(f)[i] = v + (after[i]-v)*part
		}
	}
	return out
}
