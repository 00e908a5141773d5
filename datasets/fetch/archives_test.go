package fetch

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"testing"
	"time"
)

// entry is a member of an archive made for a test.
type entry struct {
	name string
	text string
	mode fs.FileMode // 0: a plain file, or a folder where the name ends in /
	link string      // of a tar archive
	kind byte        // of a tar archive; 0: by name and link
	flag uint16      // of a zip archive
}

// zipOf makes a zip archive.
func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		head := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Flags: e.flag, Modified: time.Unix(1e9, 0)}
		if e.mode != 0 {
			head.SetMode(e.mode)
		}
		f, err := w.CreateHeader(head)
		if err == nil && e.text != "" {
			_, err = f.Write([]byte(e.text))
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

// tarOf makes a compressed tar archive.
func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		kind := e.kind
		switch {
		case kind != 0:
		case e.link != "":
			kind = tar.TypeSymlink
		case e.name != "" && e.name[len(e.name)-1] == '/':
			kind = tar.TypeDir
		default:
			kind = tar.TypeReg
		}
		head := &tar.Header{Typeflag: kind, Name: e.name, Linkname: e.link, Size: int64(len(e.text)), Mode: 0o644, ModTime: time.Unix(1e9, 0)}
		if kind == tar.TypeXGlobalHeader {
			head = &tar.Header{Typeflag: kind, PAXRecords: map[string]string{"comment": "x"}}
		}
		if err := w.WriteHeader(head); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// gzipOf compresses a text under a name.
func gzipOf(t testing.TB, name, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Name = name
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
