package clips

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/graft-ml/graft/motion"
)

// recording is a small BVH file whose joint has a name.
func recording(joint string, frames int) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "HIERARCHY ROOT Hips { OFFSET 0 0 0 CHANNELS 1 Yposition JOINT %s { OFFSET 0 1 0 CHANNELS 0 JOINT RHipJoint { OFFSET 0 1 0 CHANNELS 0 End Site { OFFSET 0 1 0 } } } } MOTION Frames: %d Frame Time: .0083333\n", joint, frames)
	for f := range frames {
		fmt.Fprintln(&b, f)
	}
	return b.Bytes()
}

func TestBandaiNamco(t *testing.T) {
	file := &fstest.MapFile{Data: recording("Spine", 2)}
	files := fstest.MapFS{
		"dataset-2/dataset-2_walk-turn-left_active_002.bvh": file, "dataset-2/dataset-2_run_active_001.bvh": file, "dataset-1_bow_normal_001.bvh": file,
		"index.tsv": {}, ".hidden/x.bvh": {}, "__MACOSX/y.bvh": {}, "._dataset.bvh": {},
	}
	s, err := BandaiNamco(files, Options{EndSites: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []Item{
		{"dataset-1_bow_normal_001.bvh", "bow", "normal", "dataset-1", 1},
		{"dataset-2/dataset-2_run_active_001.bvh", "run", "active", "dataset-2", 1},
		{"dataset-2/dataset-2_walk-turn-left_active_002.bvh", "walk-turn-left", "active", "dataset-2", 2},
	}
	if !slices.Equal(s.Items, want) {
		t.Errorf("%+v", s.Items)
	}
	if c, err := s.Load(2); err != nil || c.Unit != 0.01 || c.Joints() != 4 || c.Frames() != 2 || c.Name != "dataset-2_walk-turn-left_active_002" {
		t.Errorf("%+v %v", c, err)
	}
	if fmt.Sprint(s.Contents(), s.Styles()) != "[bow run walk-turn-left] [active normal]" {
		t.Error(s.Contents(), s.Styles())
	}
	if kept := s.Keep(func(i Item) bool { return i.Group == "dataset-2" }); kept.Len() != 2 || s.Len() != 3 {
		t.Error("kept", kept.Items)
	}
	files["dataset-2/other.bvh"] = file
	var f *motion.FileError
	if _, err := BandaiNamco(files, Options{}); !errors.As(err, &f) || f.File != "dataset-2/other.bvh" {
		t.Error(err)
	}
}

func TestCMU(t *testing.T) {
	files := fstest.MapFS{
		"02_01.bvh": {Data: recording("LHipJoint", 3)}, "cmu_12_03_walk.bvh": {Data: recording("abdomen", 3)}, "martial/04.bvh": {Data: recording("x", 3)}, "standard_skeleton_daz.bvh": {},
		"empty/01_02.bvh": {Data: recording("LHipJoint", 0)}, "bad/1.bvh": {Data: []byte("x")},
	}
	s, err := CMU(files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for i, it := range s.Items {
		c, err := s.Load(i)
		if err != nil {
			list = append(list, err.Error())
			continue
		}
		list = append(list, fmt.Sprintf("%s %q %q %d %.4f", it.Path, it.Content, it.Group, c.Frames(), c.Unit))
	}
	want := []string{
		`02_01.bvh "" "02" 2 0.0564`, `motion: bad/1.bvh:1: "x", expected HIERARCHY`, `cmu_12_03_walk.bvh "walk" "12" 3 0.0100`,
		`empty/01_02.bvh "empty" "01" 0 0.0564`, `martial/04.bvh "martial" "" 3 0.0000`,
	}
	if !slices.Equal(list, want) {
		t.Errorf("%s\nexpected %s", strings.Join(list, "\n"), strings.Join(want, "\n"))
	}
	if c, _ := s.Load(0); c.At(0, 0)[1] != 1 {
		t.Error("the first frame was kept")
	}
}

func TestFolderAndArchive(t *testing.T) {
	dir := t.TempDir()
	os.MkdirAll(filepath.Join(dir, "a", "walk"), 0o755)
	os.WriteFile(filepath.Join(dir, "a", "walk", "1.bvh"), recording("x", 1), 0o644)
	os.WriteFile(filepath.Join(dir, "a", "2.csv"), []byte("a.x,a.y,a.z\n1,2,3\n"), 0o644)
	os.WriteFile(filepath.Join(dir, "a", "notes.txt"), nil, 0o644)
	archive := filepath.Join(dir, "a.zip")
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	if err := z.AddFS(os.DirFS(filepath.Join(dir, "a"))); err != nil {
		t.Fatal(err)
	}
	z.Close()
	f.Close()
	for _, name := range []string{filepath.Join(dir, "a"), archive} {
		files, closer, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Folder("mine", files, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprintf("%+v", s.Items) != "[{Path:2.csv Content: Style: Group: Take:0} {Path:walk/1.bvh Content:walk Style: Group: Take:0}]" {
			t.Errorf("%+v", s.Items)
		}
		for i := range s.Items {
			if c, err := s.Load(i); err != nil || c.Frames() != 1 {
				t.Error(c, err)
			}
		}
		closer.Close()
	}
	for _, name := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "a", "2.csv")} {
		if _, _, err := Open(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Error(err)
		}
	}
	os.WriteFile(archive, []byte("PK"), 0o644)
	if _, _, err := Open(archive); err == nil || !strings.Contains(err.Error(), archive) {
		t.Error(err)
	}
	if _, err := Folder("mine", fstest.MapFS{"x.txt": {}}, Options{}); err == nil || err.Error() != "motion: mine: there is no clip in the folder; is it the right one, and unpacked?" {
		t.Error(err)
	}
}

func TestSplit(t *testing.T) {
	s := &Set{}
	for i := range 47 {
		s.Items = append(s.Items, Item{Path: fmt.Sprint(i), Content: []string{"", "run", "walk"}[i%3]})
	}
	s.Items = append(s.Items, Item{Content: "once"}, Item{Content: "twice"}, Item{Content: "twice"})
	for seed := range uint64(5) {
		p := s.Split(SplitOptions{Seed: seed})
		all := slices.Concat(p.Train, p.Val, p.Test)
		slices.Sort(all)
		for i, k := range all {
			if i != k {
				t.Fatalf("seed %d: clip %d is in no part or in two", seed, i)
			}
		}
		if len(all) != 50 || len(p.Val) != 6 || len(p.Test) != 7 {
			t.Errorf("%d, %d, %d clips", len(p.Train), len(p.Val), len(p.Test))
		}
		if q := s.Split(SplitOptions{Seed: seed}); fmt.Sprint(p) != fmt.Sprint(q) {
			t.Error("the second time the parts are others")
		}
	}
	if fmt.Sprint(s.Split(SplitOptions{Seed: 1})) == fmt.Sprint(s.Split(SplitOptions{Seed: 2})) {
		t.Error("the seed makes no difference")
	}
	if p := s.Split(SplitOptions{Test: 0.5}); len(p.Val) != 0 || len(p.Test) != 8+8+8+1 {
		t.Errorf("%d, %d, %d clips", len(p.Train), len(p.Val), len(p.Test))
	}
}

func TestByTake(t *testing.T) {
	s := &Set{Items: []Item{{Content: "a", Take: 3}, {Content: "a", Take: 1}, {Content: "a", Take: 2}, {Content: "b", Take: 1}, {Content: "b", Style: "x", Take: 1}, {Content: "b", Style: "x", Take: 2}}}
	if got := fmt.Sprint(s.ByTake()); got != "{[1 2 4] [] [0 5]}" {
		t.Error(got)
	}
}
