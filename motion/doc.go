// Package motion holds recorded movement: where the joints of a body are in every
// frame. A clip knows nothing of models or attention; bvh, open and render below
// this package read, write and draw it.
//
// # Main types
//
//   - [Clip] is a movement: positions [frames, joints, 3] over a [Skeleton], which
//     names the joints and says what hangs on what.
//   - [Preparation] makes clips alike, as is usual before learning: frame rate, place,
//     size, direction. [Moments] are the mean and deviation that a network's input
//     is standardised with.
//   - [Landmarks] are the joints found by their names: hips, head, feet.
//   - [Rotation] and [Quaternion] are turns in space; Euler angles and the six numbers
//     of the 6D form become one and come from one.
//
// # Use
//
//	recording, err := bvh.ReadFile("walk.bvh")
//	if err != nil {
//		return err // names the line
//	}
//	clip, err := recording.Clip(bvh.ClipOptions{})
//	if err != nil {
//		return err
//	}
//	clip, err = motion.Preparation{FPS: 30, Centre: motion.CentreFirst, Face: true}.Apply(clip)
//	for _, w := range clip.Windows(49, 24) {
//		learn(w.Positions) // [49, joints, 3]
//	}
//
// # Axes and units
//
// Space is right-handed. In [YUp], the axes of BVH files and HumanML3D, y points up
// and a figure that faces +Z has its left hand towards +X. In [CameraAxes] x points
// right, y down and z away from the viewer: SMPL bodies estimated from video come
// so. [Clip.Upright] turns one into the other. Lengths are in the unit of the file;
// Clip.Unit tells its metres where they are known.
//
// # Files
//
// A clip is kept as CSV (a column for each coordinate, a comment line of JSON for the
// rest) or as safetensors (tensor positions, metadata for the rest). The pose files
// of MTVCrafter, safetensors without a word about joints, are known too, and so are
// bare arrays of NumPy, as HumanML3D has them.
//
// # Errors
//
// A file that cannot be read is a [*FileError]: file, line, reason, what to do. A
// clip that cannot be used is a [*ClipError]: clip, frame, joint, reason. Frames
// beyond a clip's end, or clips of different shape where they must agree, are
// programming errors and panic.
//
// # Imports
//
// safetensors and internal packages.
package motion
