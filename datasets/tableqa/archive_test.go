package tableqa

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// zipped packs files.
func zipped(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, text := range files {
		in, err := w.Create(name)
		if err == nil {
			_, err = in.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// folder writes files below a new folder.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestArchiveForms(t *testing.T) {
	inner := string(zipped(t, map[string]string{"csv/a/1.csv": "one"}))
	for name, files := range map[string]map[string]string{
		"loose":                  {"csv/a/1.csv": "one", "data/x": ""},
		"packed with its folder": {"csv.zip": inner, "data/x": ""},
		"packed without":         {"csv.zip": string(zipped(t, map[string]string{"a/1.csv": "one"})), "data/x": ""},
		"a file on its own":      {"csv/a/1.csv.zip": string(zipped(t, map[string]string{"1.csv": "one"})), "data/x": ""},
		"a folder further down":  {"Set-1.0/csv.zip": inner, "Set-1.0/data/x": ""},
	} {
		dir := folder(t, files)
		whole := filepath.Join(t.TempDir(), "set.zip")
		if err := os.WriteFile(whole, zipped(t, files), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, at := range []string{dir, whole} {
			a, err := openArchive(at)
			if err != nil {
				t.Fatal(err)
			}
			if !a.settle("data/x") {
				t.Errorf("%s, %s: no data/x", name, at)
			}
			text, shown, err := a.read("csv/a/1.csv", 3)
			if err != nil || string(text) != "one" || !strings.HasPrefix(shown, at) {
				t.Errorf("%s: %q from %s, %v", name, text, shown, err)
			}
			var file *datasets.FileError
			if _, _, err := a.read("csv/a/1.csv", 2); !errors.As(err, &file) || !strings.Contains(err.Error(), "it has more than 2 bytes") {
				t.Errorf("%s: a limit of 2 bytes: %v", name, err)
			}
			if _, _, err := a.read("csv/a/2.csv", 3); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: a file that is not there: %v", name, err)
			}
			if _, _, err := a.read("../1.csv", 3); !errors.Is(err, fs.ErrInvalid) {
				t.Errorf("%s: a path out of the folder: %v", name, err)
			}
			a.left = 2
			if _, _, err := a.read("csv/a/1.csv", 3); err == nil {
				t.Errorf("%s: more was unpacked than there was left", name)
			}
			a.Close()
		}
	}
}

func TestArchiveDamaged(t *testing.T) {
	good := string(zipped(t, map[string]string{"csv/1.csv": strings.Repeat("one", 1000)}))
	flipped := []byte(good)
	flipped[45] ^= 0xff // in the packed bytes
	for _, text := range []string{"", "PK", good[:len(good)/2], string(flipped)} {
		dir := folder(t, map[string]string{"csv.zip": text})
		a, err := openArchive(dir)
		if err != nil {
			t.Fatal(err)
		}
		var file *datasets.FileError
		if _, _, err := a.read("csv/1.csv", 1<<20); !errors.As(err, &file) || !strings.HasPrefix(file.Path, filepath.Join(dir, "csv.zip")) {
			t.Errorf("%d bytes: %v", len(text), err)
		}
		a.Close()
	}
	if _, err := openArchive(filepath.Join(folder(t, map[string]string{"x.zip": "PK"}), "x.zip")); err == nil {
		t.Error("a damaged archive was opened")
	}
}
