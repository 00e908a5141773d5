// Package open reads a movement from any file by its ending, and writes one.
//
// # Main types
//
// [Clip] reads a file, [Read] one of a file system such as a zip archive, [Save]
// writes one; all by the ending: .bvh, .csv, .npy, .safetensors, all but the last also
// packed as .gz. [Options] bound what is read, and say what becomes of a BVH file.
//
// # Use
//
//	clip, err := open.Clip("walk.bvh", open.Options{})
//	if err != nil {
//		return err
//	}
//	err = open.Save("walk.csv", clip)
//
// A clip that is saved as .bvh gets position channels on every joint, see
// [bvh.FromClip]; axes become y-up, and the unit of length is not kept. Of one that is
// saved as .npy nothing but the positions is.
//
// # Errors
//
// An ending that is not known, and a file that is wrong or larger than allowed, is a
// [*motion.FileError] that names it. Files that are not there are errors of io/fs.
//
// # Imports
//
// motion, motion/bvh, safetensors, internal packages and
// github.com/google/renameio.
package open
