// Package clips gives recorded movements from folders, each clip with what is known of
// it: what is done, in which style, by whom.
//
// # Main types
//
// A [Set] lists the clips of a folder, as [Item] values, and reads one when it is
// asked for. [BandaiNamco] and [CMU] know the names of files of their data sets,
// [Folder] takes any. [Set.Split] deals clips to training, validation and testing by
// a seed, [Set.ByTake] by takes, [Set.Parts] by a [Protocol]. [Open] gives a folder or
// zip archive as a file system.
//
// [Load] gives the sets that have a name (mtvcrafter-clips, bandai-namco, cmu-dances), of
// which [Describe] tells what is known: an [Info]. Their files are looked for in a folder,
// or else in $GRAFT_DATA and the cache: in the folder itself, in the set's own below it, and
// in that below its folder motion. [ReadFile] reads a single file as a set's are read.
//
// # Use
//
//	files, closer, err := clips.Open("bandai-namco.zip")
//	if err != nil {
//		return err
//	}
//	defer closer.Close()
//	set, err := clips.BandaiNamco(files, clips.Options{})
//	if err != nil {
//		return err // names the file
//	}
//	for _, i := range set.Split(clips.SplitOptions{Seed: 1}).Train {
//		clip, err := set.Load(i)
//		if err != nil {
//			return err
//		}
//		learn(clip, set.Items[i].Content)
//	}
//
// # Data sets
//
//	set                    files                                  labels
//	Bandai-Namco           dataset-2_walk_active_001.bvh          content, style
//	CMU                    02_01.bvh, cmu_12_01_walk.bvh          content, where a word or folder tells it
//	any folder             walk/a.bvh, walk/b.csv                 content: the folder
//
// The set of Bandai Namco (github.com/BandaiNamcoResearchInc/Bandai-Namco-Research-
// Motiondataset, CC BY-NC 4.0) has 30 frames a second, centimetres and no official
// split. Files of the CMU Graphics Lab Motion Capture Database (mocap.cs.cmu.edu, free
// for any use) come with one of two skeletons: that of cgspeed.com, whose unit is
// 0.0254/0.45 metres and whose first frame is a T-pose that is dropped here, and one
// of DAZ's programs in centimetres. Nearly all say 120 frames a second.
//
// # Errors
//
// A folder without clips and a file whose name or content is wrong is a
// [*motion.FileError] that names the file. An unknown name is a *datasets.UnknownError with
// the nearest known one, a set that is not there a *datasets.MissingError with the folders
// tried and what to get.
//
// # Imports
//
// datasets, motion and packages below it, internal packages.
package clips
