package motion

import (
	"slices"
	"strings"
	"unicode"
)

// Side tells on which side of the body a joint is.
type Side uint8

// The sides of a body, its own: left is where its left hand is.
const (
	Middle Side = iota
	Left
	Right
)

// Sides tells on which side of the body each joint is, by its name (LeftArm,
// l_wrist, Hand_R, rShin); one whose name does not say is where its parent is.
func (s *Skeleton) Sides() []Side {
	sides := make([]Side, len(s.Joints))
	for j, name := range s.Joints {
		if side, _ := parseName(name); side != Middle {
			sides[j] = side
		} else if p := s.Parents[j]; p >= 0 {
			sides[j] = sides[p]
		}
	}
	return sides
}

// Landmarks are the numbers of joints that clips are prepared and drawn by; -1 where
// no name tells.
type Landmarks struct {
	Hips, Head                  int
	LeftHip, RightHip           int // where the upper legs begin
	LeftShoulder, RightShoulder int // where the upper arms begin
	LeftFoot, RightFoot         int
}

// What joints are called, without side and number, the best name first: Biped, CMU,
// ASF, DAZ, Bandai-Namco, SMPL.
var (
	hipsNames     = []string{"hips", "hip", "pelvis"}
	headNames     = []string{"head"}
	thighNames    = []string{"upleg", "upperleg", "thigh", "femur", "hip", "hipjoint", "buttock"}
	upperArmNames = []string{"upperarm", "uparm", "humerus", "arm", "shldr", "shoulder", "collar", "clavicle"}
	footNames     = []string{"foot", "ankle"}
)

// Landmarks finds the joints by their names. Hips is the first root if no name tells.
func (s *Skeleton) Landmarks() Landmarks {
	sides := make([]Side, len(s.Joints))
	parts := make([]string, len(s.Joints))
	for j, name := range s.Joints {
		sides[j], parts[j] = parseName(name)
	}
	find := func(side Side, names []string) int {
		for _, name := range names {
			for j := range parts {
				if sides[j] == side && parts[j] == name {
					return j
				}
			}
		}
		return -1
	}
	l := Landmarks{
		Hips: find(Middle, hipsNames), Head: find(Middle, headNames),
		LeftHip: find(Left, thighNames), RightHip: find(Right, thighNames),
		LeftShoulder: find(Left, upperArmNames), RightShoulder: find(Right, upperArmNames),
		LeftFoot: find(Left, footNames), RightFoot: find(Right, footNames),
	}
	if l.Hips < 0 {
		l.Hips = slices.Index(s.Parents, -1)
	}
	return l
}

// parseName takes a joint's name apart: the side, and the part of the body in small
// letters. What stands before a colon is a namespace.
func parseName(name string) (Side, string) {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	side := Middle
	var part strings.Builder
	for _, w := range nameWords(name) {
		s, rest := sideOf(w)
		if s != Middle && side == Middle {
			side, w = s, rest
		}
		part.WriteString(w)
	}
	return side, part.String()
}

// nameWords cuts a name at everything that is no letter and before each capital that
// begins a word; digits are dropped.
func nameWords(name string) []string {
	var words []string
	letters := []rune(name)
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	for i, c := range letters {
		switch {
		case !unicode.IsLetter(c):
			end()
			continue
		case unicode.IsUpper(c) && i > 0:
			follows := i+1 < len(letters) && unicode.IsLower(letters[i+1])
			if !unicode.IsUpper(letters[i-1]) || follows {
				end()
			}
		}
		word = append(word, c)
	}
	end()
	return words
}

// sideOf tells the side that a word names and what is left of it: left, l, leftarm,
// and lfemur if what follows the letter is a part of the body.
func sideOf(word string) (Side, string) {
	for _, s := range []struct {
		long, short string
		side        Side
	}{{"left", "l", Left}, {"right", "r", Right}} {
		if rest, found := strings.CutPrefix(word, s.long); found {
			return s.side, rest
		}
		if rest, found := strings.CutPrefix(word, s.short); found && (rest == "" || slices.Contains(limbs, rest)) {
			return s.side, rest
		}
	}
	return Middle, word
}

// limbs are parts of the body that there are two of.
var limbs = []string{
	"hip", "hipjoint", "femur", "thigh", "upleg", "upperleg", "leg", "lowerleg", "knee", "tibia", "shin", "ankle", "foot", "toes", "toe", "toebase", "buttock",
	"clavicle", "collar", "shoulder", "shldr", "humerus", "uparm", "upperarm", "arm", "elbow", "radius", "forearm", "lowerarm", "wrist", "hand", "fingers", "thumb", "eye",
}
