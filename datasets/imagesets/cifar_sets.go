package imagesets

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/graft-ml/graft/datasets"
)

// Where figures come from.
const (
	kentaroy = "kentaroy47/vision-transformers-cifar10 README"
	kuangliu = "kuangliu/pytorch-cifar README"
)

// cifarNotes is about what is usual with CIFAR.
const cifarNotes = "Usual augmentation: 4 pixels of padding, random crop of 32 x 32, horizontal flip. "

var cifar10Info = Info{
	Name: "cifar-10", Title: "CIFAR-10: photographs of animals and vehicles, colour, 32 x 32",
	Train: 45_000, Val: 5_000, Test: 10_000, Height: 32, Width: 32, Channels: 3,
	Classes: []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"},
	Mean:    []float64{0.4914, 0.4822, 0.4465}, Std: []float64{0.2470, 0.2435, 0.2616},
	Metric: "accuracy", SplitRule: splitRule, Protocols: []Protocol{HeldOut, PublishedSplit},
	Folder: "cifar10",
	Files: []File{{Name: "cifar-10-binary.tar.gz", URL: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
		Size: 170_052_171, MD5: "c32a1d4ab5d03f1284b67883e8d87530"}},
	Published: []Figure{
		{"ViT, patch 4, 200 epochs", 80, kentaroy},
		{"ViT, patch 4, 500 epochs", 85, kentaroy},
		{"ViT, patch 4, 1000 epochs", 89, kentaroy},
		{"MLP-Mixer", 88, kentaroy},
		{"Swin-T", 90, kentaroy},
		{"ConvMixer-tiny", 96.3, kentaroy},
		{"ViT, 6.3 million parameters, AutoAugment, label smoothing, 200 epochs", 90.92, "omihub777/ViT-CIFAR README"},
		{"VGG16", 92.64, kuangliu},
		{"ResNet18", 93.02, kuangliu},
		{"PreActResNet18", 95.11, kuangliu},
		{"DLA", 95.47, kuangliu},
		{"ViT-H/14, pre-trained on JFT", 99.5, quoted},
	},
	Licence: "none stated by the authors (cite Krizhevsky 2009)",
	Origin:  "the binary form of CIFAR-10 (Krizhevsky 2009), packed or as its folder cifar-10-batches-bin",
	Notes:   cifarNotes + "Figures are of models trained on all 50,000 images without others, unless they say so.",
}

var cifar10SubsetInfo = Info{
	Name: "cifar-10-subset", Title: "part of CIFAR-10: any number of records of the official files",
	Train: 6_340, Val: 704, Test: 761, Height: 32, Width: 32, Channels: 3,
	Classes: cifar10Info.Classes, Mean: cifar10Info.Mean, Std: cifar10Info.Std,
	Metric: "accuracy", SplitRule: splitRule, Protocols: []Protocol{HeldOut, PublishedSplit},
	Folder: "cifar10",
	Files: []File{{Name: "cifar-10-binary-subset.tar.gz", Size: 22_078_722,
		SHA256: "231d963ac90951dc099a81f62df41468a00ee18900c16b073034987f4146c9e7"}},
	Licence: cifar10Info.Licence,
	Origin:  "an archive or folder cifar-10-batches-bin in the binary form of CIFAR-10 (Krizhevsky 2009), with as many records as there are",
	Notes: cifarNotes + "The archive of 7,044 training and 761 test images has the beginnings of the official files. " +
		"Figures on a part of the set are not figures of CIFAR-10; mean and deviation are those of the whole set.",
}

var cifar100Info = Info{
	Name: "cifar-100", Title: "CIFAR-100: photographs of a hundred things, colour, 32 x 32",
	Train: 45_000, Val: 5_000, Test: 10_000, Height: 32, Width: 32, Channels: 3,
	Classes: cifar100Classes, Mean: []float64{0.5071, 0.4865, 0.4409}, Std: []float64{0.2673, 0.2564, 0.2762},
	Metric: "accuracy", SplitRule: splitRule, Protocols: []Protocol{HeldOut, PublishedSplit},
	Folder: "cifar100",
	Files: []File{{Name: "cifar-100-binary.tar.gz", URL: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
		Size: 168_513_733, MD5: "03b5dce01913d631647c71ecec9e9cb8"}},
	Licence: cifar10Info.Licence,
	Origin:  "the binary form of CIFAR-100 (Krizhevsky 2009), packed or as its folder cifar-100-binary",
	Notes:   cifarNotes + "Options.Coarse takes the twenty superclasses as classes.",
}

// cifarParts are the files of one set, by split.
type cifarParts struct {
	form        cifarForm
	folder      string   // of the files, also in the archive
	archives    []string // names that the archive may have
	train, test []string
}

// parts are the files of a set of CIFAR.
func (e entry) parts() cifarParts {
	if e.info.Name == cifar100Info.Name {
		return cifarParts{cifar100Form, "cifar-100-binary", []string{"cifar-100-binary.tar.gz"}, []string{"train.bin"}, []string{"test.bin"}}
	}
	p := cifarParts{cifar10Form, "cifar-10-batches-bin", []string{"cifar-10-binary.tar.gz"}, nil, []string{"test_batch.bin"}}
	if e.info.Name == cifar10SubsetInfo.Name {
		p.archives = []string{"cifar-10-binary-subset.tar.gz", "cifar-10-binary.tar.gz"}
	}
	for k := range 5 {
		p.train = append(p.train, fmt.Sprintf("data_batch_%d.bin", k+1))
	}
	return p
}

