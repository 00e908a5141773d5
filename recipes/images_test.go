package recipes

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// writePicture draws stripes, lying ones of class 0 and standing ones of class 1.
func writePicture(t testing.TB, path string, class, number, height, width int) {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			at := y
			if class == 1 {
				at = x
			}
			v := uint8(40 + 30*(number%5) + 80*((at+number)/2%2))
			m.SetNRGBA(x, y, color.NRGBA{v, v / 2, 255 - v, 255})
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, m), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// writePictures makes a folder of two classes.
func writePictures(t testing.TB, dir string, each int) {
	for class, name := range []string{"lying", "standing"} {
		for n := range each {
			writePicture(t, filepath.Join(dir, name, fmt.Sprintf("%02d.png", n)), class, n, 12+n%3, 12)
		}
	}
}

// tinyImages are settings of a model of images that is soon trained.
var tinyImages = []string{"model.layers=1", "model.width=16", "model.heads=2", "schedule.warmup=0", "train.epochs=2", "train.batchSize=8",
	"data.images.size.height=12", "data.images.augment.crop.padding=1", "model.patchHeight=4"}

// TestImagesRun trains on a folder, opens the run, resumes it, evaluates and predicts.
func TestImagesRun(t *testing.T) {
	dir := t.TempDir()
	writePictures(t, filepath.Join(dir, "pictures"), 20)
	r := withSettings(t, "images-vit", append(tinyImages, "data.images.path=pictures", "data.images.mix.mixup=0.2")...)
	ctx := context.Background()
	p, err := r.Plan(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	s := p.Images
	if want := []string{"lying", "standing"}; !reflect.DeepEqual(s.Classes, want) || s.Height != 12 || s.Channels != 3 || s.Measured != p.Task.Train.Len() || s.LargestPixels != 14*12 {
		t.Errorf("schema %+v", s)
	}
	if m := p.Recipe.Model.ViT; m.Classes != 2 || m.Channels != 3 || m.ImageHeight != 12 {
		t.Errorf("model %+v", m)
	}
	if p.Task.Train.Len() != 32 || p.Task.Val.Len() != 4 || p.Task.Test.Len() != 4 {
		t.Errorf("splits of %d, %d, %d", p.Task.Train.Len(), p.Task.Val.Len(), p.Task.Test.Len())
	}
	m, err := p.Memory(ctx)
	if err != nil || m.Bytes < 1<<20 || m.Batch.Graphs != 8 {
		t.Errorf("memory %+v, %v", m, err)
	}
	if err := m.Check(1); err == nil || !strings.Contains(err.Error(), "a batch of split train may have 8 images. Not even one image at a time fits. What helps: make images smaller") {
		t.Errorf("a byte: %v", err)
	}
	p.Options.Dir = filepath.Join(dir, "run")
	result, err := train.Fit(ctx, p.Task, p.Options)
	if err != nil {
		t.Fatal(err)
	}
	trained, err := Open(p.Options.Dir, "best")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(trained.Recipe, p.Recipe) || !reflect.DeepEqual(trained.Images, s) {
		t.Errorf("opened %+v, %+v", trained.Recipe, trained.Images)
	}
	again, err := trained.Plan(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	scores, err := train.Evaluate(ctx, trained.Model, again.Task.Test, again.Task.Loss, []train.Metric{again.Task.Metric}, 4)
	if err != nil || math.Float64bits(scores.Value("loss")) != math.Float64bits(result.Test.Value("loss")) {
		t.Errorf("%v, %v after training, %v", scores, result.Test, err)
	}
	predictPictures(t, trained, filepath.Join(dir, "pictures"))
}

// predictPictures asks for classes and maps of pictures, one of them gray and of another size.
func predictPictures(t *testing.T, trained *Trained, dir string) {
	gray := filepath.Join(t.TempDir(), "gray.png")
	f, err := os.Create(gray)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, image.NewGray(image.Rect(0, 0, 30, 20))), f.Close()); err != nil {
		t.Fatal(err)
	}
	var list []*images.Image
	for _, path := range []string{filepath.Join(dir, "lying", "00.png"), gray} {
		m, err := trained.ReadImage(path)
		if err != nil || m.Height != 12 || m.Width != 12 || m.Channels != 3 {
			t.Fatalf("%s: %+v, %v", path, m, err)
		}
		list = append(list, m)
	}
	rows := 0
	err = trained.PredictImages(context.Background(), list, func(first int, scores *tensor.Tensor) error {
		for k := range scores.Rows() {
			sum := 0.0
			for _, p := range trained.Images.Probabilities(scores.Row(k)) {
				sum += p
			}
			if math.Abs(sum-1) > 1e-12 {
				t.Errorf("probabilities of image %d have the sum %v", first+k, sum)
			}
			rows++
		}
		return nil
	})
	if err != nil || rows != 2 {
		t.Errorf("%d rows, %v", rows, err)
	}
	maps, err := trained.Relevance(list)
	if err != nil || len(maps) != 2 || maps[0].Grid != (tensor.Size{Height: 3, Width: 3}) {
		t.Errorf("maps %+v, %v", maps, err)
	}
	if _, err := trained.ReadImage(filepath.Join(dir, "none.png")); err == nil || !strings.Contains(err.Error(), "none.png") {
		t.Errorf("no such file: %v", err)
	}
}

