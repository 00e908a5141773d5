package recipes

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/cswin"
	"github.com/graft-ml/graft/vision/images"
)

// ImagesViT is where training on one's own images starts from: a small vision transformer for
// images of 64 by 64 pixels in colour.
func ImagesViT() Recipe {
	r := ownImagesPreset("images-vit", "A small vision transformer for images of your own, a folder for each class or a table of paths and labels")
	r.Model.ViT = smallViT(8)
	r.settle()
	return r
}

// ImagesCSWin is the same with a small CSWin, which has four times as many tokens as that, and fewer
// in every stage.
func ImagesCSWin() Recipe {
	r := ownImagesPreset("images-cswin", "A small CSWin, whose tokens see crosses of stripes, for images of your own, a folder for each class or a table of paths and labels")
	c := cswin.Fine32()
	c.PatchKernel, c.PatchStride = 7, 4 // 16 by 16 tokens of 64 by 64 pixels, as Fine32 has of 32
	r.ofStripes(c, 30)
	r.settle()
	return r
}

// FashionViT learns the ten kinds of clothes of Fashion-MNIST with a small vision transformer.
func FashionViT() Recipe {
	r := imageSetPreset("fashion-vit", "Clothes of Fashion-MNIST by a small vision transformer with rotations of two axes", "fashion-mnist")
	r.Model.ViT = smallViT(4)
	r.settle()
	return r
}

// CIFARViT learns the ten classes of the images of CIFAR-10 that there are with a small vision
// transformer.
func CIFARViT() Recipe {
	r := imageSetPreset("cifar-vit", "Photographs of CIFAR-10, as many as there are, by a small vision transformer with rotations of two axes", "cifar-10-subset")
	r.Data.Images.Augment = images.CIFARAugmentation()
	r.Model.ViT = smallViT(4)
	r.Train.Epochs = 30
	r.settle()
	return r
}

// FashionCSWin learns Fashion-MNIST with a small CSWin.
func FashionCSWin() Recipe {
	r := imageSetPreset("fashion-cswin", "Clothes of Fashion-MNIST by a small CSWin, whose tokens see crosses of stripes", "fashion-mnist")
	r.ofStripes(cswin.Fine28(), 30)
	r.settle()
	return r
}

// CIFARCSWin learns the images of CIFAR-10 that there are with a small CSWin.
func CIFARCSWin() Recipe {
	r := imageSetPreset("cifar-cswin", "Photographs of CIFAR-10, as many as there are, by a small CSWin, whose tokens see crosses of stripes", "cifar-10-subset")
	r.Data.Images.Augment = images.CIFARAugmentation()
	r.ofStripes(cswin.Fine32(), 40)
	r.settle()
	return r
}

// imagePreset begins a preset for images.
func imagePreset(name, about string) Recipe {
	r := preset(name, about)
	r.Model = Model{Kind: VisionTransformer}
	r.Data.Images.Smoothing = 0.1
	r.Loss, r.Metric = nn.SoftCrossEntropy{}.Name(), train.Accuracy{}.Name()
	r.Optim.LR, r.Optim.WeightDecay = 2e-3, 0.05
	r.Schedule.Warmup, r.Schedule.EveryStep = 1, true
	r.Train.Epochs, r.Train.BatchSize, r.Train.EvalBatchSize = 15, 64, 128
	return r
}

// ownImagesPreset begins a preset for images of one's own: 64 by 64 pixels in colour.
func ownImagesPreset(name, about string) Recipe {
	r := imagePreset(name, about)
	r.Data.Kind = ImageFiles
	r.Data.Images.Size = images.Preparation{Height: 64, Channels: colourChannels}
	r.Data.Images.Augment = images.Augmentation{Crop: images.Crop{Padding: 6}, Flip: 0.5}
	r.Train.Epochs = 30
	return r
}

// imageSetPreset begins a preset for a set that has a name.
func imageSetPreset(name, about, set string) Recipe {
	r := imagePreset(name, about)
	r.Data.Kind, r.Data.Name = ImageSet, set
	r.Data.Images.Augment = images.Augmentation{Crop: images.Crop{Padding: 2}, Flip: 0.5}
	return r
}

// smallViT has some two hundred thousand parameters. Its first weights are of one by the root of the width: with 0.02, which
// suits wide models, it learns later.
func smallViT(patch int) ViT {
	return ViT{
		Config:   vision.Config{PatchHeight: patch, Layers: 4, Width: 64, Heads: 4, FFNRatio: 4, Pooling: vision.MeanPool, DropPath: 0.05, InitStd: 0.125},
		Encoding: "axial-rope",
	}
}

// ofStripes makes the preset one of a small CSWin, but for what the data decides of it.
func (r *Recipe) ofStripes(c cswin.Config, epochs int) {
	c.Classes, c.Channels, c.ImageHeight, c.ImageWidth = 0, 0, 0, 0
	r.Model = Model{Kind: CrossShaped, CSWin: c}
	r.Optim.LR = 3e-3
	r.Train.Epochs, r.Train.BatchSize = epochs, 128
}
