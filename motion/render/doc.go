// Package render draws movements as stick figures: animated GIFs, strips of frames as
// PNG, and two clips side by side or one over the other, such as an original and what
// a model made of it.
//
// # Main types
//
//   - [Scene] is what is to be drawn; [One], [SideBySide] and [Overlay] make the usual
//     ones, [New] makes any of [Panel] values.
//   - [Options] are size, viewpoint and frame rate.
//   - [Scene.WriteGIF], [Scene.WriteStrip] and [Scene.WritePNG] write pictures;
//     [Scene.Draw] gives one as an image.
//
// # Use
//
//	s, err := render.SideBySide(original, decoded, render.Options{Title: "clip 4"})
//	if err != nil {
//		return err
//	}
//	return s.WriteGIF(file)
//
// # The picture
//
// The camera is orthographic and stands still, turned from the front by
// Options.Azimuth, and is fitted to all frames of all clips. Left limbs are blue, right
// ones orange, what is in the middle grey; what is further away is paler. A grid on the
// ground, and the shadow of the figure straight below it, tell where it stands. In an
// overlay the first clip is grey and the others in colours over it. Joints above the
// hips in the tree (a reference that stays at the origin) are not drawn.
//
// The same clips and options give the same bytes.
//
// # Errors
//
// Clips that cannot be drawn are a [*motion.ClipError]: none of its frames, or clips
// shown together that differ in frames. Pictures that would be too large are a
// [*SizeError].
//
// # Imports
//
// motion, internal packages and golang.org/x/image.
package render
