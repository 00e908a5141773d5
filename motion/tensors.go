package motion

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/graft-ml/graft/safetensors"
)

// Names of tensors and of the metadata string in safetensors files.
const (
	positionsTensor = "positions"
	poseTensor      = "pose"
	clipKey         = "motion"
)

// WriteTensors writes a clip as safetensors with checksums: the tensor positions
// [frames, joints, 3], and in the metadata string motion a JSON object (name, fps,
// unit, axes, joints, parents).
func WriteTensors(w io.Writer, c *Clip) error {
	if err := c.Validate(); err != nil {
		return err
	}
	m := metaOf(c)
	if err := m.check(); err != nil {
		return err
	}
	head, err := json.Marshal(m)
	if err != nil {
		return err
	}
	positions := safetensors.FromFloat32(positionsTensor, c.Positions, c.Frames(), c.Joints(), 3)
	return safetensors.WriteChecked(w, []safetensors.Tensor{positions}, map[string]string{clipKey: string(head)})
}

// ReadTensors reads what [WriteTensors] writes. A file that has a tensor pose instead,
// [frames, 24, 3] or [frames, 22, 3], and no metadata about it is taken for one of
// MTVCrafter: joints of an SMPL body in millimetres, in the axes of the camera, at a
// frame rate that nobody knows. name is the file's, for errors, and the clip's if the
// file gives none.
func ReadTensors(name string, f *safetensors.File) (*Clip, error) {
	fail := func(cause error, format string, values ...any) (*Clip, error) {
		return nil, &FileError{File: name, Reason: fmt.Sprintf(format, values...), Err: cause}
	}
	stored := positionsTensor
	head, ours := f.Metadata()[clipKey]
	if !f.Has(stored) && f.Has(poseTensor) && !ours {
		stored = poseTensor
	}
	if !f.Has(stored) {
		return fail(nil, "no tensor is called %s or %s: it holds no clip, but %d other tensors", positionsTensor, poseTensor, f.Len())
	}
	info, err := f.Info(stored)
	if err != nil {
		return nil, err
	}
	shape := info.Shape
	if len(shape) != 3 || shape[2] != 3 || shape[1] < 1 || shape[1] > MostJoints {
		return fail(nil, "tensor %s has shape %v, expected [frames, joints, 3] with at most %d joints", stored, shape, MostJoints)
	}
	var c *Clip
	switch {
	case stored == poseTensor:
		if shape[1] != 22 && shape[1] != 24 {
			return fail(nil, "tensor %s has %d joints, expected the 24 or 22 of an SMPL body", stored, shape[1])
		}
		c = &Clip{Name: name, Unit: 0.001, Axes: CameraAxes, Skeleton: &Skeleton{Joints: slices.Clone(smpl[:shape[1]]), Parents: slices.Clone(smplParents[:shape[1]])}}
	case !ours:
		return fail(nil, "tensor %s comes without the metadata string %s that names its joints", stored, clipKey)
	default:
		m, err := decodeMeta([]byte(head))
		if err != nil {
			return fail(err, "its metadata string %s: %v", clipKey, err)
		}
		if len(m.Joints) != shape[1] {
			return fail(nil, "%d names of %d joints", len(m.Joints), shape[1])
		}
		if c, err = m.clip(name, m.Joints); err != nil {
			return fail(err, "%v", err)
		}
	}
	if c.Positions, _, err = f.Float32(stored); err != nil {
		return nil, err
	}
	return fileClip(name, c)
}
