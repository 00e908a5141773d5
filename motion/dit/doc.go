// Package dit is how a video transformer reads movement: MV-DiT, the motion-aware diffusion transformer of MTVCrafter
// (Ding and others, arXiv 2505.10238, section 3.3; DINGYANB/MTVCrafter, commit 91d5132), without the video models
// around it. It is a room of its own because it needs attention and encodings, and movement and its tokenizer do not.
//
// # Main types
//
//   - [Split] shares the channels of a head out among the axes of places; [Rotary] is the encodings made of it, those of
//     vision tokens by frame, row and column and the 4-D one of motion tokens by frame, x, y and z. [MotionLayout] and
//     [VisionLayout] say where tokens are, [Places] is both in one pass.
//   - [Attention] is attention of vision tokens to themselves or to those of a movement.
//   - [Block] is a whole block: modulated self-attention, motion attention, feed-forward part.
//   - [Unconditional] stands in for the movement where there is none, and [Guide] moves what is predicted with a movement
//     away from what is predicted without.
//
// # Use
//
//	block, err := dit.NewBlock(dit.Config{Width: 128, Heads: 4, TimeWidth: 32}, nn.NewInit(1))
//	rotary, err := dit.NewRotary(dit.Split7B(32), 4, 32)
//	vision, err := dit.VisionLayout(1, 13, 8, 8)
//	moving, err := dit.MotionLayout(1, 13, dit.Pose(moments))
//	...
//	places, err := rotary.Begin(tp, vision, moving)
//	h = block.Apply(tp, h, tp.Const(vectors), time, places) // vectors of tokenizer.Model.Vectors
//
// # Errors
//
// Sizes and layouts that do not fit are errors that say what would. Tokens that do not fit their layout panic.
//
// # Imports
//
// motion, encodings, attention, nn, tensor.
package dit
