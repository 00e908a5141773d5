package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// failingDisk fails at the n-th call, counted from 1; a write fails half done.
type failingDisk struct {
	calls, at int
	err       error
}

func (d *failingDisk) fails() bool { d.calls++; return d.calls == d.at }

func (d *failingDisk) Append(path string) (partFile, error) {
	if d.fails() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: d.err}
	}
	f, err := realDisk{}.Append(path)
	return &failingFile{f, d}, err
}

func (d *failingDisk) Rename(from, to string) error {
	if d.fails() {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: d.err}
	}
	return realDisk{}.Rename(from, to)
}

type failingFile struct {
	partFile
	d *failingDisk
}

func (f *failingFile) Write(p []byte) (int, error) {
	if f.d.fails() {
		n, _ := f.partFile.Write(p[:len(p)/2])
		return n, f.d.err
	}
	return f.partFile.Write(p)
}

func (f *failingFile) Truncate(size int64) error {
	if f.d.fails() {
		return f.d.err
	}
	return f.partFile.Truncate(size)
}

func (f *failingFile) Sync() error {
	if f.d.fails() {
		return f.d.err
	}
	return f.partFile.Sync()
}

func (f *failingFile) Close() error {
	err := f.partFile.Close()
	if f.d.fails() {
		return f.d.err
	}
	return err
}

// TestFailingDisk fails each single call of the disk: nothing half done is ever under a
// final name, and the next call makes all well.
func TestFailingDisk(t *testing.T) {
	data := bytesOf(100_000)
	archive := zipOf(t, entry{name: "m/one.txt", text: "one"}, entry{name: "m/two.txt", text: "two"})
	s := newServer(t)
	s.on("/a.bin", file(data, `"1"`))
	s.on("/b.zip", file(archive, `"1"`))
	item := s.toy(data)
	item.Files = append(item.Files, File{Name: "b.zip", URLs: []string{s.URL + "/b.zip"}, Unpack: Zip})
	for at := 1; ; at++ {
		c := []struct {
			err  error
			want string
		}{{syscall.ENOSPC, "the disk is full: free some space and run this again"}, {syscall.EIO, "input/output error"}, {syscall.EROFS, "make "}}[at%3]
		dir := t.TempDir()
		d := &failingDisk{at: at, err: c.err}
		_, err := Cache{Dir: dir, disk: d}.Get(context.Background(), item, quick(nil))
		if d.calls < at {
			if at < 15 {
				t.Errorf("only %d calls", at)
			}
			return
		}
		if !errors.Is(err, c.err) || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "cannot write "+dir) {
			t.Fatalf("call %d: %v, want %q", at, err, c.want)
		}
		for name, want := range map[string][]byte{"a.bin": data, "b.zip": archive, "m/one.txt": []byte("one"), "m/two.txt": []byte("two")} {
			if got, err := os.ReadFile(filepath.Join(dir, "toy", name)); err == nil && !bytes.Equal(got, want) {
				t.Fatalf("call %d: half of %s is under its name", at, name)
			}
		}
		get(t, dir, item, quick(nil))
		if got := files(t, dir); got != "toy/a.bin toy/b.zip toy/m/one.txt toy/m/two.txt" || !bytes.Equal(content(t, dir, "toy", "a.bin"), data) {
			t.Fatalf("call %d: files %s", at, got)
		}
	}
}

