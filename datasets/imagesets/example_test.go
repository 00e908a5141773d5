package imagesets_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/vision/images"
)

func ExampleDescribe() {
	info, err := imagesets.Describe("fashion-mnist")
	if err != nil {
		panic(err)
	}
	fmt.Println(info.Title)
	fmt.Println(info.Train, info.Val, info.Test, info.Protocols, info.Licence)
	fmt.Println(info.Classes[9], info.Files[0].Name, info.Files[0].MD5)
	best := info.Published[len(info.Published)-1]
	fmt.Println(best.Model, best.Value)
	_, err = imagesets.Describe("cifar10")
	fmt.Println(err)
	// Output:
	// Fashion-MNIST: photographs of clothes, gray, 28 x 28
	// 54000 6000 10000 [held-out published] MIT (Zalando SE)
	// Ankle boot train-images-idx3-ubyte.gz 8d4fb7e6c68d591d4c3dfef9ec88bf0d
	// WRN-40-4 96.7
	// datasets: unknown data set of images "cifar10"; did you mean "cifar-10"? Known are cifar-10, cifar-10-jpeg, cifar-10-subset, cifar-100, fashion-mnist, mnist
}

func ExampleFolder() {
	dir, err := os.MkdirTemp("", "shapes")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, class := range []string{"circle", "square"} {
		os.Mkdir(filepath.Join(dir, class), 0o755)
		for k := range 10 {
			file, err := os.Create(filepath.Join(dir, class, fmt.Sprintf("%d.png", k)))
			if err != nil {
				panic(err)
			}
			png.Encode(file, image.NewGray(image.Rect(0, 0, 20+k, 30)))
			file.Close()
		}
	}
	set, err := imagesets.Folder(context.Background(), dir, imagesets.OwnOptions{Seed: 1})
	if err != nil {
		panic(err)
	}
	defer set.Close()
	fmt.Println(set.Info.Classes, set.Counts(datasets.Train), set.Counts(datasets.Val), set.Counts(datasets.Test))
	batches := images.Pipeline{Source: set.Train, Label: set.Train.Label, Preparation: images.Preparation{Height: 16, Width: 16}}
	var batch images.Stack
	if err := batches.Fill(&batch, []int{0, 8, 15}, 0); err != nil {
		panic(err)
	}
	fmt.Println(batch.Images, batch.Height, batch.Width, batch.Channels, batch.Labels)
	// Output:
	// [circle square] [8 8] [1 1] [1 1]
	// 3 16 16 1 [0 1 1]
}
