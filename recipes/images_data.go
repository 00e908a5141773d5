package recipes

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/internal/held"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// imageData is the images of a recipe.
type imageData struct {
	recipe  Recipe // with what the data decides
	set     *imagesets.Set
	schema  *ImageSchema
	sources [3]imagesets.Source // those of set, files of which are kept once they are decoded
	files   bool                // images are decoded when they are asked for
	cache   int64               // bytes that decoded files may take
}

var _ loaded = (*imageData)(nil)

// mostMeasured is the most training images that means and deviations are measured on. They
// are spread evenly over the split.
const mostMeasured = 10_000

// loadImages opens a set, and measures its training images where that was not kept.
func (r Recipe) loadImages(ctx context.Context, dir string, kept []byte) (loaded, error) {
	d := &imageData{recipe: r}
	var err error
	if kept != nil {
		if d.schema, err = parseImageSchema(kept); err != nil {
			return nil, err
		}
	}
	// An archive stays open as long as the program runs: images are read from it until then.
	if d.set, err = r.openImages(ctx, dir, d.schema); err != nil {
		return nil, err
	}
	switch info := d.set.Info; {
	case len(info.Classes) < leastClasses:
		return nil, fmt.Errorf("recipes: %s: all images are of one class: there is nothing to learn; want a folder, or a label, for each of several classes", r.Data.Title())
	case d.set.Train.Len() == 0:
		return nil, fmt.Errorf("recipes: %s: there are no training images", r.Data.Title())
	case d.schema != nil:
		if err := d.schema.sameClasses(info.Classes); err != nil {
			return nil, err
		}
	default:
		if err := d.measure(ctx); err != nil {
			return nil, err
		}
	}
	if d.recipe.Loss == "" {
		d.recipe.Loss = nn.SoftCrossEntropy{}.Name()
	}
	if d.recipe.Metric == "" {
		d.recipe.Metric = train.Accuracy{}.Name()
	}
	if bad := d.recipe.Model.images().reads().fit(d.schema); bad != nil {
		return nil, bad
	}
	d.keepDecoded()
	return d, nil
}

// openImages gives the set, with the classes of a schema where there is one.
func (r Recipe) openImages(ctx context.Context, dir string, known *ImageSchema) (*imagesets.Set, error) {
	i := r.Data.Images
	decode := images.DecodeOptions{Channels: i.Size.Channels, Limits: i.Limits}
	if r.Data.Kind == ImageSet {
		return imagesets.Load(ctx, r.Data.Name, imagesets.Options{
			Dir: dir, Protocol: i.Protocol, ValShare: i.ValShare, Seed: r.Data.Seed, Coarse: i.Coarse, Decode: decode, Limit: r.Data.limit(),
		})
	}
	path := i.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	o := imagesets.OwnOptions{
		PathColumn: i.PathColumn, LabelColumn: i.LabelColumn, SplitColumn: i.SplitColumn, ValShare: i.ValShare, TestShare: i.TestShare,
		Seed: r.Data.Seed, Decode: decode, Limit: r.Data.limit(),
	}
	if known != nil {
		o.Classes = known.Classes
	} else if i.Classes != "" {
		for class := range strings.SplitSeq(i.Classes, ",") {
			o.Classes = append(o.Classes, strings.TrimSpace(class))
		}
	}
	return imagesets.Open(ctx, path, o)
}

// measure learns the size of images, and the means and deviations of their channels.
func (d *imageData) measure(ctx context.Context) error {
	sample := &sampled{Source: d.set.Train, n: min(d.set.Train.Len(), mostMeasured)}
	first, err := sample.Image(0)
	if err != nil {
		return fmt.Errorf("recipes: %w", err)
	}
	size := d.recipe.Data.Images.Size
	if first, err = size.Apply(first); err != nil {
		return fmt.Errorf("recipes: %w", err)
	}
	s := &ImageSchema{Version: imageSchemaVersion, Classes: d.set.Info.Classes, Height: first.Height, Width: first.Width, Channels: first.Channels, Measured: sample.n}
	if s.Channels != 1 && s.Channels != colourChannels {
		return fmt.Errorf("recipes: %s: images have %d channels: want 1 or 3", d.recipe.Data.Title(), s.Channels)
	}
	n, err := images.Measure(ctx, sample, size)
	if err != nil {
		return fmt.Errorf("recipes: means and deviations of the training images: %w", err)
	}
	s.Mean, s.Std, s.LargestPixels = n.Mean, n.Std, int(sample.largest.Load())
	d.schema = s
	return nil
}