// interruptedAt ends a run at a step.
func interruptedAt(step int) (context.Context, train.Hooks) {
	ctx, cancel := context.WithCancel(context.Background())
	return ctx, train.Hooks{OnStep: func(i train.StepInfo) error {
		if i.Step == step {
			cancel()
		}
		return nil
	}}
}

// TestImagesResume: a run of augmented and mixed images that is cut short ends with the same bits, with both kinds of model.
func TestImagesResume(t *testing.T) {
	dir := t.TempDir()
	writePictures(t, filepath.Join(dir, "pictures"), 10)
	settings := append(tinyImages, "data.images.path=pictures", "data.images.mix.cutMix=1", "data.images.augment.erase.probability=0.5")
	small := withSettings(t, "images-vit", append(settings, "train.batchSize=1")...) // batches alike in every epoch
	stripes := small
	stripes.Model = Model{Kind: CrossShaped, CSWin: withSettings(t, "fashion-cswin", "model.layers=1,1", "model.heads=2,4", "model.width=8", "model.stripes=1,1").Model.CSWin}
	for _, r := range []Recipe{small, stripes} {
		name := r.Model.Kind.String()
		var results [2]*train.Result
		for k, step := range []int{0, 20} {
			p, err := r.Plan(context.Background(), dir)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			p.Options.Dir = filepath.Join(dir, fmt.Sprint(name, k))
			ctx := context.Background()
			if step > 0 {
				ctx, p.Options.Hooks = interruptedAt(step)
			}
			results[k], err = train.Fit(ctx, p.Task, p.Options)
			if step == 0 && err != nil || step > 0 && !errors.Is(err, train.ErrInterrupted) {
				t.Fatalf("%s: %v", name, err)
			}
			if step == 0 {
				continue
			}
			kept, err := OpenSchema(p.Options.Dir)
			if err != nil {
				t.Fatal(err)
			}
			if p, err = r.Replan(context.Background(), dir, kept); err != nil {
				t.Fatal(err)
			}
			if results[k], err = train.Resume(context.Background(), p.Task, p.Options, filepath.Join(dir, fmt.Sprint(name, k))); err != nil {
				t.Fatal(err)
			}
		}
		if a, b := results[0].Test.Value("loss"), results[1].Test.Value("loss"); math.Float64bits(a) != math.Float64bits(b) {
			t.Errorf("%s: a loss of %v, resumed of %v", name, a, b)
		}
	}
}

