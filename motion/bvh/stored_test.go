package bvh

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
)

// stored is the folder of the shared data: $GRAFT_DATA, else beside the module. The
// test is skipped where there is none.
func stored(t *testing.T) string {
	t.Helper()
	root := os.Getenv("GRAFT_DATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(filepath.Join(root, "motion")); err != nil {
		t.Skipf("no motion under %s; set GRAFT_DATA to the data folder", root)
	}
	return root
}

// eachStored calls f with every BVH file of the stored sets, also those in archives.
func eachStored(t *testing.T, f func(name string, in io.Reader)) {
	t.Helper()
	root := filepath.Join(stored(t), "motion")
	walk := func(files fs.FS, prefix string, archive func(name string)) {
		err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(p) == ".zip" && archive != nil {
				archive(p)
			}
			if err != nil || filepath.Ext(p) != ".bvh" {
				return err
			}
			in, err := files.Open(p)
			if err != nil {
				return err
			}
			defer in.Close()
			f(prefix+p, in)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	walk(os.DirFS(root), "data/motion/", func(name string) {
		z, err := zip.OpenReader(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		walk(z, "data/motion/"+name+"!", nil)
	})
}

// TestStored reads stored files, compares those that the golden files were made
// of with them, and wants every number back from what it writes.
func TestStored(t *testing.T) {
	cases := map[string]*golden.Case{}
	for _, c := range golden.Files(t, "motion", "") {
		cases[c.Metadata["source"]] = c
		for _, name := range []string{"global_pos", "global_rot", "global_pos_f32"} {
			c.Ignore(name, "TestGolden compares it")
		}
	}
	files, seen, channels := 0, 0, 0
	eachStored(t, func(name string, in io.Reader) {
		if seen++; strings.Contains(name, "bandai-namco-subset") && seen%10 != 0 {
			return // package clips reads them all
		}
		r, err := Read(name, in)
		if err != nil {
			t.Error(err)
			return
		}
		files++
		channels += len(r.Values)
		if c := cases[name]; c != nil {
			delete(cases, name)
			compareRecording(t, c, r)
		}
		if len(r.Values) > 1<<17 {
			return // the smaller ones will do
		}
		var b bytes.Buffer
		if err := Write(&b, r); err != nil {
			t.Error(err)
			return
		}
		back, err := Read(name, &b)
		if err != nil {
			t.Error(err)
			return
		}
		sameBits(t, r, back)
	})
	if files < 25 || seen < 164 || len(cases) > 0 {
		t.Errorf("%d files, %d of the golden ones missing", files, len(cases))
	}
	t.Logf("%d files, %d numbers", files, channels)
}

// compareRecording compares a file with the golden one that was made of it.
func compareRecording(t *testing.T, c *golden.Case, r *Recording) {
	t.Helper()
	want := goldenRecording(t, c)
	got := &Recording{FrameTime: want.FrameTime, Frames: want.Frames, Nodes: r.Nodes}
	n := r.Channels()
	for _, f := range c.Ints("frames") {
		got.Values = append(got.Values, r.Values[int(f)*n:(int(f)+1)*n]...)
	}
	if len(got.Values) != len(want.Values) {
		t.Errorf("%s: %d numbers, expected %d", c.Name, len(got.Values), len(want.Values))
		return
	}
	for k, v := range want.Values {
		if math.Float64bits(v) != math.Float64bits(got.Values[k]) {
			t.Errorf("%s: number %d is %v, expected %v", c.Name, k, got.Values[k], v)
			return
		}
	}
	sameBits(t, want, got)
}
