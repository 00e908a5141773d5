package imagesets

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/vision/images"
)

// stored gives the folder of images in the shared data: under $GRAFT_DATA, else beside the
// module. The test is skipped where there is none.
func stored(t *testing.T) string {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(root, "images")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("no folder %s; set GRAFT_DATA to the data folder", path)
	}
	return path
}

// expectation is what expected.json says of one file.
type expectation struct {
	Shape         []int
	MD5           string  `json:"md5_uncompressed"`
	RecordsMD5    string  `json:"md5"`
	ByteSum       int     `json:"byte_sum"`
	FirstImageSum int     `json:"first_image_sum"`
	Row14         []int   `json:"first_image_row14"`
	Mean          float64 `json:"mean_div255"`
	Std           float64 `json:"std_div255"`
	First10       []int
	Counts        []int

	Records       int
	First10Labels []int `json:"first10_labels"`
	LabelCounts   []int `json:"label_counts"`
	FirstPixel    []int `json:"first_record_pixel0_rgb"`
	LastPixel     []int `json:"first_record_last_pixel_rgb"`
	PixelSum      int   `json:"pixel_sum"`
}

// expected reads one part of expected.json.
func expected(t *testing.T, part string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stored(t), "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(all[part], into); err != nil {
		t.Fatal(err)
	}
}

func sum(pixels []uint8) (total int) {
	for _, v := range pixels {
		total += int(v)
	}
	return total
}

func ints(pixels []uint8) (list []int) {
	for _, v := range pixels {
		list = append(list, int(v))
	}
	return list
}

// tally counts labels.
func tally(s Source, classes int) []int {
	counts := make([]int, classes)
	for i := range s.Len() {
		counts[s.Label(i)]++
	}
	return counts
}

func TestStoredIDX(t *testing.T) {
	for _, name := range []string{"fashion-mnist", "mnist"} {
		var files map[string]expectation
		expected(t, name, &files)
		if len(files) != 4 {
			t.Fatalf("%s: %d files", name, len(files))
		}
		info, err := Describe(name)
		if err != nil {
			t.Fatal(err)
		}
		for file, want := range files {
			x, err := ReadIDXFile(filepath.Join(stored(t), name, file))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(x.Shape, want.Shape) || sum(x.data) != want.ByteSum {
				t.Errorf("%s %s: shape %v, sum %d, expected %v, %d", name, file, x.Shape, sum(x.data), want.Shape, want.ByteSum)
			}
			k := slices.IndexFunc(info.Files, func(f File) bool { return f.Name == file })
			if k < 0 || info.Files[k].UnpackedMD5 != want.MD5 {
				t.Errorf("%s %s: the md5 is %s", name, file, want.MD5)
			}
			if want.First10 != nil {
				checkLabels(t, x, want)
				continue
			}
			checkPixels(t, x, want)
			if strings.HasPrefix(file, "train") && (math.Abs(info.Mean[0]-want.Mean) > 1e-12 || math.Abs(info.Std[0]-want.Std) > 1e-12) {
				t.Errorf("%s: mean %v, deviation %v, expected %v, %v", name, info.Mean, info.Std, want.Mean, want.Std)
			}
		}
	}
}

func checkLabels(t *testing.T, x *IDX, want expectation) {
	t.Helper()
	labels, err := x.Labels()
	if err != nil || !slices.Equal(labels[:10], want.First10) {
		t.Errorf("labels %v, %v, expected %v", labels[:10], err, want.First10)
	}
	if got := tally(Labelled(packed{1, 1, 1, x.data}, labels), 10); !slices.Equal(got, want.Counts) {
		t.Errorf("%v of each class, expected %v", got, want.Counts)
	}
}

