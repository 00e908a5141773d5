package fetch

import (
	"archive/tar"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzUnpack holds that no archive writes outside of its folder, makes anything but plain
// files, or unpacks to more than is accepted; and that a refused one leaves nothing.
func FuzzUnpack(f *testing.F) {
	add := func(kind Unpack, b []byte) { f.Add(byte(kind), b) }
	good := []entry{{name: "m/"}, {name: "m/one.txt", text: "one"}, {name: "two", text: strings.Repeat("two", 100)}}
	add(Zip, zipOf(f, good...))
	add(TarGz, tarOf(f, good...))
	add(Gzip, gzipOf(f, "../x", "text"))
	for name := range badNames {
		if name != "" && !strings.ContainsRune(name, 0) && !strings.HasSuffix(name, "/") {
			add(Zip, zipOf(f, entry{name: name, text: "x"}))
			add(TarGz, tarOf(f, entry{name: name, text: "x"}))
		}
	}
	add(Zip, zipOf(f, entry{name: "a", text: "/etc", mode: fs.ModeSymlink | 0o777}))
	add(Zip, zipOf(f, entry{name: "a", text: strings.Repeat("\x00", 1<<20)}))
	add(Zip, zipOf(f, entry{name: "a", text: "1"}, entry{name: "A", text: "2"}))
	add(TarGz, tarOf(f, entry{name: "a", link: "/etc"}, entry{name: "a/b", text: "x"}))
	add(TarGz, tarOf(f, entry{name: "a", link: "b", kind: tar.TypeLink}))
	limits := Limits{Bytes: 100_000, Members: 50}
	f.Fuzz(func(t *testing.T, kind byte, archive []byte) {
		outside := t.TempDir()
		dir := filepath.Join(outside, "a", "b", "cache")
		file := File{Unpack: Zip + Unpack(kind%3), Limits: limits}
		file.Name = map[Unpack]string{Zip: "a.zip", Gzip: "a.gz", TarGz: "a.tgz"}[file.Unpack]
		put(t, archive, dir, "toy", file.Name)
		r, err := Cache{Dir: dir}.Get(context.Background(), Item{Name: "toy", Files: []File{file}}, Options{Offline: true})
		var refused *ArchiveError
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("%T: %v", err, err)
		}
		total, count := int64(0), 0
		walked := filepath.WalkDir(outside, func(p string, d os.DirEntry, e error) error {
			if e != nil || d.IsDir() {
				return e
			}
			if !d.Type().IsRegular() || !strings.HasPrefix(p, dir+string(filepath.Separator)) {
				t.Fatalf("there is %v %s", d.Type(), p)
			}
			if filepath.Dir(p) == dir { // lock and manifest
				return nil
			}
			info, e := d.Info()
			total, count = total+info.Size(), count+1
			return e
		})
		if walked != nil {
			t.Fatal(walked)
		}
		switch {
		case total-int64(len(archive)) > limits.Bytes:
			t.Fatalf("unpacked to %d bytes", total)
		case err != nil && count != 1, err == nil && count != len(r.Files):
			t.Fatalf("%d files, %+v, %v", count, r, err)
		}
	})
}
