package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/imagesets"
	"github.com/graft-ml/graft/report"
	visionstudy "github.com/graft-ml/graft/studies/vision"
	"github.com/graft-ml/graft/vision/images"
)

const visionManual = `Trains one small vision transformer for each way to tell it where patches are
and tests it on images of the resolution that it was trained on, on larger
ones that it never saw, and on images that are shifted. Nothing but the way
differs: all models have as many parameters, by the width of their
feed-forward parts, and learn from the same images, cropped and mirrored
alike, in the same order.

The ways are the encodings of two dimensions; conv, a convolution of patches
in the place of an encoding; and polyphase, which has that and cuts every
image into patches where its content says, so that a circular shift by whole
pixels does not change the class, but where the content says two things at
once: one in a hundred drawings of MNIST. @linear behind a name is the linear
attention of LightNet instead of softmax, settings stand behind colons:
md-lrpe@linear, mixed-rope:base=100. --list names all, and says what each
does with more patches than it was trained on.

It prints the share of test images that are told right at each resolution,
and a second table of shifts: the share of shifts after which an image has
the class that it had (kept), the share of pairs of shifts with one class
(alike), and the accuracy on shifted images. Larger images are the same
images resized.

--dataset is one of "graft datasets list --of images", or folder for images
of your own: --data then names a folder with a folder of images for each
class, or a CSV file of paths and labels. cifar-10-subset, the default, is as
much of CIFAR-10 as there is. The models are small and the steps few: the
figures compare encodings, and are no record on any set.

The defaults take a bit more than half an hour of one processor: a step of
most takes about 0.1 s of one, of seqpe 0.15, of the comropes 0.27, and of
liere, which is not among the defaults, 1.1.

With --out the results, and the model that is being trained, are kept in a
folder: the same command goes on there after an interruption, and encodings
and seeds may be added.

Examples:

   graft bench vision --data DIR --out runs/vision --plot vision.png
   graft bench vision --encodings learned,axial-rope,polyphase --seeds 3
   graft bench vision --dataset fashion-mnist --images 10000 --test 2000 --resolutions 36,56
   graft bench vision --dataset folder --data photos --size 64 --patch 8`

// defaultImages is the set that encodings are compared on.
const defaultImages = "cifar-10-subset"

// folderImages is the name of images of one's own.
const folderImages = "folder"

func (p *program) visionCommand() *cli.Command {
	return &cli.Command{
		Name: "vision", Usage: "train on images, test on larger and on shifted ones, an encoding a row", Description: visionManual,
		Flags: trialFlags(trialDefaults{models: "encoding", steps: "1200", lr: "0.002", layers: "4", width: "64", heads: "4", plot: "accuracy by encoding"},
			&cli.BoolFlag{Name: "list", Usage: "say which encodings there are, and train nothing"},
			&cli.StringFlag{Name: "encodings", Usage: "`NAMES` with commas between them", DefaultText: "most"},
			&cli.StringFlag{Name: "dataset", Value: defaultImages, Usage: "`NAME` of the set of images, or folder"},
			dataFlag(),
			&cli.IntFlag{Name: "images", Usage: "learn from `N` images, evenly spread (default: all)"},
			&cli.IntFlag{Name: "test", Usage: "test on `N` images, evenly spread (default: all)"},
			&cli.IntFlag{Name: "size", Usage: "height and width to learn, `N` pixels (default: those of the set, 32 for folder)"},
			&cli.StringFlag{Name: "resolutions", Usage: "those to test at beside that, `N,N...`", DefaultText: "1.25, 1.5 and 2 times as many"},
			&cli.IntFlag{Name: "shifts", Usage: "`N` shifts of each test image, 0 for none", DefaultText: "4"},
			&cli.IntFlag{Name: "patch", Usage: "height and width of a patch, `N` pixels", DefaultText: "4"},
			&cli.IntFlag{Name: "batch", Usage: "`N` images a step", DefaultText: "64"},
			&cli.IntFlag{Name: "crop", Usage: "crop training images out of `N` pixels of black around them", DefaultText: "an eighth of the size"},
			&cli.Float64Flag{Name: "flip", Usage: "`SHARE` of training images that are mirrored", DefaultText: "0.5, and 0 for mnist"},
		),
		Action: p.benchVision, BashComplete: p.completeVision,
	}
}

