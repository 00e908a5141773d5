package speed

import (
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/cswin"
)

// batchImages is the size of a small batch of images.
const batchImages = 4

// photographs returns a batch of images of random pixels, of the size that a model is made for, and of classes in turn.
func photographs(m vision.Classifier, size tensor.Size, n int) (*vision.Batch, error) {
	list := make([]vision.Image, n)
	for i := range list {
		list[i] = vision.Image{Height: size.Height, Width: size.Width, Channels: m.Channels(), Label: i % m.Classes(),
			Pixels: values(size.Height*size.Width*m.Channels(), uint64(i))}
	}
	return vision.NewBatch(m, list)
}

// cswinForward measures evaluation passes over a batch, in images a second.
func cswinForward(w *workshop, c cswin.Config, images int) (func() float64, error) {
	m, err := cswin.New(c, workloadSeed)
	if err != nil {
		return nil, err
	}
	batch, err := photographs(m, c.ImageSize(), images)
	if err != nil {
		return nil, err
	}
	tp := tensor.NewTape()
	return func() float64 {
		return float64(images) / w.over(func() {
			tp.Begin(tensor.Pass{})
			m.Forward(tp, batch)
		})
	}, nil
}

// smoothing is that of the labels in DeiT's training.
const smoothing = 0.1

// vitTrain measures training steps on a batch, in images a second.
func vitTrain(w *workshop, c vision.Config, images int) (func() float64, error) {
	m, err := vision.New(c, workloadSeed)
	if err != nil {
		return nil, err
	}
	batch, err := photographs(m, c.ImageSize(), images)
	if err != nil {
		return nil, err
	}
	t := newTrainer(m)
	t.loss = nn.SoftCrossEntropy{Smoothing: smoothing}
	t.train(batch)
	return func() float64 {
		return float64(images) / w.over(func() { t.train(batch) })
	}, nil
}

// imageKinds are the figures of images. The part of the peak that they reach is that of their products.
func imageKinds() []kind {
	forward := func() (float64, error) {
		c := cswin.T()
		ahead, _, err := c.MultiplyAdds(c.ImageSize())
		return 2 * float64(ahead) / 1e9, err
	}
	step := func() (float64, error) {
		c := vision.ViTS()
		ahead, back, err := c.MultiplyAdds(c.ImageSize())
		return 2 * float64(ahead+back) / 1e9, err
	}
	return []kind{
		{Entry: Entry{"cswin_t_forward", imagesUnit, "CSWin-T: evaluation passes over an image of 224 x 224"}, needs: []string{peakName}, giga: forward,
			sample: func(w *workshop) (func() float64, error) { return cswinForward(w, cswin.T(), 1) }},
		{Entry: Entry{"cswin_t_forward_4", imagesUnit, "the same, over 4 images at a time"}, needs: []string{peakName}, giga: forward,
			sample: func(w *workshop) (func() float64, error) { return cswinForward(w, cswin.T(), batchImages) }},
		{Entry: Entry{"vit_s_train", imagesUnit, "ViT-S/16: training steps on 4 images of 224 x 224"}, needs: []string{peakName}, giga: step,
			sample: func(w *workshop) (func() float64, error) { return vitTrain(w, vision.ViTS(), batchImages) }},
	}
}
