package recipes

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/train"
)

// MotionSchema is what was read off the clips that a model learned from: without it nobody
// knows which joints it reads, in which unit and at which rate.
type MotionSchema struct {
	Version int `json:"version"`
	// Joints and Parents are the skeleton of all clips.
	Joints  []string `json:"joints"`
	Parents []int    `json:"parents"`
	// FPS is the frame rate of clips as the model gets them, Unit the metres of their unit of
	// length; both 0 where nobody knows. Camera says that they are in the axes of a camera, else
	// y points up.
	FPS    float64 `json:"fps"`
	Unit   float64 `json:"unit"`
	Camera bool    `json:"camera"`
	// Train, Val and Test name the clips of the splits.
	Train []string `json:"train"`
	Val   []string `json:"val"`
	Test  []string `json:"test"`
}

const motionSchemaVersion = 1

// motionSchemaOf reads it off a prepared clip.
func motionSchemaOf(c *motion.Clip) *MotionSchema {
	return &MotionSchema{Version: motionSchemaVersion, Joints: slices.Clone(c.Skeleton.Joints), Parents: slices.Clone(c.Skeleton.Parents),
		FPS: c.FPS, Unit: c.Unit, Camera: c.Axes == motion.CameraAxes}
}

// Marshal gives the schema as text.
func (s *MotionSchema) Marshal() ([]byte, error) {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("recipes: schema: %w", err)
	}
	return append(text, '\n'), nil
}

// parseMotionSchema reads what Marshal gave; the text is not trusted.
func parseMotionSchema(text []byte) (*MotionSchema, error) {
	if text == nil {
		return nil, fmt.Errorf("%s is not there, without which nobody knows what the model reads; put back the one that training wrote", train.SchemaName)
	}
	s := &MotionSchema{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("recipes: schema: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("recipes: schema: %w; put back the one that training wrote", err)
	}
	return s, nil
}

func (s *MotionSchema) check() error {
	if s.Version != motionSchemaVersion {
		return fmt.Errorf("version %d, want %d", s.Version, motionSchemaVersion)
	}
	if err := s.Skeleton().Validate(); err != nil {
		return err
	}
	for _, v := range []float64{s.FPS, s.Unit} {
		if !(v >= 0) || math.IsInf(v, 0) {
			return errors.New("a frame rate or unit that is below 0 or no number")
		}
	}
	return nil
}

// Skeleton is that of all clips.
func (s *MotionSchema) Skeleton() *motion.Skeleton {
	return &motion.Skeleton{Joints: slices.Clone(s.Joints), Parents: slices.Clone(s.Parents)}
}

// String tells the clips in words.
func (s *MotionSchema) String() string {
	text := fmt.Sprintf("%d joints", len(s.Joints))
	if s.FPS > 0 {
		text += fmt.Sprintf(", %.4g frames a second", s.FPS)
	}
	if s.Unit > 0 {
		text += fmt.Sprintf(", in units of %.4g m", s.Unit)
	}
	return text
}

// unlike tells why a clip is none of those that a model of the schema reads.
func (s *MotionSchema) unlike(c *motion.Clip) error {
	bad := &motion.ClipError{Clip: c.Name, Frame: -1, Hint: "take clips of one skeleton"}
	if n := c.Joints(); n != len(s.Joints) {
		bad.Reason = fmt.Sprintf("it has %d joints, and the model reads %d: %s", n, len(s.Joints), someNames(s.Joints))
		return bad
	}
	for _, name := range s.Joints {
		if c.Skeleton.Index(name) < 0 {
			bad.Reason = fmt.Sprintf("it has no joint %q, which the model reads; it has %s", name, someNames(c.Skeleton.Joints))
			return bad
		}
	}
	bad.Reason = "several of its joints have one name, so that nobody knows which is which"
	return bad
}

// someNames lists the first of many names.
func someNames(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and so on"
}

// adopt brings a clip to the joints and the unit of the schema. Joints are found by their names,
// so that a clip that has them in another order, as a BVH file may, or more of them will do.
func (s *MotionSchema) adopt(c *motion.Clip) (*motion.Clip, error) {
	if !slices.Equal(s.Joints, c.Skeleton.Joints) {
		joints, seen := make([]int, len(s.Joints)), map[int]bool{}
		for k, name := range s.Joints {
			if joints[k] = c.Skeleton.Index(name); joints[k] < 0 || seen[joints[k]] {
				return nil, s.unlike(c)
			}
			seen[joints[k]] = true
		}
		c = c.Select(joints)
		c.Skeleton = s.Skeleton()
	}
	if s.Unit > 0 && c.Unit > 0 && s.Unit != c.Unit {
		c = c.Clone()
		for i := range c.Positions {
			c.Positions[i] = float32(float64(c.Positions[i]) * c.Unit / s.Unit)
		}
		c.Unit = s.Unit
	}
	return c, nil
}