// sampled is some images of a source, evenly spaced, that notes how large they are.
type sampled struct {
	imagesets.Source
	n       int
	largest atomic.Int64 // pixels
}

func (s *sampled) Len() int { return s.n }

func (s *sampled) Image(i int) (*images.Image, error) {
	m, err := s.Source.Image(i * s.Source.Len() / s.n)
	if err != nil {
		return nil, err
	}
	for {
		was, is := s.largest.Load(), int64(m.Height)*int64(m.Width)
		if is <= was || s.largest.CompareAndSwap(was, is) {
			return m, nil
		}
	}
}

// bytes is the size of a prepared image.
func (d *imageData) bytes() int64 {
	return int64(d.schema.Height) * int64(d.schema.Width) * int64(d.schema.Channels)
}

// keepDecoded has images that are decoded when they are asked for kept, as far as there is
// room for them.
func (d *imageData) keepDecoded() {
	total := 0
	for s := range d.sources {
		d.sources[s] = d.set.Split(datasets.Split(s))
		total += d.sources[s].Len()
	}
	d.files = held.Bytes(d.set) < int64(total)*d.bytes()/2
	if !d.files {
		return
	}
	d.cache = min(int64(d.recipe.Data.Images.CacheMiB)<<20, int64(total)*d.bytes())
	for s, source := range d.sources {
		part := d.cache / int64(total) * int64(source.Len())
		d.sources[s] = decoded{images.Cached(source, d.recipe.Data.Images.Size, part), source}
	}
}

// decoded is a source whose images are prepared, with its labels.
type decoded struct {
	images.Source
	of imagesets.Source
}

func (d decoded) Label(i int) int { return d.of.Label(i) }

// pipeline prepares the images of a split.
func (d *imageData) pipeline(s datasets.Split) *images.Pipeline {
	source, i := d.sources[s], d.recipe.Data.Images
	p := &images.Pipeline{Source: source, Label: source.Label, Classes: len(d.schema.Classes), Normalisation: d.schema.normalisation(), Seed: d.recipe.Train.Seed}
	if !d.files {
		p.Preparation = i.Size
	}
	if s == datasets.Train {
		p.Augmentation, p.Mixing, p.Smoothing = i.Augment, i.Mix, i.Smoothing
	}
	return p
}

func (d *imageData) settled() Recipe { return d.recipe }

func (d *imageData) tell(p *Plan) {
	p.Images, p.Notes = d.schema, d.set.Notes
	p.Facts = []Fact{{"images", d.schema.String()}, {"to predict", d.schema.classText()}, {"split", d.set.Info.SplitRule}}
}

func (d *imageData) keep() ([]byte, error) { return d.schema.Marshal() }

func (d *imageData) build() (nn.Model, error) { return newImageModel(&d.recipe, d.schema) }

// task puts the data together with a model.
func (d *imageData) task(model nn.Model) (train.Task, error) {
	task := train.Task{Model: model}
	var err error
	if task.Loss, err = nn.ParseLoss(d.recipe.Loss); err != nil {
		return train.Task{}, setting("loss", "%s", err)
	}
	if task.Metric, err = train.ParseMetric(d.recipe.Metric); err != nil {
		return train.Task{}, setting("metric", "%s", err)
	}
	for s, to := range [3]*train.Data{&task.Train, &task.Val, &task.Test} {
		split := datasets.Split(s)
		if d.sources[s].Len() == 0 {
			continue
		}
		if *to, err = d.data(model, split); err != nil {
			return train.Task{}, fmt.Errorf("recipes: split %v: %w", split, err)
		}
	}
	return task, nil
}

// data is that of a split for a model.
func (d *imageData) data(model nn.Model, s datasets.Split) (*vision.Data, error) {
	m, ok := model.(vision.Classifier)
	if !ok {
		return nil, fmt.Errorf("the model does not fit the data: it is a %T, and images want a vision.Classifier", model)
	}
	return vision.NewData(m, vision.FromPipeline(d.pipeline(s)))
}