func checkPixels(t *testing.T, x *IDX, want expectation) {
	t.Helper()
	source, err := x.Images()
	if err != nil {
		t.Fatal(err)
	}
	m, err := source.Image(0)
	if err != nil || m.Check() != nil {
		t.Fatal(err, m.Check())
	}
	if got := ints(m.Bytes[14*28 : 15*28]); sum(m.Bytes) != want.FirstImageSum || !slices.Equal(got, want.Row14) {
		t.Errorf("first image: sum %d, row 14 %v", sum(m.Bytes), got)
	}
	scale, err := images.Measure(context.Background(), source, images.Preparation{})
	if err != nil || math.Abs(scale.Mean[0]-want.Mean) > 1e-10 || math.Abs(scale.Std[0]-want.Std) > 1e-10 {
		t.Errorf("mean, deviation %+v, %v, expected %v, %v", scale, err, want.Mean, want.Std)
	}
}

func TestStoredCIFAR(t *testing.T) {
	var files map[string]expectation
	expected(t, "cifar-10-binary-subset", &files)
	set, err := Load(context.Background(), "cifar-10-subset", Options{Dir: stored(t), Protocol: PublishedSplit})
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 7044 || set.Val.Len() != 0 || set.Test.Len() != 761 || len(set.Notes) != 1 {
		t.Fatalf("%d, %d, %d images, notes %v", set.Train.Len(), set.Val.Len(), set.Test.Len(), set.Notes)
	}
	at := 0
	for _, name := range append(cifarFiles(), "test_batch.bin") {
		want, source := files["cifar-10-batches-bin/"+name], set.Train
		if name == "test_batch.bin" {
			source, at = set.Test, 0
		}
		items := make([]int, want.Records)
		for k := range items {
			items[k] = at + k
		}
		at += want.Records
		checkRecords(t, name, part{source, items}, want)
	}
}

func cifarFiles() []string { return entry{info: cifar10Info}.parts().train }

func checkRecords(t *testing.T, name string, s Source, want expectation) {
	t.Helper()
	if want.Records == 0 {
		t.Fatalf("%s: nothing is expected", name)
	}
	total := 0
	sums := md5.New()
	for i := range s.Len() {
		m, err := s.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		total += sum(m.Bytes)
		sums.Write([]byte{byte(s.Label(i))})
		for c := range 3 {
			plane := make([]byte, 0, cifarPlane)
			for k := c; k < len(m.Bytes); k += 3 {
				plane = append(plane, m.Bytes[k])
			}
			sums.Write(plane)
		}
		if i < 10 && s.Label(i) != want.First10Labels[i] {
			t.Errorf("%s: label %d is %d, expected %d", name, i, s.Label(i), want.First10Labels[i])
		}
		if first, last := ints(m.Bytes[:3]), ints(m.Bytes[len(m.Bytes)-3:]); i == 0 && (!slices.Equal(first, want.FirstPixel) || !slices.Equal(last, want.LastPixel)) {
			t.Errorf("%s: first pixel %v, last %v, expected %v, %v", name, first, last, want.FirstPixel, want.LastPixel)
		}
	}
	if got := tally(s, 10); total != want.PixelSum || !slices.Equal(got, want.LabelCounts) {
		t.Errorf("%s: pixel sum %d, labels %v, expected %d, %v", name, total, got, want.PixelSum, want.LabelCounts)
	}
	if got := hex.EncodeToString(sums.Sum(nil)); got != want.RecordsMD5 {
		t.Errorf("%s: written again the md5 is %s, expected %s", name, got, want.RecordsMD5)
	}
}

