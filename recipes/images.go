package recipes

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision/images"
)

// Images say where images are, how they are brought to one size, and what becomes of those
// that are learned from. Path, the columns, Classes and TestShare are about images of one's
// own (ImageFiles), Protocol and Coarse about data sets that have a name (ImageSet).
type Images struct {
	// Path is a folder, or a zip file, with a folder of images for each class, or a CSV or TSV
	// file of paths and labels.
	Path string `yaml:"path"`
	// Classes are the classes in order, with commas between them: any other label is refused.
	// Empty takes those that occur.
	Classes string `yaml:"classes"`
	// PathColumn, LabelColumn and SplitColumn name the columns of a table; empty means path,
	// label, and split where there is such a column.
	PathColumn  string `yaml:"pathColumn"`
	LabelColumn string `yaml:"labelColumn"`
	SplitColumn string `yaml:"splitColumn"`
	// ValShare and TestShare are the shares of images that are held out by data.seed to validate
	// and to test on, where the data have no such split; default 0.1, and -1 holds none out.
	ValShare  float64 `yaml:"valShare"`
	TestShare float64 `yaml:"testShare"`
	// Protocol is the rule that cuts a set into splits.
	Protocol imagesets.Protocol `yaml:"protocol"`
	// Coarse takes the twenty superclasses of CIFAR-100 as classes.
	Coarse bool `yaml:"coarse"`

	// Size is what all images are brought to. Height and width of 0 are those of a set's images;
	// images of one's own want a height. Channels of 0 are those of a set, and else 3: gray
	// images are repeated, and colour becomes gray where 1 is asked for.
	Size images.Preparation `yaml:"size"`
	// Augment changes training images at random, anew in every epoch.
	Augment images.Augmentation `yaml:"augment"`
	// Mix joins training images of a batch, and their targets.
	Mix images.Mixing `yaml:"mix"`
	// Smoothing is the share of every training target that is spread over all classes.
	Smoothing float64 `yaml:"smoothing"`
	// CacheMiB is the memory in which image files are kept once they are decoded; default 256.
	// Others are decoded each time they are asked for.
	CacheMiB int `yaml:"cacheMiB"`
	// Limits are how large an image file may be, in pixels and bytes: what is larger is refused.
	// The defaults, for 0, are those of images.Limits.
	Limits images.Limits `yaml:"limits"`
}

const (
	defaultCacheMiB = 256
	colourChannels  = 3
)

// imageDomain is learning classes of images.
type imageDomain struct{}

var _ domain = imageDomain{}

func (imageDomain) items(DataKind) string { return "images" }

func (imageDomain) title(d *Data) string {
	switch {
	case d.Kind == ImageSet:
		return d.Name
	case d.Images.Path == "":
		return "images of one's own"
	}
	return filepath.Base(d.Images.Path)
}

func (imageDomain) foreign(d *Data, key string) string {
	switch key {
	case "files", "neighbours", "standardise":
		return "it is about graphs, and data.kind asks for images: leave it out"
	case "questions", "table":
		return "it is about tables, and data.kind asks for images: leave it out"
	case "motion":
		return "it is about movement, and data.kind asks for images: leave it out"
	case "protocol":
		return "images are split by data.images.protocol: set that"
	case "fold":
		return "image sets have no folds: leave it out"
	case "name":
		if d.Kind == ImageFiles {
			return "it is about data sets that have a name: set data.kind to image-set, or leave it out"
		}
	}
	return ""
}

func (imageDomain) settle(d *Data) {
	d.Files, d.Neighbours, d.Standardise, d.Protocol, d.Fold = files.Options{}, Neighbours{}, false, datasets.DefaultProtocol, 0
	d.Questions, d.Table, d.Motion = Questions{}, records.Options{}, Motion{}
	i := &d.Images
	if i.ValShare == 0 {
		i.ValShare = imagesets.DefaultShare
	}
	if i.CacheMiB == 0 {
		i.CacheMiB = defaultCacheMiB
	}
	if d.Kind == ImageFiles {
		d.Name = ""
		if i.TestShare == 0 {
			i.TestShare = imagesets.DefaultShare
		}
		if i.Size.Channels == 0 {
			i.Size.Channels = colourChannels
		}
	}
}

