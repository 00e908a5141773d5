// Package bvh reads and writes motion capture in the BVH format of Biovision, and
// computes where the joints are.
//
// # Main types
//
//   - [Recording] is a file: a hierarchy of [Node], and for each frame the numbers of
//     its channels. [Read] and [ReadFile] make one, [Write] and [WriteFile] write it.
//   - [Pose] is one frame after forward kinematics: where every node is and how it is
//     turned. [Recording.Clip] does that for all frames.
//   - [FromClip] goes back from positions to a recording.
//
// # Use
//
//	r, err := bvh.ReadFile("walk.bvh")
//	if err != nil {
//		return err // walk.bvh:12: unknown channel "Xrot"; did you mean "Xrotation"?
//	}
//	clip, err := r.Clip(bvh.ClipOptions{})
//	if err != nil {
//		return err
//	}
//	head := clip.At(0, clip.Skeleton.Landmarks().Head)
//
// # The format
//
// Words and numbers are separated by blanks, tabs and line ends of any kind, and
// nothing depends on lines; braces need no blanks around them, capitals do not
// matter in key words and names of channels. There may be several ROOTs. A joint has
// one OFFSET and then one CHANNELS of 0 to 6, in any order. "Frames:" and "Frame
// Time:" may touch their numbers. Names may repeat; nodes go by their number.
//
// # Forward kinematics
//
// Angles are degrees. A joint's rotation is the product of those of its channels in
// their order, the first leftmost. Its translation is OFFSET, but a position channel
// replaces the coordinate (it is not added: in files with six channels on every joint
// that would double all bones). A child is at p + G t and turned by G R, where p and
// G are its parent's place and turn, t and R its own. All is float64.
//
// # Limits
//
// A file may have [motion.MostJoints] joints and End Sites. Memory grows with what the
// file holds, never with what it claims: numbers are counted as they come.
//
// # Errors
//
// A file that is wrong is a [*motion.FileError] with its line: a key word that does not
// belong there, an unknown channel (with the nearest known one), NaN and infinity
// (with frame and joint), numbers that are too few or too many (both counts). What
// cannot become a clip is a [*motion.ClipError].
//
// # Imports
//
// motion, internal packages and github.com/google/renameio.
package bvh