// TestImageEpochs: training images differ from epoch to epoch, also one by one; test images do not.
func TestImageEpochs(t *testing.T) {
	dir := t.TempDir()
	writePictures(t, filepath.Join(dir, "pictures"), 10)
	p, err := withSettings(t, "images-vit", append(tinyImages, "data.images.path=pictures")...).Plan(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	pixels := func(d train.Data, epoch int) []float32 {
		b, err := d.(train.Epochs).PrepareEpoch(epoch, []int{1})
		if err != nil {
			t.Fatal(err)
		}
		return b.(*vision.Batch).Pixels.Data()
	}
	if reflect.DeepEqual(pixels(p.Task.Train, 0), pixels(p.Task.Train, 1)) || !reflect.DeepEqual(pixels(p.Task.Train, 1), pixels(p.Task.Train, 1)) {
		t.Error("training images: want others in another epoch, and the same ones in the same")
	}
	if !reflect.DeepEqual(pixels(p.Task.Test, 0), pixels(p.Task.Test, 1)) {
		t.Error("test images differ from epoch to epoch")
	}
}

// TestImageErrors: what is wrong with settings, and with files.
func TestImageErrors(t *testing.T) {
	dir := t.TempDir()
	writePictures(t, filepath.Join(dir, "two"), 6)
	writePicture(t, filepath.Join(dir, "one", "alone", "a.png"), 0, 0, 8, 8)
	writePictures(t, filepath.Join(dir, "broken"), 6)
	if err := os.WriteFile(filepath.Join(dir, "broken", "lying", "03.png"), []byte("\x89PNG\r\n\x1a\nrubbish"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		settings []string
		want     string
	}{
		{[]string{"data.images.path=one"}, "all images are of one class: there is nothing to learn"},
		{[]string{"data.images.path=broken", "data.images.valShare=-1", "data.images.testShare=-1"}, "03.png"},
		{[]string{"data.images.path=none"}, "none"},
		{[]string{"data.images.path=two", "data.images.classes=lying,sitting"}, "standing"},
		{[]string{"data.images.path=two", "model.classes=3"}, "recipes: model.classes: 3: the images have 2 classes; leave it out"},
		{[]string{"data.images.path=two", "model.encoding=ropes"}, `recipes: model: unknown encoding "ropes"`},
		{[]string{"data.images.path=two", "data.images.size.channels=2"}, "recipes: data.images: Channels"},
		{[]string{"data.images.path=two", "data.images.smoothing=2"}, "recipes: data.images: Smoothing"},
		{[]string{"data.images.path=two", "data.images.valShare=0.6", "data.images.testShare=0.5"}, "leaves nothing to train on"},
		{[]string{"data.images.path=two", "data.images.augment.flip=2"}, "recipes: data.images: Flip"},
		{[]string{"data.images.path=two", "data.images.limits.maxFile=-1"}, "recipes: data.images.limits: MaxFile: -1"},
		{[]string{"data.images.path=two", "data.images.limits.maxPixels=143"}, ".png: the header says 12 by 12 pixels, more than the 143 allowed"},
		{[]string{"data.images.path=two", "data.images.limits.maxMemory=500"}, ".png: decoding 12 by 12 pixels takes 576 B, more than the 500 B allowed"},
		{[]string{"data.images.path=two", "loss=cross-entropy"}, "recipes: loss: cross-entropy wants one class an image"},
		{[]string{"data.images.path=two", "metric=mae"}, "recipes: metric: mae does not measure classes of images: want accuracy"},
	} {
		_, err := withSettings(t, "images-vit", append(tinyImages, test.settings...)...).Plan(context.Background(), dir)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v:\n got %v\nwant %s", test.settings, err, test.want)
		}
	}
	for _, test := range []struct{ path, value, want string }{
		{"data.files.path", "x", "data.kind is image-set: it is about graphs"},
		{"data.questions.together", "2", "data.kind is image-set: it is about tables"},
		{"data.fold", "1", "image sets have no folds"},
		{"model.encodin", "rope", `did you mean "model.encoding"?`},
	} {
		r := FashionViT()
		if err := r.Set(test.path, test.value); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.path, err, test.want)
		}
	}
	if r := withSettings(t, "fashion-vit", "data.name=fashion-mnits"); r.Validate() == nil {
		t.Error("an unknown set was accepted")
	}
}

func FuzzImageSchema(f *testing.F) {
	f.Add([]byte(`{"version":1,"classes":["a","b"],"height":8,"width":8,"channels":1,"mean":[0.5],"std":[0.2],"measured":3,"largestPixels":64}`))
	f.Add([]byte(`{"version":1,"classes":["a"],"height":-1}`))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseImageSchema(text)
		if err != nil {
			return
		}
		back, err := s.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parseImageSchema(back); err != nil || !reflect.DeepEqual(again, s) {
			t.Errorf("read back as %+v, %v", again, err)
		}
	})
}
