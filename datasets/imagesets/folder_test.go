package imagesets

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/vision/images"
)

// pngOf is a PNG of some pixels of one gray.
func pngOf(t testing.TB, gray uint8) []byte {
	t.Helper()
	m := image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range m.Pix {
		m.Pix[i] = gray
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tree writes files below a folder, PNGs where their names say so, whose gray is their number.
func tree(t testing.TB, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pictures")
	for k, name := range names {
		data := []byte("text")
		if images.IsName(name) {
			data = pngOf(t, uint8(k))
		}
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), data)
	}
	return dir
}

// grays lists class and gray of the images of a split.
func grays(t *testing.T, s Source) (list [][2]int) {
	t.Helper()
	for i := range s.Len() {
		m, err := s.Image(i)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, [2]int{s.Label(i), int(m.Bytes[0])})
	}
	return list
}

func TestFolder(t *testing.T) {
	dir := tree(t, "dog/b.png", "dog/a.PNG", "cat/deep/er/c.png", "cat/.hidden.png", "cat/notes.txt", "readme.md")
	set, err := Open(context.Background(), dir, OwnOptions{ValShare: None, TestShare: None})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(set.Info.Classes, []string{"cat", "dog"}) || set.Val.Len() != 0 || set.Test.Len() != 0 {
		t.Errorf("classes %v, %d, %d images", set.Info.Classes, set.Val.Len(), set.Test.Len())
	}
	if got := grays(t, set.Train); !slices.Equal(got, [][2]int{{0, 2}, {1, 1}, {1, 0}}) {
		t.Errorf("%v", got)
	}
	if len(set.Notes) != 1 || !strings.Contains(set.Notes[0], "2 files are no images by their names") {
		t.Errorf("%q", set.Notes)
	}
	if err := set.Close(); err != nil {
		t.Error(err)
	}
}

