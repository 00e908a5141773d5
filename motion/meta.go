package motion

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/graft-ml/graft/internal/nearest"
)

// meta is what files keep of a clip beside the positions.
type meta struct {
	Name    string   `json:"name,omitempty"`
	FPS     float64  `json:"fps,omitempty"`
	Unit    float64  `json:"unit,omitempty"`
	Axes    string   `json:"axes,omitempty"`
	Joints  []string `json:"joints,omitempty"`
	Parents []int    `json:"parents,omitempty"`
}

func metaOf(c *Clip) meta {
	return meta{Name: c.Name, FPS: c.FPS, Unit: c.Unit, Axes: c.Axes.String(), Joints: c.Skeleton.Joints, Parents: c.Skeleton.Parents}
}

// check reports a name that JSON, and so both formats, cannot keep.
func (m meta) check() error {
	for _, text := range append([]string{m.Name}, m.Joints...) {
		if !utf8.ValidString(text) {
			return &ClipError{Clip: m.Name, Frame: -1, Reason: fmt.Sprintf("the name %q is not UTF-8", text), Hint: "rename it"}
		}
	}
	return nil
}

// decodeMeta reads the metadata strictly: a key that is not known is an error.
func decodeMeta(text []byte) (meta, error) {
	var m meta
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, err
	}
	if d.More() {
		return m, errors.New("something follows the JSON object")
	}
	return m, nil
}

// clip is a clip without positions. names are those of its joints.
func (m meta) clip(name string, names []string) (*Clip, error) {
	c := &Clip{Name: m.Name, FPS: m.FPS, Unit: m.Unit, Skeleton: &Skeleton{Joints: names, Parents: m.Parents}}
	if c.Name == "" {
		c.Name = name
	}
	if m.Axes != "" {
		axes, err := nearest.Index("axes", m.Axes, axesNames)
		if err != nil {
			return nil, err
		}
		c.Axes = Axes(axes)
	}
	return c, nil
}
