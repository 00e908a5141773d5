package tokenizer

import (
	"errors"
	"fmt"

	"github.com/graft-ml/graft/motion"
)

// Tokens are a clip as codes of a codebook, with what it takes to make a clip of them again.
type Tokens struct {
	Name     string
	FPS      float64
	Unit     float64
	Axes     motion.Axes
	Skeleton *motion.Skeleton

	Frames   int       // of the clip
	Joints   int       // tokens of a step; fewer than the skeleton's joints where the model strides over them
	Codes    []int32   // [steps, Joints]
	Codebook int       // number of codes that they are of
	Start    []float32 // the first frame [joints, 3], where the model measures from it; else nil
}

// Steps is the number of steps: rows of tokens that several frames share.
func (t *Tokens) Steps() int {
	if t.Joints == 0 {
		return 0
	}
	return len(t.Codes) / t.Joints
}

// At is the code of a joint in a step.
func (t *Tokens) At(step, joint int) int32 { return t.Codes[step*t.Joints+joint] }

// Use tells how the clip uses the codebook.
func (t *Tokens) Use() Use { return UseOf(t.Codebook, t.Codes) }

// Validate reports what no tokens can be.
func (t *Tokens) Validate() error {
	if t.Skeleton == nil {
		return errors.New("tokenizer: tokens without a skeleton")
	}
	empty := &motion.Clip{Name: t.Name, FPS: t.FPS, Unit: t.Unit, Axes: t.Axes, Skeleton: t.Skeleton, Positions: t.Start}
	if err := empty.Validate(); err != nil {
		return err
	}
	joints := t.Skeleton.Len()
	switch {
	case t.Frames < 1:
		return fmt.Errorf("tokenizer: tokens of %d frames: want at least 1", t.Frames)
	case t.Joints < 1 || joints%t.Joints != 0:
		return fmt.Errorf("tokenizer: %d tokens a step for %d joints: want a divisor", t.Joints, joints)
	case len(t.Codes) == 0 || len(t.Codes)%t.Joints != 0:
		return fmt.Errorf("tokenizer: %d codes are no whole steps of %d", len(t.Codes), t.Joints)
	case t.Codebook < 1:
		return fmt.Errorf("tokenizer: a codebook of %d codes", t.Codebook)
	case t.Start != nil && len(t.Start) != 3*joints:
		return fmt.Errorf("tokenizer: a first frame of %d coordinates for %d joints", len(t.Start), joints)
	}
	for i, k := range t.Codes {
		if k < 0 || int(k) >= t.Codebook {
			return fmt.Errorf("tokenizer: the code of step %d, joint %d is %d: want one from 0 to %d", i/t.Joints, i%t.Joints, k, t.Codebook-1)
		}
	}
	return nil
}
