// Package imagesets gives images with their classes: the benchmarks of the field by name,
// and sets of the user's own from folders and tables.
//
//	name               images                                      files
//	fashion-mnist      60,000 and 10,000 of clothes, gray          IDX
//	mnist              60,000 and 10,000 of digits, gray           IDX
//	cifar-10           50,000 and 10,000, colour, 10 classes       binary records
//	cifar-100          50,000 and 10,000, colour, 100 classes      binary records
//	cifar-10-subset    as many of CIFAR-10 as there are            binary records
//	cifar-10-jpeg      10,000 and 2,000 of CIFAR-10, lossy         JPEG in class folders
//
// [Describe] has sizes, protocols, published figures, mean and deviation, and the licence of
// each.
//
// # Main types
//
//   - [Set] is a data set: three [Source] values and the [Info] about it, and Notes: what
//     must be said beside any figure measured on it.
//   - [Protocol] is a rule by which a published set is cut into splits; [Options] chooses one.
//   - [Open] reads a set of the user's own: [Folder] takes class folders, [Table] a CSV file
//     of paths and labels, [OpenIDX] two IDX files. [OwnOptions] say how.
//   - [IDX] and [CIFAR] are the formats by themselves.
//
// # Use
//
//	set, err := imagesets.Load(ctx, "fashion-mnist", imagesets.Options{Dir: "data", Seed: 1})
//	if err != nil {
//		return err
//	}
//	defer set.Close()
//	train := images.Pipeline{
//		Source: set.Train, Label: set.Train.Label, Classes: len(set.Info.Classes), Seed: 1,
//		Normalisation: set.Info.Normalisation(), Augmentation: images.CIFARAugmentation(),
//	}
//	fmt.Println(set.Info.Train, set.Counts(datasets.Train), set.Notes)
//
// # Files
//
// A named set's files are looked for in Options.Dir or else $GRAFT_DATA and the cache: in the
// folder itself, in the set's own folder below it (fashion-mnist, mnist, cifar10, cifar100)
// and in that below its folder images. IDX files may be packed by gzip, CIFAR may be its
// tar.gz or the unpacked folder. IDX and CIFAR are held in memory as bytes; image files are
// decoded when an image is asked for (see the Pipeline and Loader of package images), from a
// zip file where they lie in one.
//
// # Randomness
//
// What is held out follows from the seed, the labels and the share alone: of every class so
// many as its share, drawn by a stream of its own.
//
// # Errors
//
// An unknown name is a [*datasets.UnknownError] with the nearest known one; data that is not
// there a [*datasets.MissingError] with the folders tried and what to get, by address, size
// and checksum; a file that cannot be used a [*datasets.FileError] with line or record, reason
// and what to do. An image that cannot be decoded is an [*images.FileError]. Files are not
// trusted: sizes are checked before memory is taken by them, and packed files have a largest
// size unpacked.
//
// # Imports
//
// datasets, vision/images, internal/bounded, internal/nearest and internal/splitmix.
package imagesets
