package clips

import (
	"archive/zip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/motion"
)

// TestLoad finds sets in their folders and archives, and tells where it looked.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "motion", "cmu-bvh")
	for _, name := range []string{"salsa/05", "salsa/10", "martial/04", "05_06"} {
		path := filepath.Join(folder, name+".bvh")
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, recording("abdomen", 2), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, root := range []string{dir, folder} {
		set, closer, err := Load("cmu-dances", root, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		if c, err := set.Load(0); set.Len() != 3 || set.Name != "cmu-dances" || err != nil || c.Unit != 0.01 {
			t.Errorf("%s: %+v, %v", root, set.Items, err)
		}
	}
	archive := filepath.Join(dir, "bandai-namco-subset.zip")
	f, err := os.Create(archive)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("dataset-2/dataset-2_run_active_001.bvh")
	if err == nil {
		_, err = w.Write(recording("Spine", 2))
	}
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	for _, root := range []string{dir, archive} {
		set, closer, err := Load("bandai-namco", root, Options{})
		if err != nil || set.Len() != 1 {
			t.Fatal(err)
		}
		closer.Close()
	}
	var missing *datasets.MissingError
	if _, _, err := Load("mtvcrafter-clips", dir, Options{}); !errors.As(err, &missing) || len(missing.Tried) != 3 || !strings.Contains(err.Error(), "clip0.safetensors (36976 bytes") {
		t.Errorf("%v", err)
	}
	var unknown *datasets.UnknownError
	if _, _, err := Load("bandai", dir, Options{}); !errors.As(err, &unknown) {
		t.Errorf("%v", err)
	}
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "clip.bvh"), recording("x", 1), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load("cmu-dances", empty, Options{}); !errors.As(err, &missing) {
		t.Errorf("%v", err)
	}
}

// TestReadFile reads files as those of a set, and names them in errors.
func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "walk.bvh")
	if err := os.WriteFile(path, recording("LHipJoint", 3), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"": "3 frames, unit 0", "bandai-namco": "3 frames, unit 0.01", "cmu-dances": "2 frames, unit 0.056444", "mtvcrafter-clips": "3 frames, unit 0"} {
		c, err := ReadFile(name, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%d frames, unit %.5g", c.Frames(), c.Unit); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
	if err := os.WriteFile(path, []byte("HIERARCHY"), 0o666); err != nil {
		t.Fatal(err)
	}
	var bad *motion.FileError
	if _, err := ReadFile("bandai-namco", path, Options{}); !errors.As(err, &bad) || bad.File != path {
		t.Errorf("%v", err)
	}
	if _, err := ReadFile("none", path, Options{}); err == nil {
		t.Error("an unknown set was accepted")
	}
}

func TestParts(t *testing.T) {
	s := &Set{Items: []Item{{Path: "a"}, {Path: "b"}, {Path: "c"}}}
	for p, want := range map[Protocol]string{LastHeldOut: "{[0 1] [] [2]}", TakesSplit: "{[0 1] [] [2]}", DefaultProtocol: fmt.Sprint(s.Split(SplitOptions{})), RandomSplit: fmt.Sprint(s.Split(SplitOptions{}))} {
		if got := fmt.Sprint(s.Parts(p, SplitOptions{})); got != want {
			t.Errorf("%v: %s, want %s", p, got, want)
		}
	}
	if got := fmt.Sprint((&Set{Items: s.Items[:1]}).Parts(LastHeldOut, SplitOptions{})); got != "{[0] [] []}" {
		t.Errorf("one clip: %s", got)
	}
	for _, name := range ProtocolNames() {
		var p Protocol
		if err := p.UnmarshalText([]byte(name)); err != nil || p.String() != name {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := ParseProtocol("lst"); err == nil || !strings.Contains(err.Error(), "last") {
		t.Errorf("%v", err)
	}
	if _, err := dancesInfo.Protocol(TakesSplit); err == nil {
		t.Error("a protocol that the set lacks was accepted")
	}
}