func (imageDomain) check(r *Recipe) *SettingError {
	i := &r.Data.Images
	if bad := i.checkOrigin(&r.Data); bad != nil {
		return bad
	}
	p := images.Pipeline{Label: func(int) int { return 0 }, Classes: 2, Preparation: i.Size, Augmentation: i.Augment, Mixing: i.Mix, Smoothing: i.Smoothing}
	if err := p.Check(); err != nil {
		return setting("data.images", "%s", optionText(err))
	}
	if err := i.Limits.Check(); err != nil {
		return setting("data.images.limits", "%s", optionText(err))
	}
	switch {
	case i.Size.Channels != 0 && i.Size.Channels != 1 && i.Size.Channels != colourChannels:
		return setting("data.images.size.channels", "%d: want 1, gray, or 3, colour", i.Size.Channels)
	case i.Smoothing >= 1:
		return setting("data.images.smoothing", "%v: want a share below 1", i.Smoothing)
	case i.CacheMiB < 1 || i.CacheMiB > mostCacheMiB:
		return setting("data.images.cacheMiB", "%d: want 1 to %d", i.CacheMiB, mostCacheMiB)
	}
	return nil
}

const mostCacheMiB = 1 << 20

// optionText is the message of an option that makes no sense, without the package.
func optionText(err error) string {
	if bad := (*images.OptionError)(nil); errors.As(err, &bad) {
		return bad.Option + ": " + bad.Reason
	}
	return err.Error()
}

// checkOrigin looks at what says which images there are.
func (i *Images) checkOrigin(d *Data) *SettingError {
	if !(i.ValShare == imagesets.None || i.ValShare > 0 && i.ValShare < 1) {
		return setting("data.images.valShare", "%v: want a share of the images between 0 and 1, or -1 for none", i.ValShare)
	}
	if d.Kind == ImageFiles {
		switch {
		case i.Path == "":
			return setting("data.images.path", "no images: name the folder with a folder of images for each class, or a table of paths and labels")
		case !(i.TestShare == imagesets.None || i.TestShare > 0 && i.TestShare < 1):
			return setting("data.images.testShare", "%v: want a share of the images between 0 and 1, or -1 for none", i.TestShare)
		case max(i.ValShare, 0)+max(i.TestShare, 0) >= 1:
			return setting("data.images.testShare", "%v, beside data.images.valShare %v, leaves nothing to train on", i.TestShare, i.ValShare)
		case i.Size.Height == 0 && i.Size.Width == 0:
			return setting("data.images.size.height", "0: images of one's own are brought to one size: set it in pixels")
		case i.Coarse || i.Protocol != imagesets.DefaultProtocol:
			return setting("data.images.protocol", "protocol and coarse are about data sets that have a name: leave them out")
		}
		return nil
	}
	if d.Name == "" {
		return setting("data.name", "no data set: choose one of %s", strings.Join(imagesets.Names(), ", "))
	}
	info, err := imagesets.Describe(d.Name)
	if err != nil {
		return setting("data.name", "%s", strings.TrimPrefix(err.Error(), "datasets: "))
	}
	if i.Path != "" || i.Classes != "" || i.PathColumn != "" || i.LabelColumn != "" || i.SplitColumn != "" || i.TestShare != 0 {
		return setting("data.images.path", "path, classes, columns and testShare are about images of one's own: set data.kind to images, or leave them out")
	}
	if i.Protocol != imagesets.DefaultProtocol && !slices.Contains(info.Protocols, i.Protocol) {
		return setting("data.images.protocol", "%v: %s has %v", i.Protocol, info.Name, info.Protocols)
	}
	return nil
}

// checkTask looks at loss and metric, both of which may be left out.
func (imageDomain) checkTask(r *Recipe) *SettingError {
	i := &r.Data.Images
	soft, hard := nn.SoftCrossEntropy{}.Name(), nn.CrossEntropy{}.Name()
	switch {
	case r.Loss != "" && r.Loss != soft && r.Loss != hard:
		return setting("loss", "%s does not fit classes of images: want %s or %s", r.Loss, soft, hard)
	case r.Loss == hard && (i.Mix != images.Mixing{} || i.Smoothing > 0):
		return setting("loss", "%s wants one class an image, and data.images.mix and smoothing make several: want %s", r.Loss, soft)
	case r.Metric != "" && r.Metric != train.Accuracy{}.Name():
		return setting("metric", "%s does not measure classes of images: want %s", r.Metric, train.Accuracy{}.Name())
	}
	return nil
}

func (imageDomain) load(ctx context.Context, r Recipe, dir string, kept []byte) (loaded, error) {
	return r.loadImages(ctx, dir, kept)
}

func (imageDomain) build(r Recipe, kept []byte) (nn.Model, error) {
	if kept == nil {
		return nil, fmt.Errorf("%s is not there, without which nobody knows what the model reads and tells apart; put back the one that training wrote", train.SchemaName)
	}
	s, err := parseImageSchema(kept)
	if err != nil {
		return nil, err
	}
	return newImageModel(&r, s)
}

func (imageDomain) open(t *Trained, kept []byte) (err error) {
	if kept == nil {
		return errNoSchema
	}
	t.Images, err = parseImageSchema(kept)
	return err
}
