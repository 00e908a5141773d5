package recipes

import (
	"errors"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/clips"
	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/reconstruction"
	"github.com/graft-ml/graft/motion/tokenizer"
)

// errNoClips says that a model reads something else than movement.
var errNoClips = errors.New("the model was not trained on clips of movement")

// Tokenizer gives the model of a run that learned from clips of movement.
func (t *Trained) Tokenizer() (*tokenizer.Model, error) {
	m, ok := t.Model.(*tokenizer.Model)
	if !ok || t.Motion == nil {
		return nil, fmt.Errorf("recipes: %s: %w", t.Recipe.Data.Title(), errNoClips)
	}
	return m, nil
}

// ReadClip reads the clip in a file and prepares it as the training clips were: joints that the
// model reads are found by their names, and unit, frame rate and place are brought to theirs.
// The error, of package motion, names the file or the clip.
func (t *Trained) ReadClip(path string) (*motion.Clip, error) {
	if t.Motion == nil {
		return nil, fmt.Errorf("recipes: %s: %w", t.Recipe.Data.Title(), errNoClips)
	}
	m, set := t.Recipe.Data.Motion, ""
	if t.Recipe.Data.Kind == MotionSet {
		set = t.Recipe.Data.Name
	}
	c, err := clips.ReadFile(set, path, clips.Options{EndSites: m.EndSites})
	if err != nil {
		return nil, ofFile(path, err)
	}
	if c.Unit == 0 {
		c.Unit = t.Motion.Unit
	}
	if c, err = t.Motion.adopt(c); err == nil && m.FPS == 0 && t.Motion.FPS > 0 && c.FPS > 0 && c.FPS != t.Motion.FPS {
		m.FPS = t.Motion.FPS
	}
	if err == nil {
		c, err = m.prepare(c)
	}
	if err == nil && c.Frames() == 0 {
		err = &motion.ClipError{Clip: c.Name, Frame: -1, Reason: "it has no frames", Hint: "there is nothing to be made into tokens"}
	}
	if err != nil {
		return nil, ofFile(path, err)
	}
	return c, nil
}

// Reconstruct makes the clips of a split into tokens and back, in full length, and measures how
// they come back. There is no report of models of other things than movement. p is a plan of
// the model's.
func (t *Trained) Reconstruct(p *Plan, split datasets.Split) (*reconstruction.Report, error) {
	d, ok := p.data.(*motionData)
	if !ok {
		return nil, nil
	}
	m, err := t.Tokenizer()
	if err != nil {
		return nil, err
	}
	return reconstruction.Measure(m, d.clips[split])
}
