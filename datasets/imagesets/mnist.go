package imagesets

import "context"

// Where figures come from.
const (
	quoted       = "as quoted in the literature"
	fashionTable = "zalandoresearch/fashion-mnist README"
)

var fashionInfo = Info{
	Name: "fashion-mnist", Title: "Fashion-MNIST: photographs of clothes, gray, 28 x 28",
	Train: 54_000, Val: 6_000, Test: 10_000, Height: 28, Width: 28, Channels: 1,
	Classes: []string{"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"},
	Mean:    []float64{0.2860405969887955}, Std: []float64{0.35302424451492237},
	Metric: "accuracy", SplitRule: splitRule, Protocols: []Protocol{HeldOut, PublishedSplit},
	Folder: "fashion-mnist",
	Files: mnistFiles("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", [4]File{
		{Size: 26_421_880, MD5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d", UnpackedMD5: "f4a8712d7a061bf5bd6d2ca38dc4d50a",
			SHA256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"},
		{Size: 29_515, MD5: "25c81989df183df01b3e8a0aad5dffbe", UnpackedMD5: "9018921c3c673c538a1fc5bad174d6f9",
			SHA256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"},
		{Size: 4_422_102, MD5: "bef4ecab320f06d8554ea6380940ec79", UnpackedMD5: "8181f5470baa50b63fa0f6fddb340f0a",
			SHA256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"},
		{Size: 5_148, MD5: "bb300cfdad3c16e7a12a480ee83cd310", UnpackedMD5: "15d484375f8d13e6eb1aabb0c3f46965",
			SHA256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"},
	}),
	Published: []Figure{
		{"logistic regression", 84.2, quoted},
		{"k nearest neighbours", 85.4, quoted},
		{"random forest", 87.3, quoted},
		{"support vectors, RBF", 89.7, quoted},
		{"human", 83.5, fashionTable},
		{"MLP 256-128-100", 88.33, fashionTable},
		{"2 convolutions, fewer than 100 000 parameters", 92.5, fashionTable},
		{"2 convolutions, 3 dense layers, 1.8 million parameters", 93.2, fashionTable},
		{"ResNet18", 94.9, fashionTable + ", with augmentation"},
		{"DenseNet-BC, 768 000 parameters", 95.4, fashionTable + ", with augmentation"},
		{"WRN-28-10 and random erasing", 96.3, fashionTable + ", with augmentation"},
		{"WRN-40-4", 96.7, fashionTable + ", with augmentation"},
	},
	Licence: "MIT (Zalando SE)",
	Origin:  "the four IDX files of Fashion-MNIST (Xiao, Rasul, Vollgraf 2017)",
	Notes:   "Figures are of models trained on all 60,000 images, those with augmentation mostly with random crops, flips and erasing.",
}

var mnistInfo = Info{
	Name: "mnist", Title: "MNIST: handwritten digits, gray, 28 x 28",
	Train: 54_000, Val: 6_000, Test: 10_000, Height: 28, Width: 28, Channels: 1,
	Classes: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
	Mean:    []float64{0.1306604762738429}, Std: []float64{0.3081078038564622},
	Metric: "accuracy", SplitRule: splitRule, Protocols: []Protocol{HeldOut, PublishedSplit},
	Folder: "mnist",
	Files: mnistFiles("https://ossci-datasets.s3.amazonaws.com/mnist/", [4]File{
		{Size: 9_912_422, MD5: "f68b3c2dcbeaaa9fbdd348bbdeb94873", UnpackedMD5: "6bbc9ace898e44ae57da46a324031adb"},
		{Size: 28_881, MD5: "d53e105ee54ea40749a09fcbcd1e9432", UnpackedMD5: "a25bea736e30d166cdddb491f175f624",
			SHA256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"},
		{Size: 1_648_877, MD5: "9fb629c4189551a2d022fa330f9573f3", UnpackedMD5: "2646ac647ad5339dbf082846283269ea",
			SHA256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"},
		{Size: 4_542, MD5: "ec29112dd5afa0611ce80d1b7f02629c", UnpackedMD5: "27ae3e4e09519cfbb04c329615203637",
			SHA256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"},
	}),
	Published: []Figure{{"convolutional networks", 99.7, quoted}},
	Licence:   "commonly given as CC BY-SA 3.0",
	Origin:    "the four IDX files of MNIST (LeCun, Cortes, Burges 1998)",
	Notes:     "Too easy to tell models apart; a first check that a program learns.",
}

// splitRule is that of sets that came as training and test images.
const splitRule = "the published test images; by held-out a tenth of the training images, the same share of every class, drawn by the seed, to validate on"

// mnistNames are the four files, without their ending.
var mnistNames = [4]string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}

// mnistFiles gives the four files their names and addresses.
func mnistFiles(address string, files [4]File) []File {
	for k, name := range mnistNames {
		files[k].Name, files[k].URL = name+".gz", address+name+".gz"
	}
	return files[:]
}

// loadMNIST reads a set of four IDX files.
func loadMNIST(ctx context.Context, e entry, o Options) (*Set, error) {
	var paths [4]string
	for k, name := range mnistNames {
		var err error
		if paths[k], err = locate(o.Dir, e.info, name+".gz", name); err != nil {
			return nil, err
		}
	}
	set := &Set{Info: e.info.clone()}
	for k, source := range []*Source{&set.Train, &set.Test} {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := OpenIDX(paths[2*k], paths[2*k+1], len(e.info.Classes))
		if err != nil {
			return nil, err
		}
		if err := e.checkImages(paths[2*k], s, []int{e.info.Train + e.info.Val, e.info.Test}[k]); err != nil {
			return nil, err
		}
		*source = s
	}
	return set, nil
}

// checkImages refuses another number or size of images than was published.
func (e entry) checkImages(path string, s Source, want int) error {
	if s.Len() != want {
		return refused(path, 0, "this is not the published file: get it again, or read a set of your own with OpenIDX", "it has %d images, expected %d", s.Len(), want)
	}
	m, err := s.Image(0)
	if err != nil {
		return err
	}
	if m.Height != e.info.Height || m.Width != e.info.Width || m.Channels != e.info.Channels {
		return refused(path, 0, again, "its images are %d high, %d wide, with %d channels, expected %d, %d, %d", m.Height, m.Width, m.Channels, e.info.Height, e.info.Width, e.info.Channels)
	}
	return nil
}
