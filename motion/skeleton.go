package motion

import (
	"fmt"
	"slices"
)

// MostJoints is the largest number of joints that a skeleton may have.
const MostJoints = 4095

// Skeleton says what the joints of a clip are called and what hangs on what.
// Clips share it; nobody may change it once a clip has it.
type Skeleton struct {
	Joints  []string // names, which may repeat
	Parents []int    // the joint that each hangs on, which stands before it; -1 for a root
}

// Len is the number of joints.
func (s *Skeleton) Len() int { return len(s.Joints) }

// Validate reports what is no skeleton: nothing, too many joints, a parent that does
// not stand before its child. The error is a [*ClipError].
func (s *Skeleton) Validate() error {
	wrong := func(joint, format string, values ...any) error {
		return &ClipError{Frame: -1, Joint: joint, Reason: fmt.Sprintf(format, values...)}
	}
	switch {
	case len(s.Joints) == 0:
		return wrong("", "there are no joints")
	case len(s.Joints) > MostJoints:
		return wrong("", "%d joints, expected at most %d", len(s.Joints), MostJoints)
	case len(s.Parents) != len(s.Joints):
		return wrong("", "%d parents of %d joints", len(s.Parents), len(s.Joints))
	}
	for j, p := range s.Parents {
		if p < -1 || p >= j {
			return wrong(s.Joints[j], "joint %d has parent %d, expected one of -1..%d: parents stand before their children", j, p, j-1)
		}
	}
	return nil
}

// Equal tells whether two skeletons have the same names and parents.
func (s *Skeleton) Equal(o *Skeleton) bool {
	return s == o || slices.Equal(s.Joints, o.Joints) && slices.Equal(s.Parents, o.Parents)
}

// Index is the number of the first joint of this name, -1 if there is none.
func (s *Skeleton) Index(name string) int { return slices.Index(s.Joints, name) }

// Children lists the joints that hang on each joint.
func (s *Skeleton) Children() [][]int {
	children := make([][]int, len(s.Joints))
	for j, p := range s.Parents {
		if p >= 0 {
			children[p] = append(children[p], j)
		}
	}
	return children
}

// Depths are the numbers of bones between each joint and its root.
func (s *Skeleton) Depths() []int {
	depths := make([]int, len(s.Parents))
	for j, p := range s.Parents {
		if p >= 0 {
			depths[j] = depths[p] + 1
		}
	}
	return depths
}

// DepthFirst lists the joints in the order of BVH files: each is followed by all
// that hangs on it, children in the order of their numbers.
func (s *Skeleton) DepthFirst() []int {
	children := s.Children()
	var order, open []int
	for j := len(s.Parents) - 1; j >= 0; j-- {
		if s.Parents[j] < 0 {
			open = append(open, j)
		}
	}
	for len(open) > 0 {
		j := open[len(open)-1]
		open = open[:len(open)-1]
		order = append(order, j)
		for _, c := range slices.Backward(children[j]) {
			open = append(open, c)
		}
	}
	return order
}

// Path lists the bones between two joints, each by the joint at its lower end; ok
// is false where the joints hang on different roots.
func (s *Skeleton) Path(a, b int) (bones []int, ok bool) {
	depths := s.Depths()
	for a != b {
		if depths[a] < depths[b] || depths[a] == depths[b] && a < b {
			a, b = b, a
		}
		if s.Parents[a] < 0 {
			return nil, false
		}
		bones = append(bones, a)
		a = s.Parents[a]
	}
	return bones, true
}

// selected is the skeleton of some joints: each hangs on the nearest of its
// ancestors that was selected and stands before it.
func (s *Skeleton) selected(joints []int) *Skeleton {
	at := make(map[int]int, len(joints))
	sub := &Skeleton{Joints: make([]string, len(joints)), Parents: make([]int, len(joints))}
	for i, j := range joints {
		sub.Joints[i], sub.Parents[i] = s.Joints[j], -1
		for p := s.Parents[j]; p >= 0; p = s.Parents[p] {
			if k, there := at[p]; there {
				sub.Parents[i] = k
				break
			}
		}
		at[j] = i
	}
	return sub
}

// smpl are the joints of an SMPL body (Loper et al., "SMPL: A Skinned Multi-Person
// Linear Model", 2015) in its order.
var smpl = [...]string{
	"pelvis", "l_hip", "r_hip", "spine1", "l_knee", "r_knee", "spine2", "l_ankle", "r_ankle", "spine3", "l_foot", "r_foot",
	"neck", "l_collar", "r_collar", "head", "l_shoulder", "r_shoulder", "l_elbow", "r_elbow", "l_wrist", "r_wrist", "l_hand", "r_hand",
}

var smplParents = [...]int{-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21}

// SMPL is the skeleton of an SMPL body with its 24 joints, as MTVCrafter has it.
func SMPL() *Skeleton {
	return &Skeleton{Joints: slices.Clone(smpl[:]), Parents: slices.Clone(smplParents[:])}
}

// SMPL22 is the skeleton of an SMPL body without its hands, as HumanML3D has it.
func SMPL22() *Skeleton {
	return &Skeleton{Joints: slices.Clone(smpl[:22]), Parents: slices.Clone(smplParents[:22])}
}