// loadCIFAR reads a set in binary form, from a tar.gz or a folder.
func loadCIFAR(ctx context.Context, e entry, o Options) (*Set, error) {
	parts := e.parts()
	names := append([]string{parts.folder, parts.train[0]}, parts.archives...)
	at, err := locate(o.Dir, e.info, names...)
	if err != nil {
		return nil, withSubset(err, e, o)
	}
	read := map[string]*CIFAR{}
	if strings.HasSuffix(at, ".tar.gz") {
		err = parts.readArchive(ctx, at, read)
	} else {
		if filepath.Base(at) == parts.train[0] {
			at = filepath.Dir(at)
		}
		err = parts.readFolder(ctx, at, read)
	}
	if err != nil {
		return nil, err
	}
	set := &Set{Info: e.info.clone()}
	if o.Coarse {
		set.Info.Classes = append([]string(nil), cifar100Superclasses...)
	}
	for k, files := range [][]string{parts.train, parts.test} {
		joined, err := joinCIFAR(at, read, files, o.Coarse)
		if err != nil {
			return nil, err
		}
		if want := []int{e.info.Train + e.info.Val, e.info.Test}[k]; e.info.Name != cifar10SubsetInfo.Name && joined.Len() != want {
			hint := again
			if e.info.Name == cifar10Info.Name {
				hint += ", or take the set " + cifar10SubsetInfo.Name + ", which may have any number"
			}
			return nil, refused(at, 0, hint, "it has %d %v images, expected %d", joined.Len(), []datasets.Split{datasets.Train, datasets.Test}[k], want)
		}
		if k == 0 {
			set.Train = joined
		} else {
			set.Test = joined
		}
	}
	if e.info.Name == cifar10SubsetInfo.Name {
		set.Notes = append(set.Notes, fmt.Sprintf("%d of 50,000 training and %d of 10,000 test images: figures are not those of CIFAR-10", set.Train.Len(), set.Test.Len()))
	}
	return set, nil
}

// withSubset says in a MissingError of CIFAR-10 that a part of it is there, if it is.
func withSubset(err error, e entry, o Options) error {
	missing := (*datasets.MissingError)(nil)
	if e.info.Name != cifar10Info.Name || !errors.As(err, &missing) {
		return err
	}
	if at, e := locate(o.Dir, cifar10SubsetInfo, "cifar-10-binary-subset.tar.gz"); e == nil {
		missing.Hint = "take the set " + cifar10SubsetInfo.Name + ", which is there: " + at
	}
	return err
}

// wanted tells whether a file belongs to the set.
func (p cifarParts) wanted(file string) bool {
	for _, name := range append(append([]string(nil), p.train...), p.test...) {
		if file == name {
			return true
		}
	}
	return false
}

// readArchive reads the files of a tar.gz.
func (p cifarParts) readArchive(ctx context.Context, archive string, read map[string]*CIFAR) error {
	return readOpen(archive, func(in io.Reader) error {
		files := tar.NewReader(in)
		left := int64(maxUnpacked)
		for {
			if err := ctx.Err(); err != nil {
				return err
			}
			header, err := files.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			name := path.Base(header.Name)
			if header.Typeflag != tar.TypeReg || !p.wanted(name) {
				continue
			}
			shown := archive + "/" + header.Name
			if read[name] != nil {
				return refused(shown, 0, again, "the archive has a second file of that name")
			}
			if left -= header.Size; left < 0 { // a sparse file has more bytes than the archive
				return refused(shown, 0, again, "its files have more than %d bytes", maxUnpacked)
			}
			read[name] = new(CIFAR)
			if err := read[name].read(files, shown, p.form); err != nil {
				return err
			}
		}
	})
}

// readFolder reads the files of a folder.
func (p cifarParts) readFolder(ctx context.Context, folder string, read map[string]*CIFAR) error {
	for _, name := range append(append([]string(nil), p.train...), p.test...) {
		if err := ctx.Err(); err != nil {
			return err
		}
		file := filepath.Join(folder, name)
		read[name] = new(CIFAR)
		if err := readOpen(file, func(in io.Reader) error { return read[name].read(in, file, p.form) }); err != nil {
			return err
		}
	}
	return nil
}

// joinCIFAR lays the records of several files one after another.
func joinCIFAR(at string, read map[string]*CIFAR, files []string, coarse bool) (*CIFAR, error) {
	all := new(CIFAR)
	for _, name := range files {
		c := read[name]
		if c == nil {
			return nil, refused(at, 0, again, "it has no %s", name)
		}
		if c.Len() == 0 {
			return nil, refused(at, 0, again, "%s has no records", name)
		}
		all.height, all.width, all.channels = c.height, c.width, c.channels
		all.pixels = append(all.pixels, c.pixels...)
		all.Labels, all.Coarse = append(all.Labels, c.Labels...), append(all.Coarse, c.Coarse...)
		delete(read, name) // its memory can go
	}
	if coarse {
		all.Labels = all.Coarse
	}
	return all, nil
}
