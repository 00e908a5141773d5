package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/graft-ml/graft/safetensors"
)

// list returns the names in a folder.
func list(t testing.TB, dir string) string {
	t.Helper()
	names, err := Disk{}.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// edit changes a file's bytes.
func edit(t testing.TB, path string, change func(b []byte) []byte) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(b), 0o666); err != nil {
		t.Fatal(err)
	}
}

func cut(n int) func(b []byte) []byte { return func(b []byte) []byte { return b[:len(b)-n] } }
func flip(at int) func(b []byte) []byte {
	return func(b []byte) []byte { b[(at+len(b))%len(b)] ^= 4; return b }
}

// saved returns a folder on the disk with states 1 to n under the name Last.
func saved(t testing.TB, keep, n int) Dir {
	t.Helper()
	d := Dir{Path: t.TempDir(), Keep: keep}
	for i := 1; i <= n; i++ {
		if err := d.Save(Last, toy(i)); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

func TestKeep(t *testing.T) {
	d := saved(t, 0, 5)
	if err := d.Save(Best, toy(9)); err != nil {
		t.Fatal(err)
	}
	if err := d.Save(Best, toy(8)); err != nil {
		t.Fatal(err)
	}
	if got := list(t, d.Path); got != "best.safetensors last-1.safetensors last.safetensors" {
		t.Errorf("files %s", got)
	}
	for name, want := range map[string]int{Last: 5, Best: 8} {
		s, note, err := d.Load(name)
		if got := number(t, s, err); got != want || note != "" {
			t.Errorf("%s: state %d, note %q", name, got, note)
		}
	}
	d.Keep = 4
	for i := 6; i <= 8; i++ {
		if err := d.Save(Last, toy(i)); err != nil {
			t.Fatal(err)
		}
	}
	if got := list(t, d.Path); got != "best.safetensors last-1.safetensors last-2.safetensors last-3.safetensors last.safetensors" {
		t.Errorf("files %s", got)
	}
	for _, name := range []string{"last-x.safetensors", "last-07.safetensors", "last-0.safetensors", "lasting.safetensors", "last-1.txt"} {
		if err := os.WriteFile(filepath.Join(d.Path, name), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	d.Keep = 1
	if err := d.Save(Last, toy(9)); err != nil {
		t.Fatal(err)
	}
	if got := list(t, d.Path); got != "best.safetensors last-0.safetensors last-07.safetensors last-1.txt last-x.safetensors last.safetensors lasting.safetensors" {
		t.Errorf("files %s", got) // others' files stay
	}
}

// TestLeftovers holds that temporary files of killed runs go, and nobody else's.
func TestLeftovers(t *testing.T) {
	d := saved(t, 0, 1)
	for _, name := range []string{".last.safetensors.abc.tmp", ".last.safetensors.9.tmp", ".best.safetensors.1.tmp", ".other.tmp", "last.tmp"} {
		if err := os.WriteFile(filepath.Join(d.Path, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Save(Last, toy(2)); err != nil {
		t.Fatal(err)
	}
	if got := list(t, d.Path); got != ".best.safetensors.1.tmp .other.tmp last-1.safetensors last.safetensors last.tmp" {
		t.Errorf("files %s", got)
	}
}

// TestDamage holds what a damaged newest file does: the one before is taken and the note says why; for Best, and when
// nothing complete is left, it is an error that names each file.
func TestDamage(t *testing.T) {
	tests := []struct {
		name   string
		change func(b []byte) []byte
		want   string
	}{
		{"empty", func([]byte) []byte { return nil }, "header: the file has 0 bytes"},
		{"cut by one", cut(1), "data bytes; the file is truncated"},
		{"cut in the header", func(b []byte) []byte { return b[:100] }, "the file is truncated or not a safetensors file"},
		{"last bit", flip(-1), `tensor "weight": its bytes have the CRC-32C`},
		{"header bit", flip(40), "header: "},
		{"dtype", func(b []byte) []byte { return []byte(strings.Replace(string(b), "F32", "F33", 1)) }, `unknown dtype "F33"`},
		{"longer", func(b []byte) []byte { return append(b, 0) }, "1 bytes follow the last tensor's data"},
		{"text", func([]byte) []byte { return []byte("no checkpoint at all") }, "not a safetensors file"},
	}
	for _, test := range tests {
		d := saved(t, 0, 2)
		edit(t, d.File(Last), test.change)
		s, note, err := d.Load(Last)
		if got := number(t, s, err); got != 1 {
			t.Errorf("%s: state %d", test.name, got)
		}
		for _, want := range []string{test.want, "checkpoint: " + d.File(Last) + ": ", "; taking " + d.file(Last, 1) + " instead"} {
			if !strings.Contains(note, want) {
				t.Errorf("%s: note %q, want %q in it", test.name, note, want)
			}
		}
		edit(t, d.file(Last, 1), cut(2))
		_, _, err = d.Load(Last)
		for _, want := range []string{test.want, `no complete checkpoint "last"`, d.File(Last) + ": ", d.file(Last, 1) + ": "} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: error %v, want %q in it", test.name, err, want)
			}
		}
		if err := d.Save(Best, toy(1)); err != nil {
			t.Fatal(err)
		}
		edit(t, d.File(Best), test.change)
		if _, _, err := d.Load(Best); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), d.File(Best)) {
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
		}
		if _, err := Read(d.File(Best)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.want)
		}
	}
}

// TestInterrupted holds that a missing newest file is told.
func TestInterrupted(t *testing.T) {
	d := saved(t, 3, 3)
	if err := os.Remove(d.File(Last)); err != nil {
		t.Fatal(err)
	}
	s, note, err := d.Load(Last)
	if got := number(t, s, err); got != 2 || note != "checkpoint: "+d.File(Last)+" is missing, its saving was interrupted; taking "+d.file(Last, 1)+" instead" {
		t.Errorf("state %d, note %q", got, note)
	}
}

func TestNothingSaved(t *testing.T) {
	d := saved(t, 0, 1)
	_, _, err := d.Load(Best)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), d.File(Best)) || !strings.Contains(err.Error(), "nothing was saved") {
		t.Errorf("%v", err)
	}
	d.Path = filepath.Join(d.Path, "none")
	if _, _, err := d.Load(Last); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "cannot read the run folder: open "+d.Path) {
		t.Errorf("%v", err)
	}
	if _, err := Read(d.File(Last)); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), d.Path) {
		t.Errorf("%v", err)
	}
}

