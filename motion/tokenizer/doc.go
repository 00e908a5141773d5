// Package tokenizer makes recorded movement into few tokens of a learned alphabet, and movement of tokens: 4DMoT, the
// motion tokenizer of MTVCrafter (Ding and others, "MTVCrafter: 4D Motion Tokenization for Open-World Human Image
// Animation", arXiv 2505.10238, section 3; DINGYANB/MTVCrafter, commit 91d5132). It is a room of its own because tokens
// of movement are used without any video: they are stored, compared and decoded.
//
// # Main types
//
//   - [Model] is an [Encoder] and a [Decoder], convolutions over a plane of frames and joints, and a [Codebook] between
//     them, whose nearest codes take the place of what the encoder says. 49 frames of 24 joints become 13 times 24 codes.
//   - [Config] are its sizes: [MTVCrafter] the published ones, [Small] such as two processor cores train in minutes.
//   - [Tokens] are a clip as codes; [WriteTokens] and [ReadTokens] keep them in files.
//   - [Data] and [Batch] are windows of clips for training.
//
// # Use
//
//	m, err := tokenizer.New(tokenizer.Small(), 1)
//	if err != nil {
//		return err
//	}
//	err = m.SetMoments(tokenizer.MomentsOf(clips, m.Config.Reference, tokenizer.DefaultFrames))
//	if err != nil {
//		return err
//	}
//	// train it, see package reconstruction, or read a checkpoint
//	tokens, err := m.Encode(clip)
//	if err != nil {
//		return err // names the clip
//	}
//	again, err := m.Decode(tokens) // a *motion.Clip of as many frames
//
// # Slices
//
// A clip is seen in slices of 8 frames, the first with one more where a frame is left over. Slices do not see each
// other, so a clip may be of any length; one that is neither whole slices nor a frame more is lengthened by its last
// frame, and cut again when it is decoded. In a batch all slices of all clips lie one after another, nothing is padded,
// and each comes out as it does alone, to the bit.
//
// # The codebook
//
// Codes follow the latents by running means and get no gradient; they are buffers and so in checkpoints, with the sums
// and counts that the means are made of. Every 21st training step codes without use are replaced by latents of the
// batch. The released code writes them to the codebook but not to the sums that the next step makes it of, and never
// forgets a use, so that a replacement lasts one step: [ResetOfficial] does the same, [ResetLasting] is the repaired form.
//
// # Where paper and code differ
//
// The text feeds differential motion, places less those of the first frame; the released code feeds the places
// themselves. Both are there ([Reference]); the default is that of the code, whose weights [Model.LoadOfficial] reads.
//
// # Errors
//
// Configurations, clips and tokens that do not fit are errors that say what would: a *motion.ClipError names the clip, a
// *motion.FileError the file. Batches of another model and grids that are no slices panic.
//
// # Imports
//
// motion, nn, tensor, safetensors, internal packages.
package tokenizer
