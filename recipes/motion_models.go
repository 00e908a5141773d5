package recipes

import (
	"github.com/graft-ml/graft/motion/tokenizer"
)

// defaultWindow is the length of the windows that are learned from.
const defaultWindow = tokenizer.DefaultFrames

// motionModel makes the configuration of 4DMoT one of a recipe.
type motionModel tokenizer.Config

var _ configuration = (*motionModel)(nil)

func (m *motionModel) config() any { return (*tokenizer.Config)(m) }
func (m *motionModel) forget()     { *m = motionModel{} }

// fillDefaults leaves those zeros that stand for what follows from other settings or from the
// data.
func (m *motionModel) fillDefaults() {
	c := tokenizer.Config(*m).WithDefaults()
	c.Joints, c.DilationWidth = m.Joints, m.DilationWidth
	*m = motionModel(c)
}

// validate takes any joints for granted that the data will tell.
func (m *motionModel) validate() error {
	c := tokenizer.Config(*m)
	if c.Joints == 0 {
		c.Joints = max(c.JointStrides[0], 1) * max(c.JointStrides[1], 1)
	}
	return unprefixed(c.Validate(), "tokenizer: ")
}

// newTokenizer makes the model for clips of a schema.
func newTokenizer(r *Recipe, s *MotionSchema) (*tokenizer.Model, error) {
	c := r.Model.FourDMoT
	if c.Joints != 0 && c.Joints != len(s.Joints) {
		return nil, setting("model.joints", "%d: the clips have %d joints; leave it out", c.Joints, len(s.Joints))
	}
	c.Joints = len(s.Joints)
	if err := c.Validate(); err != nil {
		return nil, setting("model", "%v", unprefixed(err, "tokenizer: "))
	}
	return tokenizer.New(c, r.Train.Seed)
}