// TestInTheWay holds what is said where something stands in the way.
func TestInTheWay(t *testing.T) {
	s := newServer(t)
	data := []byte("the data")
	s.on("/a.bin", file(data, `"1"`))
	s.on("/z", file(zipOf(t, entry{name: "m/one.txt", text: "one"}), `"1"`))
	item := s.toy(data)
	archive := Item{Name: "toy", Files: []File{{Name: "z", URLs: []string{s.URL + "/z"}, Unpack: Zip}}}
	for _, c := range []struct {
		name    string
		item    Item
		prepare func(dir string)
		want    string
	}{
		{"a file for the folder", item, func(dir string) { put(t, nil, dir, "toy") }, "a file stands where a folder is wanted: move it away"},
		{"a folder for the file", item, func(dir string) { put(t, nil, dir, "toy", "a.bin", "x") }, "it is not a regular file"},
		{"a folder for the part", item, func(dir string) { put(t, nil, dir, "toy", "a.bin.part", "x") }, "it is not a regular file"},
		{"a folder for the manifest", item, func(dir string) { put(t, nil, dir, ".toy.json", "x") }, "cannot write "},
		{"a folder for the lock", item, func(dir string) { put(t, nil, dir, ".toy.lock", "x") }, "a folder stands where a file is wanted"},
		{"a file for the folder of a member", archive, func(dir string) { put(t, nil, dir, "toy", "m") }, "a file stands where a folder is wanted"},
		{"a folder for a member", archive, func(dir string) { put(t, nil, dir, "toy", "m", "one.txt", "x") }, "cannot write "},
	} {
		dir := t.TempDir()
		c.prepare(dir)
		err := refused(t, dir, c.item, quick(nil), c.want)
		if !strings.Contains(err.Error(), dir) {
			t.Errorf("%s: the error does not say where: %v", c.name, err)
		}
	}
}

// sealed is a disk on which no lock can be made, as that of a cache of the whole machine.
func TestSealed(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	data := []byte("the data")
	s.on("/a.bin", file(data, `"1"`))
	item := s.toy(data)
	get(t, dir, item, quick(nil))
	if err := os.Remove(filepath.Join(dir, ".toy.lock")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	if f, err := os.Create(filepath.Join(dir, "probe")); err == nil {
		f.Close()
		t.Skip("this user may write everywhere")
	}
	if r := get(t, dir, item, quick(nil)); r.Changed || len(r.Files) != 1 {
		t.Errorf("%+v", r)
	}
	o := quick(nil)
	o.Force = true
	refused(t, dir, item, o, "make "+dir+" writable or choose another folder")
}

// TestLeftovers holds that what a killed process left of unpacking goes, and nothing else.
func TestLeftovers(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	s.on("/a.zip", file(zipOf(t, entry{name: "one.txt", text: "one"}), `"1"`))
	item := Item{Name: "toy", Files: []File{{Name: "a.zip", URLs: []string{s.URL + "/a.zip"}, Unpack: Zip}}}
	for _, name := range []string{".a.zip.1.tmp/x", ".a.zip.abc.tmp/deep/x", ".b.zip.1.tmp/x", ".a.zip.2.tmp2/x", "a.zip.1.tmp/x"} {
		put(t, nil, dir, "toy", name)
	}
	put(t, nil, dir, "toy", ".a.zip.3.tmp")
	get(t, dir, item, quick(nil))
	if got := files(t, dir); got != "toy/.a.zip.2.tmp2/x toy/.a.zip.3.tmp toy/.b.zip.1.tmp/x toy/a.zip toy/a.zip.1.tmp/x toy/one.txt" {
		t.Errorf("files %s", got)
	}
}

// TestReading holds what is said when a file of the cache cannot be read.
func TestReading(t *testing.T) {
	dir := t.TempDir()
	w := &work{Options: Options{}.filled(), item: Item{Name: "toy"}, cache: dir, disk: realDisk{}, http: http.DefaultClient}
	if _, err := w.hash(context.Background(), filepath.Join(dir, "none"), "none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	c := &converter{ctx: context.Background(), w: w}
	if _, err := c.read("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := c.open("none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	put(t, make([]byte, longestList+1), dir, "toy", "long")
	if _, err := c.read("long"); err == nil || !strings.Contains(err.Error(), "more than the 16777216 bytes that are accepted") {
		t.Error(err)
	}
	r, err := c.open("long")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	ctx, cancel := context.WithCancel(context.Background())
	c.ctx = ctx
	cancel()
	if _, err := io.ReadAll(r); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