func TestFolderSplits(t *testing.T) {
	dir := tree(t, "train/a/0.png", "train/b/1.png", "validation/b/2.png", "test/a/3.jpg", "notes.txt")
	set, err := Folder(context.Background(), dir, OwnOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for split, want := range [][][2]int{{{0, 0}, {1, 1}}, {{1, 2}}, {{0, 3}}} {
		if got := grays(t, set.Split(datasets.Split(split))); !slices.Equal(got, want) {
			t.Errorf("%v: %v, expected %v", datasets.Split(split), got, want)
		}
	}
	if set.Info.SplitRule != "splits as the data name them" {
		t.Error(set.Info.SplitRule)
	}
}

// TestFolderDrawn draws what the folder does not name.
func TestFolderDrawn(t *testing.T) {
	var names []string
	for _, class := range []string{"x", "y"} {
		for _, file := range strings.Split("abcdefghij", "") {
			names = append(names, class+"/"+file+".png")
		}
	}
	set, err := Folder(context.Background(), tree(t, names...), OwnOptions{TestShare: 0.2, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	for split, want := range [][]int{{7, 7}, {1, 1}, {2, 2}} {
		if got := set.Counts(datasets.Split(split)); !slices.Equal(got, want) {
			t.Errorf("%v: %v of each class, expected %v", datasets.Split(split), got, want)
		}
	}
	var all []int
	for split := range 3 {
		for _, g := range grays(t, set.Split(datasets.Split(split))) {
			all = append(all, g[1])
		}
	}
	slices.Sort(all)
	if len(slices.Compact(all)) != 20 {
		t.Errorf("%v", all)
	}
}

func TestFolderZip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "set.zip")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(file)
	for k, name := range []string{"all/train/a/0.png", "all/train/b/1.png", "all/test/b/2.png", "__MACOSX/._x"} {
		to, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		to.Write(pngOf(t, uint8(k)))
	}
	w.Close()
	file.Close()
	set, err := Open(context.Background(), path, OwnOptions{ValShare: None, Decode: images.DecodeOptions{Channels: 3}})
	if err != nil {
		t.Fatal(err)
	}
	if got := grays(t, set.Test); !slices.Equal(got, [][2]int{{1, 2}}) || set.Train.Len() != 2 {
		t.Errorf("%v", got)
	}
	if m, _ := set.Train.Image(0); m.Channels != 3 {
		t.Errorf("%d channels", m.Channels)
	}
	if err := set.Close(); err != nil {
		t.Error(err)
	}
}

func TestFolderRefused(t *testing.T) {
	for _, c := range []struct {
		names []string
		o     OwnOptions
		want  string
	}{
		{[]string{"a.png"}, OwnOptions{}, "lies beside the class folders"},
		{[]string{"a.txt"}, OwnOptions{}, "there are no class folders"},
		{[]string{"a/x.txt", "b/x.png"}, OwnOptions{}, "the class folder has no images"},
		{[]string{"test/a/x.png", "b/x.png"}, OwnOptions{}, "none called train"},
		{[]string{"train/a/x.png", "b/x.png"}, OwnOptions{}, "the folder b lies beside train"},
		{[]string{"train/a/x.png", "val/a/x.png", "valid/a/x.png"}, OwnOptions{}, "two folders of val images"},
		{[]string{"train/x.png"}, OwnOptions{}, "lies in no class folder"},
		{[]string{"train/cat/x.png", "test/cats/x.png"}, OwnOptions{}, `"cats" of test images is none of the 1 classes; did you mean "cat"?`},
		{[]string{"cat/x.png", "cow/x.png"}, OwnOptions{Classes: []string{"cat", "dog"}}, `"cow" of train images is none of the 2 classes`},
		{[]string{"cat/x.png"}, OwnOptions{Classes: []string{"cat", "cat"}}, "comes twice"},
		{[]string{"cat/x.png"}, OwnOptions{ValShare: 2}, "ValShare: 2"},
		{[]string{"cat/x.png"}, OwnOptions{ValShare: 0.5, TestShare: 0.5}, "leave nothing to train on"},
		{[]string{"cat/x.png"}, OwnOptions{Limit: datasets.Limit{Train: -1}}, "Limit: -1"},
		{[]string{strings.Repeat("a/", 20) + "x.png"}, OwnOptions{}, "nested more than"},
	} {
		_, err := Folder(context.Background(), tree(t, c.names...), c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, expected %q in it", c.names, err, c.want)
		}
	}
	dir := t.TempDir()
	for want, path := range map[string]string{
		"there is no such file":    filepath.Join(dir, "none"),
		"it is no set of images":   writeFile(t, filepath.Join(dir, "x.png"), pngOf(t, 1)),
		"it is not sound zip data": writeFile(t, filepath.Join(dir, "x.zip"), []byte("PK")),
	} {
		var file *datasets.FileError
		if _, err := Open(context.Background(), path, OwnOptions{}); !errors.As(err, &file) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q in it", err, want)
		}
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Folder(ended, tree(t, "a/x.png"), OwnOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestFolderBadImage finds out about a damaged image when it is asked for.
func TestFolderBadImage(t *testing.T) {
	dir := tree(t, "a/0.png", "a/1.png", "b/2.png")
	good := pngOf(t, 1)
	os.WriteFile(filepath.Join(dir, "a", "1.png"), good[:len(good)-20], 0o644)
	set, err := Folder(context.Background(), dir, OwnOptions{ValShare: None, TestShare: None})
	if err != nil {
		t.Fatal(err)
	}
	err = images.Loader{Source: set.Train}.Each(context.Background(), func(int, *images.Image) error { return nil })
	if !errors.Is(err, images.ErrDamaged) || !strings.Contains(err.Error(), filepath.Join(dir, "a", "1.png")) {
		t.Error(err)
	}
}

// TestFolderMissingClass says that a class of the list has no images.
func TestFolderMissingClass(t *testing.T) {
	set, err := Folder(context.Background(), tree(t, "cat/0.png", "cat/1.png"), OwnOptions{Classes: []string{"dog", "cat"}, ValShare: None, TestShare: None})
	if err != nil || set.Train.Label(0) != 1 || len(set.Notes) != 1 || !strings.Contains(set.Notes[0], `no training images of the class "dog"`) {
		t.Error(set, err)
	}
}

// TestFolderMany goes through a big folder of photographs: no more of them are held than
// the loader is allowed.
func TestFolderMany(t *testing.T) {
	photo := image.NewRGBA(image.Rect(0, 0, 200, 150))
	for i := range photo.Pix {
		photo.Pix[i] = uint8(i * 7)
	}
	photo.Set(0, 0, color.White)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, photo, nil); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "many")
	for i := range 300 {
		writeFile(t, filepath.Join(dir, string(rune('a'+i%3)), string(rune('a'+i/26))+string(rune('a'+i%26))+".jpg"), b.Bytes())
	}
	set, err := Folder(context.Background(), dir, OwnOptions{ValShare: None, TestShare: None})
	if err != nil {
		t.Fatal(err)
	}
	count, total := 0, int64(0)
	l := images.Loader{Source: set.Train, Preparation: images.Preparation{Height: 32, Width: 32}, Workers: 2, Ahead: 4, Shuffle: true}
	err = l.Each(context.Background(), func(_ int, m *images.Image) error {
		count++
		total += int64(m.Len())
		return nil
	})
	if err != nil || count != 300 || total != 300*32*32*3 {
		t.Errorf("%d images, %d numbers, %v", count, total, err)
	}
}
