package motion

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/graft-ml/graft/internal/npy"
)

// ReadArray reads positions [frames, joints, 3] from a .npy file of NumPy, whose numbers are float32 or float64. The file
// names no joint: 24 of them are taken for those of an SMPL body, 22 for a clip of HumanML3D (Guo et al., CVPR 2022,
// new_joints), in metres at 20 frames a second, and any others are called joint0, joint1 and so on and have no parents. Up is
// y. name is the file's, for errors, and the clip's.
func ReadArray(name string, in io.Reader) (*Clip, error) {
	shape, positions, err := npy.Read(in)
	if err != nil {
		var longer *FileError // from a reader that bounds
		if errors.As(err, &longer) {
			return nil, err
		}
		return nil, &FileError{File: name, Reason: err.Error(), Err: err}
	}
	if len(shape) == 2 && shape[1] == humanML3DFeatures {
		return nil, &FileError{File: name, Reason: fmt.Sprintf("an array of shape %v has features of HumanML3D, no positions", shape), Hint: "take the file of this name from its folder new_joints"}
	}
	if len(shape) != 3 || shape[2] != 3 || shape[1] < 1 || shape[1] > MostJoints {
		return nil, &FileError{File: name, Reason: fmt.Sprintf("an array of shape %v, expected [frames, joints, 3] with at most %d joints", shape, MostJoints)}
	}
	c := &Clip{Name: name, Positions: positions}
	joints := make([]string, shape[1])
	for j := range joints {
		joints[j] = fmt.Sprint("joint", j)
	}
	if n := len(joints); n == 22 || n == 24 {
		joints = slices.Clone(smpl[:n])
	}
	c.Skeleton = &Skeleton{Joints: joints, Parents: guessParents(joints)}
	if len(joints) == 22 {
		c.FPS, c.Unit = 20, 1
	}
	return fileClip(name, c)
}

// WriteArray writes the positions of a clip, [frames, joints, 3], as a .npy file of NumPy, which keeps nothing else of it.
func WriteArray(w io.Writer, c *Clip) error {
	if err := c.Validate(); err != nil {
		return err
	}
	return npy.Write(w, []int{c.Frames(), c.Joints(), 3}, c.Positions)
}

// humanML3DFeatures is how many numbers of a frame HumanML3D's new_joint_vecs have.
const humanML3DFeatures = 263
