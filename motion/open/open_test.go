package open

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/motion"
)

func TestSaveAndOpen(t *testing.T) {
	stored, err := Clip(golden.Paths(t, "mtvcrafter_clips", "clip0", ".safetensors")[0], Options{})
	if err != nil {
		t.Fatal(err)
	}
	if stored.Name != "clip0" || stored.Axes != motion.CameraAxes {
		t.Errorf("%q, axes %v", stored.Name, stored.Axes)
	}
	c := stored.Cut(0, 5)
	dir := t.TempDir()
	for _, end := range []string{".bvh", ".csv", ".npy", ".safetensors", ".bvh.gz", ".csv.gz", ".npy.gz"} {
		path := filepath.Join(dir, "clip0"+end)
		if err := Save(path, c); err != nil {
			t.Fatal(err)
		}
		back, err := Clip(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := c
		if strings.HasPrefix(end, ".bvh") {
			want = c.Upright().Select(c.Skeleton.DepthFirst())
		}
		if strings.HasPrefix(end, ".npy") { // says nothing of axes
			back.Axes = want.Axes
		}
		if back.Name != "clip0" || back.Axes != want.Axes || !back.Skeleton.Equal(want.Skeleton) || !slices.Equal(back.Positions, want.Positions) {
			t.Errorf("%s: another clip, %d frames, MPJPE %v", end, back.Frames(), motion.MPJPE(back, want))
		}
		same, err := Read(os.DirFS(dir), "clip0"+end, Options{})
		if err != nil || !slices.Equal(same.Positions, back.Positions) {
			t.Errorf("%s: another one from the file system, error %v", end, err)
		}
	}
}

func TestErrors(t *testing.T) {
	bomb := fstest.MapFS{
		"long.bvh":       {Data: []byte("HIERARCHY " + strings.Repeat(" ", 5000))},
		"long.csv":       {Data: []byte("a.x,a.y,a.z\n" + strings.Repeat("1,2,3\n", 5000))},
		"long.npy":       {Data: []byte("\x93NUMPY\x01\x00\x41\x00{'descr': '<f4', 'fortran_order': False, 'shape': (9999, 1, 3), }" + strings.Repeat(" ", 5000))},
		"no.safetensors": {Data: []byte("x")},
		"no.csv.gz":      {Data: []byte("x")},
		"x.fbx":          {}, "x.safetensors.gz": {},
	}
	for name, want := range map[string]string{
		"long.bvh":         "motion: long.bvh: it is longer than 1000 bytes",
		"long.csv":         "motion: long.csv: it is longer than 1000 bytes",
		"long.npy":         "motion: long.npy: it is longer than 1000 bytes",
		"no.safetensors":   "motion: no.safetensors: ",
		"no.csv.gz":        "motion: no.csv.gz: it is not packed by gzip",
		"x.fbx":            `motion: x.fbx: the ending ".fbx" is of no clip; those are .bvh .csv .npy .safetensors, and .gz behind all but the last`,
		"x.safetensors.gz": "is of no clip",
		"missing.bvh":      "missing.bvh: file does not exist",
	} {
		_, err := Read(bomb, name, Options{MaxBytes: 1000})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nexpected %s", err, want)
		}
	}
	if _, err := Clip(filepath.Join(t.TempDir(), "a.bvh"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	bad := &motion.Clip{}
	path := filepath.Join(t.TempDir(), "a.csv")
	if err := Save(path, bad); err == nil {
		t.Error("a clip without skeleton was saved")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is there all the same")
	}
	if err := Save(path+".fbx", bad); err == nil || Save(filepath.Join(path, "no", "x.csv"), bad) == nil {
		t.Error("no error")
	}
	if !Readable("a/B.BVH") || Readable("b.txt") || fmt.Sprint(Endings()) != "[.bvh .csv .npy .safetensors]" {
		t.Error("endings")
	}
}
