package motion

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseName(t *testing.T) {
	for name, want := range map[string]string{
		"Hips": "0 hips", "LHipJoint": "1 hipjoint", "RightUpLeg": "2 upleg", "LeftToeBase": "1 toebase", "Spine1": "0 spine", "lShldr": "1 shldr", "rForeArm": "2 forearm",
		"Shoulder_L": "1 shoulder", "UpperArm_R": "2 upperarm", "l_hip": "1 hip", "mixamorig:LeftArm": "1 arm", "leftupleg": "1 upleg", "lfemur": "1 femur", "rhumerus": "2 humerus",
		"root": "0 root", "lower_back": "0 lowerback", "Head_End": "0 headend", "Bip01_L_Thigh": "1 bipthigh", "": "0 ", "LThumb": "1 thumb", "RIGHT_HAND": "2 hand", "left_eye_smplhf": "1 eyesmplhf",
	} {
		if side, part := parseName(name); fmt.Sprint(side, " ", part) != want {
			t.Errorf("%s: %d %s, expected %s", name, side, part, want)
		}
	}
}

// TestLandmarks finds the joints of the skeletons of the data that the package was
// made for.
func TestLandmarks(t *testing.T) {
	for _, c := range []struct{ name, joints, want string }{
		{"SMPL", strings.Join(smpl[:], " "), "pelvis head l_hip r_hip l_shoulder r_shoulder l_foot r_foot"},
		{"CMU", "Hips LHipJoint LeftUpLeg LeftLeg LeftFoot LeftToeBase RHipJoint RightUpLeg RightLeg RightFoot Spine Neck Head LeftShoulder LeftArm LeftForeArm RightShoulder RightArm",
			"Hips Head LeftUpLeg RightUpLeg LeftArm RightArm LeftFoot RightFoot"},
		{"DAZ", "hip abdomen head leftEye rCollar rShldr rForeArm lCollar lShldr rButtock rThigh rShin rFoot lButtock lThigh lFoot", "hip head lThigh rThigh lShldr rShldr lFoot rFoot"},
		{"Bandai-Namco", "joint_Root Hips Spine Head Shoulder_L UpperArm_L Shoulder_R UpperArm_R UpperLeg_L Foot_L UpperLeg_R Foot_R Toes_R", "Hips Head UpperLeg_L UpperLeg_R UpperArm_L UpperArm_R Foot_L Foot_R"},
		{"nothing", "a b", "a - - - - - - -"},
	} {
		s := &Skeleton{Joints: strings.Fields(c.joints)}
		for j := range s.Joints {
			s.Parents = append(s.Parents, j-1)
		}
		l := s.Landmarks()
		var got []string
		for _, j := range []int{l.Hips, l.Head, l.LeftHip, l.RightHip, l.LeftShoulder, l.RightShoulder, l.LeftFoot, l.RightFoot} {
			if j < 0 {
				got = append(got, "-")
			} else {
				got = append(got, s.Joints[j])
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, expected %s", c.name, got, c.want)
		}
	}
}

func TestSides(t *testing.T) {
	s := &Skeleton{Joints: []string{"hips", "LeftLeg", "toe", "RightLeg", "spine"}, Parents: []int{-1, 0, 1, 0, 0}}
	if got := fmt.Sprint(s.Sides()); got != "[0 1 1 2 0]" {
		t.Error(got)
	}
}

func TestSkeleton(t *testing.T) {
	s := SMPL()
	if err := s.Validate(); err != nil || SMPL22().Validate() != nil || s.Len() != 24 {
		t.Fatal(err)
	}
	if got := fmt.Sprint(s.DepthFirst()); got != "[0 1 4 7 10 2 5 8 11 3 6 9 12 15 13 16 18 20 22 14 17 19 21 23]" {
		t.Error(got)
	}
	if bones, ok := s.Path(15, 10); fmt.Sprint(bones, ok) != "[15 12 10 9 7 6 4 3 1] true" {
		t.Error(bones, ok)
	}
	if d := s.Depths(); d[0] != 0 || d[23] != 8 {
		t.Error(d)
	}
	if s.Index("head") != 15 || s.Index("tail") != -1 || !s.Equal(SMPL()) || s.Equal(SMPL22()) {
		t.Error("index or equality")
	}
	two := &Skeleton{Joints: []string{"a", "b"}, Parents: []int{-1, -1}}
	if _, ok := two.Path(0, 1); ok || fmt.Sprint(two.DepthFirst()) != "[0 1]" {
		t.Error("two roots")
	}
	for want, s := range map[string]*Skeleton{
		"there are no joints":           {},
		"4096 joints":                   {Joints: make([]string, 4096), Parents: make([]int, 4096)},
		"1 parents of 2 joints":         {Joints: []string{"a", "b"}, Parents: []int{-1}},
		`joint "b": joint 1 has parent`: {Joints: []string{"a", "b"}, Parents: []int{-1, 1}},
	} {
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}