// refusing is a disk that refuses to make files, or to open them.
type refusing struct {
	Disk
	create, open error
}

func (r refusing) Create(path string) (Writer, error) {
	if r.create != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: r.create}
	}
	return r.Disk.Create(path)
}

func (r refusing) Open(path string) (Reader, error) {
	if r.open != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: r.open}
	}
	return r.Disk.Open(path)
}

// TestUnwritable holds the words of a save that cannot be.
func TestUnwritable(t *testing.T) {
	d := saved(t, 0, 1)
	for want, cause := range map[string]error{
		"permission denied; make the folder " + d.Path + " writable or choose another":    syscall.EACCES,
		"read-only file system; make the folder " + d.Path + " writable":                  syscall.EROFS,
		"no space left on device; the disk is full: free some space, the earlier file is": syscall.ENOSPC,
	} {
		d.FS = refusing{create: cause}
		err := d.Save(Last, toy(2))
		if !errors.Is(err, cause) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "cannot write "+d.File(Last)) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
	d.FS = nil
	if s, note, err := d.Load(Last); number(t, s, err) != 1 || note != "" {
		t.Errorf("the state before is gone: %q", note)
	}
	none := Dir{Path: filepath.Join(d.Path, "none")}
	if err := none.Save(Last, toy(1)); err == nil || !strings.Contains(err.Error(), "; create the folder "+none.Path+" first") {
		t.Errorf("%v", err)
	}
	under := Dir{Path: d.File(Last)}
	if err := under.Save(Last, toy(1)); err == nil || !strings.Contains(err.Error(), "; "+under.Path+" is not a folder: choose another") {
		t.Errorf("%v", err)
	}
	// A file that may not be opened is no reason to go back.
	d = saved(t, 0, 2)
	d.FS = refusing{open: syscall.EACCES}
	if _, _, err := d.Load(Last); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), d.File(Last)) {
		t.Errorf("%v", err)
	}
}

func TestNames(t *testing.T) {
	for _, f := range []func(){
		func() { Dir{}.File("") },
		func() { Dir{}.File("last-1") },
		func() { Dir{}.File("../last") },
		func() { _ = Dir{Path: t.TempDir(), Keep: -1}.Save(Last, toy(1)) },
	} {
		func() {
			defer func() {
				if e := recover(); e == nil || !strings.HasPrefix(fmt.Sprint(e), "checkpoint: ") {
					t.Errorf("panic %v", e)
				}
			}()
			f()
		}()
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	text := func(s string) func(w io.Writer) error {
		return func(w io.Writer) error { _, err := io.WriteString(w, s); return err }
	}
	if err := WriteFile(path, text("a: 1\n")); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("no plot without points")
	err := WriteFile(path, func(w io.Writer) error { _, _ = io.WriteString(w, "half"); return failed })
	if !errors.Is(err, failed) || !strings.Contains(err.Error(), "cannot write "+path) {
		t.Errorf("%v", err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "a: 1\n" {
		t.Errorf("%q %v", b, err)
	}
	if err := WriteFile(path, text("b: 2\n")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || string(b) != "b: 2\n" {
		t.Errorf("%q %v", b, err)
	}
	if got := list(t, filepath.Dir(path)); got != "config.yaml" {
		t.Errorf("files %s", got)
	}
	t.Chdir(filepath.Dir(path))
	if err := WriteFile("plain", text("x")); err != nil {
		t.Error(err)
	}
}

// TestReadableByOthers holds that a checkpoint is an ordinary safetensors file.
func TestReadableByOthers(t *testing.T) {
	d := saved(t, 0, 3)
	f, err := safetensors.Open(d.File(Last), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if values, shape, err := f.Float32("moment"); fmt.Sprint(values, shape, err, f.Metadata()) != "[-3 -3 -3] [3] <nil> map[graft.checkpoint:1 step:3]" {
		t.Errorf("%v %v %v %v", values, shape, err, f.Metadata())
	}
}
