package train

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunFolder(t *testing.T) {
	task, o := toyTask(), toyOptions(filepath.Join(t.TempDir(), "runs", "first")) // made with its parents
	o.Epochs = 2
	if _, err := Fit(context.Background(), task, o); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{ConfigName, SchemaName, LogName, LastName, olderName, BestName} {
		mustExist(t, filepath.Join(o.Dir, name))
	}
	if text, err := os.ReadFile(filepath.Join(o.Dir, ConfigName)); err != nil || string(text) != string(o.Config) {
		t.Errorf("%s is %q (%v)", ConfigName, text, err)
	}
	entries, err := os.ReadDir(o.Dir)
	if err != nil || len(entries) != 7 {
		t.Errorf("the folder has %v (%v), want six files and the lock", entries, err)
	}

	// A run is not overwritten, whatever is left of it.
	for _, name := range []string{ConfigName, SchemaName, LogName, LastName, olderName, BestName} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		o.Dir = dir
		if _, err := Fit(context.Background(), toyTask(), o); !errors.Is(err, ErrRunExists) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "resume that run, or choose another folder") {
			t.Errorf("%s: error %v", name, err)
		}
		if text, _ := os.ReadFile(filepath.Join(dir, name)); string(text) != "x" {
			t.Errorf("%s was overwritten", name)
		}
	}

	// Other files in the folder do not matter.
	o.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(o.Dir, "notes.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Fit(context.Background(), toyTask(), o); err != nil {
		t.Error(err)
	}
}

func TestUnwritableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	sealed := filepath.Join(t.TempDir(), "sealed")
	if err := os.Mkdir(sealed, 0o555); err != nil {
		t.Fatal(err)
	}
	dirs := []string{filepath.Join(file, "run"), file}
	if os.Geteuid() != 0 { // the superuser may write anywhere
		dirs = append(dirs, sealed, filepath.Join(sealed, "run"))
	}
	for _, dir := range dirs {
		_, err := Fit(context.Background(), toyTask(), toyOptions(dir))
		if err == nil || !strings.Contains(err.Error(), "train: run folder "+dir+" cannot be written") || !strings.Contains(err.Error(), "choose a folder you may write to") {
			t.Errorf("%s: error %v", dir, err)
		}
	}
}

// TestLock: while a run is in its folder no other gets in.
func TestLock(t *testing.T) {
	dir := t.TempDir()
	f, err := createFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func() error{
		"Fit": func() error {
			_, err := Fit(context.Background(), toyTask(), toyOptions(dir))
			return err
		},
		"Resume": func() error {
			_, err := Resume(context.Background(), toyTask(), toyOptions(""), dir)
			return err
		},
	} {
		if err := run(); err == nil || !strings.Contains(err.Error(), "another process is training in it") {
			t.Errorf("%s: error %v", name, err)
		}
	}
	f.close()
	if _, err := Resume(context.Background(), toyTask(), toyOptions(""), dir); err != nil {
		t.Errorf("after the lock was given back: %v", err)
	}
}

// TestChangedConfig: before the first checkpoint the file of the folder is what a resumed run is compared with.
func TestChangedConfig(t *testing.T) {
	dir := t.TempDir()
	f, err := createFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.writeText(ConfigName, []byte("toy: 2\n")); err != nil {
		t.Fatal(err)
	}
	f.close()
	if _, err := Resume(context.Background(), toyTask(), toyOptions(""), dir); err == nil || !strings.Contains(err.Error(), `line 1 was "toy: 2" and is now "toy: 1"`) {
		t.Errorf("error %v", err)
	}
	if err := errors.Join(f.writeText(ConfigName, toyOptions("").Config), f.writeText(SchemaName, []byte("{}\n"))); err != nil {
		t.Fatal(err)
	}
	if _, err := Resume(context.Background(), toyTask(), toyOptions(""), dir); err == nil || !strings.Contains(err.Error(), SchemaName+` is not the schema asked for: line 1 was "{}"`) {
		t.Errorf("error %v", err)
	}
}

func TestFirstDifference(t *testing.T) {
	for _, c := range []struct{ was, now, want string }{
		{"a\nb\n", "a\nc\n", `line 2 was "b" and is now "c"`},
		{"a", "a\nb", `line 2 is new: "b"`},
		{"a\nb", "a", `line 2 is missing: "b"`},
		{"a", "a", "they are equal"},
	} {
		if got := firstDifference([]byte(c.was), []byte(c.now)); got != c.want {
			t.Errorf("%q, %q: %s, want %s", c.was, c.now, got, c.want)
		}
	}
}

func TestReadLogErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), LogName)
	if _, err := ReadLog(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(path, []byte("{\"epoch\":1,\"val\":{\"mae\":null}}\n{\"epoch\":2,\"val\":[]}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if e, err := ReadLog(path); err == nil || len(e) != 1 || !strings.Contains(err.Error(), path+":2: not a line of a training log") {
		t.Errorf("%d entries, error %v", len(e), err)
	}
}

// FuzzLog: whatever is in a log, reading it gives entries or an error, and what was read is written alike.
func FuzzLog(f *testing.F) {
	f.Add([]byte("{\"epoch\":1,\"step\":5,\"lr\":0.1,\"train\":{\"loss\":1},\"val\":{\"loss\":null,\"x\":\"+Inf\"},\"best\":true}\n"))
	f.Add([]byte("{}\n{\"epoch\":2"))
	f.Add([]byte("null\n[]\n"))
	f.Add([]byte("{\"train\":null}\n{\"train\":{\"a\":{}}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, ends, err := parseLog("log", data)
		if len(ends) != len(entries) {
			t.Fatalf("%d entries, %d ends (%v)", len(entries), len(ends), err)
		}
	})
}