func (p *program) benchVision(c *cli.Context) error {
	_, format, err := argumentsAndFormat(c, 0, 0)
	if err != nil {
		return err
	}
	if c.Bool("list") {
		return p.listVision(format)
	}
	s, err := visionStudyOf(c)
	if err == nil {
		err = checkPlot(c)
	}
	if err != nil {
		return err
	}
	if s.Set, err = imagesOf(c); err != nil {
		return err
	}
	defer s.Set.Close() // only read from: closing cannot lose anything
	if err := augment(c, &s); err != nil {
		return err
	}
	if s, err = s.WithDefaults(); err == nil {
		err = s.Check()
	}
	if err != nil {
		return misuse("%s: %s", commandPath(c), message(err))
	}
	for _, note := range s.Set.Notes {
		fmt.Fprintln(p.errOut, "Note: "+note)
	}
	return runTrials(p, c, format, trials[visionstudy.Cell, visionstudy.Progress]{
		run: func(ctx context.Context, onProgress func(visionstudy.Progress), onCell func(visionstudy.Cell) error) ([]visionstudy.Cell, error) {
			s.OnProgress, s.OnCell = onProgress, onCell
			return s.Run(ctx)
		},
		progress: seeingLine, line: seenLine, records: resolutionsTable,
		tables: func(cells []visionstudy.Cell) []report.Table { return visionTables(s, cells) },
		plot:   func(path string, cells []visionstudy.Cell) error { return plotVision(path, s, cells) },
	})
}

// visionStudyOf makes the study of the options, but for what depends on the images.
func visionStudyOf(c *cli.Context) (visionstudy.Study, error) {
	s := visionstudy.Study{Seeds: []uint64{1}, Dir: c.String("out")}
	err := positive(c, []wholeFlag{
		{"steps", &s.Steps}, {"batch", &s.BatchSize}, {"size", &s.Size}, {"layers", &s.Model.Layers}, {"width", &s.Model.Width},
		{"heads", &s.Model.Heads}, {"patch", &s.Model.PatchHeight},
	})
	if err == nil {
		s.Seeds, err = seedsOf(c, s.Seeds)
	}
	if err == nil {
		s.LR, err = rateOf(c, 0)
	}
	if err == nil {
		s.Resolutions, err = numbersOf(c, "resolutions")
	}
	if err != nil {
		return s, err
	}
	if c.IsSet("shifts") {
		if s.Shifts = c.Int("shifts"); s.Shifts < 0 {
			return s, misuse("%s: --shifts %d: want a number of shifts, or 0 for none", commandPath(c), s.Shifts)
		} else if s.Shifts == 0 {
			s.Shifts = visionstudy.None
		}
	}
	if c.IsSet("encodings") {
		for _, name := range list(c.String("encodings")) {
			subject, err := visionstudy.SubjectByName(name)
			if err != nil {
				return s, misuse("%s: %s (%[1]s --list has them all)", commandPath(c), message(err))
			}
			s.Subjects = append(s.Subjects, subject)
		}
	}
	return s, nil
}

// imagesOf loads the set of the options.
func imagesOf(c *cli.Context) (*imagesets.Set, error) {
	var limit datasets.Limit
	err := positive(c, []wholeFlag{{"images", &limit.Train}, {"test", &limit.Test}})
	if err != nil {
		return nil, err
	}
	name, dir := c.String("dataset"), c.String("data")
	if name == folderImages {
		if dir == "" {
			return nil, misuse("%s: --dataset %s wants --data DIR, with a folder of images for each class, or a CSV file of paths and labels", commandPath(c), name)
		}
		// Nothing is chosen on images to validate on: all are learned from.
		return imagesets.Open(c.Context, dir, imagesets.OwnOptions{ValShare: imagesets.None, Limit: limit})
	}
	set, err := imagesets.Load(c.Context, name, imagesets.Options{Dir: dir, Protocol: imagesets.PublishedSplit, Limit: limit})
	if unknown := (*datasets.UnknownError)(nil); errors.As(err, &unknown) {
		unknown.Known = append(unknown.Known, folderImages)
	}
	return set, err
}

// augment takes over what is set of the augmentation.
func augment(c *cli.Context, s *visionstudy.Study) error {
	if !c.IsSet("crop") && !c.IsSet("flip") {
		return nil
	}
	full, err := s.WithDefaults()
	if err != nil {
		return misuse("%s: %s", commandPath(c), message(err))
	}
	a := *full.Augmentation
	if c.IsSet("crop") {
		a.Crop = images.Crop{Padding: c.Int("crop")}
	}
	if c.IsSet("flip") {
		a.Flip = c.Float64("flip")
	}
	s.Augmentation = &a
	return nil
}

// listVision prints what can be compared.
func (p *program) listVision(format report.Format) error {
	t := report.Table{Columns: []report.Column{{Key: "name"}, {Key: "default"}, {Key: "linear"}, {Key: "about", Wrap: 50}, {Key: "larger", Heading: "larger images", Wrap: 30}}}
	for _, k := range visionstudy.List() {
		t.Add(k.Name, k.Default, k.Linear, k.About, k.Beyond)
	}
	return t.Write(p.out, format)
}

// completeVision completes encodings behind --encodings, sets behind --dataset, and options.
func (p *program) completeVision(c *cli.Context) {
	switch p.wordBefore() {
	case "--encodings", "-encodings":
		fmt.Fprintln(c.App.Writer, strings.Join(visionstudy.Names(), "\n"))
	case "--dataset", "-dataset":
		fmt.Fprintln(c.App.Writer, strings.Join(append(imagesets.Names(), folderImages), "\n"))
	default:
		p.completeFlags(c)
	}
}