func TestStoredJPEG(t *testing.T) {
	var want struct {
		Train, Test int
		Size        []int `json:"image_size"`
	}
	expected(t, "cifar10-jpeg-10k-2k", &want)
	set, err := Load(context.Background(), "cifar-10-jpeg", Options{Dir: stored(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer set.Close()
	if got := set.Train.Len() + set.Val.Len(); got != want.Train || set.Val.Len() != 1000 || set.Test.Len() != want.Test || len(set.Notes) != 1 {
		t.Errorf("%d and %d images, notes %v", got, set.Test.Len(), set.Notes)
	}
	for split, each := range []int{900, 100, 200} {
		for class, n := range set.Counts(datasets.Split(split)) {
			if n != each {
				t.Errorf("%v: %d images of class %d, expected %d", datasets.Split(split), n, class, each)
			}
		}
	}
	n := 0
	err = images.Loader{Source: set.Test, Workers: 3}.Each(context.Background(), func(item int, m *images.Image) error {
		n++
		if !slices.Equal([]int{m.Height, m.Width, m.Channels}, want.Size) {
			t.Errorf("item %d: %d, %d, %d", item, m.Height, m.Width, m.Channels)
		}
		return m.Check()
	})
	if err != nil || n != want.Test {
		t.Errorf("%d images, %v", n, err)
	}
	scale, err := images.Measure(context.Background(), spread(set.Train, 3000), images.Preparation{})
	for c := range scale.Mean { // lossy copies of a fifth of the images are still nearly the same numbers
		if err != nil || math.Abs(scale.Mean[c]-set.Info.Mean[c]) > 0.01 || math.Abs(scale.Std[c]-set.Info.Std[c]) > 0.01 {
			t.Errorf("channel %d: %+v, %v, expected about %v, %v", c, scale, err, set.Info.Mean, set.Info.Std)
		}
	}
}

// TestStoredPairs compares lossy copies with their originals: the first records of the first
// file are there in both.
func TestStoredPairs(t *testing.T) {
	ctx := context.Background()
	exact, err := Load(ctx, "cifar-10-subset", Options{Dir: stored(t), Protocol: PublishedSplit})
	if err != nil {
		t.Fatal(err)
	}
	lossy, err := Load(ctx, "cifar-10-jpeg", Options{Dir: stored(t), Protocol: PublishedSplit})
	if err != nil {
		t.Fatal(err)
	}
	defer lossy.Close()
	seen := make([]int, 10)
	for i := range 40 {
		class := exact.Train.Label(i)
		want, _ := exact.Train.Image(i)
		got, err := lossy.Train.Image(1000*class + seen[class])
		if err != nil || lossy.Train.Label(1000*class+seen[class]) != class {
			t.Fatal(i, err)
		}
		seen[class]++
		squares := 0.0
		for k, v := range want.Bytes {
			d := float64(v) - float64(got.Bytes[k])
			squares += d * d
		}
		if psnr := 10 * math.Log10(255*255*float64(len(want.Bytes))/squares); psnr < 24 {
			t.Errorf("record %d: its copy has a PSNR of %.1f dB", i, psnr)
		}
	}
}

func TestStoredHeldOut(t *testing.T) {
	set, err := Load(context.Background(), "mnist", Options{Dir: stored(t), Seed: 1, Limit: datasets.Limit{Test: 100}})
	if err != nil {
		t.Fatal(err)
	}
	if set.Train.Len() != 54_000 || set.Info.Train != 54_000 || set.Val.Len() != 6_000 || set.Test.Len() != 100 || set.Protocol != HeldOut {
		t.Fatalf("%d, %d, %d images", set.Train.Len(), set.Val.Len(), set.Test.Len())
	}
	all := set.Train.(part).of
	for class, n := range set.Counts(datasets.Val) {
		if exact := 0.1 * float64(tally(all, 10)[class]); math.Abs(float64(n)-exact) >= 1 {
			t.Errorf("%d images of class %d are held out, expected %.1f", n, class, exact)
		}
	}
	_, same := cut(all, 0.1, 1)
	_, other := cut(all, 0.1, 2)
	if held := set.Val.(part).items; !slices.Equal(held, same.(part).items) || slices.Equal(held, other.(part).items) {
		t.Error("what is held out does not follow from the seed")
	}
}

// TestStoredMissing asks for the whole of CIFAR-10 where only a part of it is.
func TestStoredMissing(t *testing.T) {
	_, err := Load(context.Background(), "cifar-10", Options{Dir: stored(t)})
	var missing *datasets.MissingError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "take the set cifar-10-subset, which is there") || !strings.Contains(err.Error(), "md5 c32a1d4ab5d03f1284b67883e8d87530") {
		t.Error(err)
	}
}
