package fetch

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// unpacked puts an archive into a new cache and unpacks it.
func unpacked(t testing.TB, archive []byte, f File) (dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	f.Name = map[Unpack]string{Zip: "in/a.zip", Gzip: "in/a.txt.gz", TarGz: "in/a.tar.gz"}[f.Unpack]
	put(t, archive, dir, "toy", f.Name)
	o := quick(nil)
	o.Offline = true
	_, err = Cache{Dir: dir}.Get(context.Background(), Item{Name: "toy", Files: []File{f}}, o)
	return dir, err
}

func TestUnpack(t *testing.T) {
	entries := []entry{{name: "m/"}, {name: "m/one.txt", text: "one"}, {name: "m/deep/two.txt", text: strings.Repeat("two", 1000)}, {name: "empty"}}
	for _, c := range []struct {
		kind    Unpack
		archive []byte
		members []Member
		want    string
	}{
		{Zip, zipOf(t, entries...), nil, "in/a.zip in/empty in/m/deep/two.txt in/m/one.txt"},
		{TarGz, tarOf(t, entries...), nil, "in/a.tar.gz in/empty in/m/deep/two.txt in/m/one.txt"},
		{TarGz, tarOf(t, entry{name: "./"}, entry{name: "./m/"}, entry{name: "./m/one.txt", text: "one"}), nil, "in/a.tar.gz in/m/one.txt"},
		{TarGz, tarOf(t, entry{kind: tar.TypeXGlobalHeader}, entry{name: "x", text: "x"}), nil, "in/a.tar.gz in/x"},
		{Zip, zipOf(t, entries...), []Member{{"m/one.txt", sha([]byte("one"))}}, "in/a.zip in/m/one.txt"},
		{TarGz, tarOf(t, entries...), []Member{{"m/one.txt", ""}, {"empty", sha(nil)}}, "in/a.tar.gz in/empty in/m/one.txt"},
		{Gzip, gzipOf(t, "../../evil", "text"), nil, "in/a.txt in/a.txt.gz"},
		{Gzip, gzipOf(t, "", "text"), []Member{{"other.csv", sha([]byte("text"))}}, "in/a.txt.gz in/other.csv"},
		{Zip, zipOf(t), nil, "in/a.zip"},
	} {
		dir, err := unpacked(t, c.archive, File{Unpack: c.kind, Members: c.members})
		if got := strings.ReplaceAll(files(t, dir), "toy/", ""); err != nil || got != c.want {
			t.Errorf("%v: files %s, %v; want %s", c.kind, got, err, c.want)
		}
	}
	dir, err := unpacked(t, zipOf(t, entries...), File{Unpack: Zip})
	if err != nil || string(content(t, dir, "toy/in/m/one.txt")) != "one" || len(content(t, dir, "toy/in/m/deep/two.txt")) != 3000 {
		t.Error(err)
	}
	// Of an item that is complete a member that was changed is unpacked again.
	put(t, []byte("eno"), dir, "toy/in/m/one.txt")
	o := quick(nil)
	o.Offline = true
	get(t, dir, Item{Name: "toy", Files: []File{{Name: "in/a.zip", Unpack: Zip}}}, o)
	if string(content(t, dir, "toy/in/m/one.txt")) != "one" {
		t.Error("the changed member stayed")
	}
}

// badNames are those that no archive may have, and what is said of them.
var badNames = map[string]string{
	"../evil":                   "leads out of the folder",
	"m/../../evil":              "leads out of the folder",
	"m/..":                      "leads out of the folder",
	"/etc/evil":                 "its name is absolute",
	`..\evil`:                   "backslash or a colon",
	`C:\evil`:                   "backslash or a colon",
	"c:evil":                    "backslash or a colon",
	"a\x00b":                    "control characters",
	"a\nb":                      "control characters",
	"a\xffb":                    "is not UTF-8",
	"a//b":                      "has an empty part",
	"a/./b":                     "has an empty part",
	"a./b":                      "ends in a blank or a full stop",
	"a /b":                      "ends in a blank or a full stop",
	strings.Repeat("a", 256):    "too long",
	strings.Repeat("abc/", 300): "too long",
	"":                          "its name is empty",
}

func TestBadNames(t *testing.T) {
	for name, want := range badNames {
		if got := badName(strings.TrimSuffix(name, "/")); !strings.Contains(got, want) {
			t.Errorf("%.20q: %q, want %q", name, got, want)
		}
		if name == "a\x00b" || name == "" || strings.HasSuffix(name, "/") {
			continue // package tar cannot write these
		}
		for kind, archive := range map[Unpack][]byte{Zip: zipOf(t, entry{name: "good", text: "x"}, entry{name: name, text: "x"}), TarGz: tarOf(t, entry{name: "good", text: "x"}, entry{name: name, text: "x"})} {
			hostile(t, fmt.Sprintf("%v %.20q", kind, name), archive, File{Unpack: kind}, want)
			// It is refused for its name even where it is not wanted.
			hostile(t, fmt.Sprintf("%v %.20q", kind, name), archive, File{Unpack: kind, Members: []Member{{Name: "good"}}}, want)
		}
	}
	for _, name := range []string{"a", "a/b", "a b", "Grüße/ä.txt", "..a", "a..b", "...a/b", strings.Repeat("a", 255)} {
		if reason := badName(name); reason != "" {
			t.Errorf("%q: %s", name, reason)
		}
	}
}

// hostile wants an archive refused, and nothing of it unpacked anywhere.
func hostile(t *testing.T, what string, archive []byte, f File, want string) {
	t.Helper()
	dir, err := unpacked(t, archive, f)
	var e *ArchiveError
	if !errors.As(err, &e) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "nothing of it was unpacked") {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
	if got := files(t, dir); strings.Contains(got, " ") {
		t.Errorf("%s: files %s", what, got)
	}
}

func TestHostileArchives(t *testing.T) {
	zeros := strings.Repeat("\x00", 3<<20)
	for _, c := range []struct {
		name    string
		archive []byte
		file    File
		want    string
	}{
		{"link", zipOf(t, entry{name: "a", text: "/etc/passwd", mode: fs.ModeSymlink | 0o777}), File{Unpack: Zip}, "neither a file nor a folder"},
		{"link that is not wanted", zipOf(t, entry{name: "b", text: "x"}, entry{name: "a", text: "/etc", mode: fs.ModeSymlink | 0o777}), File{Unpack: Zip, Members: []Member{{Name: "b"}}}, "neither a file nor a folder"},
		{"device", zipOf(t, entry{name: "a", mode: fs.ModeDevice | 0o777}), File{Unpack: Zip}, "neither a file nor a folder"},
		{"folder called like a file", zipOf(t, entry{name: "a", mode: fs.ModeDir | 0o777}), File{Unpack: Zip}, "neither a file nor a folder"},
		{"symlink", tarOf(t, entry{name: "a", link: "/etc"}, entry{name: "a/passwd", text: "x"}), File{Unpack: TarGz}, "neither a file nor a folder"},
		{"hard link", tarOf(t, entry{name: "b", text: "x"}, entry{name: "a", link: "b", kind: tar.TypeLink}), File{Unpack: TarGz}, "neither a file nor a folder"},
		{"pipe", tarOf(t, entry{name: "a", kind: tar.TypeFifo}), File{Unpack: TarGz}, "neither a file nor a folder"},
		{"one name twice", zipOf(t, entry{name: "a", text: "1"}, entry{name: "a", text: "2"}), File{Unpack: Zip}, "two members have this name"},
		{"one name twice in tar", tarOf(t, entry{name: "a", text: "1"}, entry{name: "./a", text: "2"}), File{Unpack: TarGz}, "two members have this name"},
		{"one name in two cases", zipOf(t, entry{name: "a/B", text: "1"}, entry{name: "A/b", text: "2"}), File{Unpack: Zip}, "two members have this name"},
		{"file and folder", zipOf(t, entry{name: "a", text: "1"}, entry{name: "a/b", text: "2"}), File{Unpack: Zip}, "it lies in a file"},
		{"folder and file", zipOf(t, entry{name: "a/b", text: "1"}, entry{name: "a", text: "2"}), File{Unpack: Zip}, "a file and a folder at once"},
		{"too many", zipOf(t, entry{name: "a"}, entry{name: "b"}, entry{name: "c"}), File{Unpack: Zip, Limits: Limits{Members: 2}}, "more than 2 members"},
		{"too many in tar", tarOf(t, entry{name: "a"}, entry{name: "b"}, entry{name: "c"}), File{Unpack: TarGz, Limits: Limits{Members: 2}}, "more than 2 members"},
		{"too large", zipOf(t, entry{name: "a", text: "abc"}, entry{name: "b", text: "abc"}), File{Unpack: Zip, Limits: Limits{Bytes: 5}}, "more than the 5 bytes"},
		{"too large in tar", tarOf(t, entry{name: "a", text: "abc"}, entry{name: "b", text: "abc"}), File{Unpack: TarGz, Limits: Limits{Bytes: 5}}, "more than the 5 bytes"},
		{"too large in gzip", gzipOf(t, "", "abcdef"), File{Unpack: Gzip, Limits: Limits{Bytes: 5}}, "more than the 5 bytes"},
		{"bomb", zipOf(t, entry{name: "a", text: zeros}), File{Unpack: Zip}, "or 100 times its size"},
		{"bomb in gzip", gzipOf(t, "", zeros), File{Unpack: Gzip}, "or 100 times its size"},
		{"bomb in tar", tarOf(t, entry{name: "a", text: zeros}), File{Unpack: TarGz}, "or 100 times its size"},
		{"bomb in tar that is not wanted", tarOf(t, entry{name: "b"}, entry{name: "a", text: zeros}), File{Unpack: TarGz, Limits: Limits{Members: 10}, Members: []Member{{Name: "b"}}}, "or 100 times its size"},
		{"bomb that lies about its size", lying(t, zeros), File{Unpack: Zip}, ""},
		{"encrypted", zipOf(t, entry{name: "a", text: "x", flag: 1}), File{Unpack: Zip}, "it is encrypted"},
		{"another method", method(t, 99), File{Unpack: Zip}, "compressed in a way that is not supported"},
		{"missing member", zipOf(t, entry{name: "a"}), File{Unpack: Zip, Members: []Member{{Name: "a"}, {Name: "b"}}}, `member "b": the archive has no such member`},
		{"missing member in tar", tarOf(t, entry{name: "a"}), File{Unpack: TarGz, Members: []Member{{Name: "b"}}}, "has no such member"},
		{"no zip", []byte("hello"), File{Unpack: Zip}, "no sound zip archive"},
		{"no gzip", []byte("hello, this is no gzip file"), File{Unpack: Gzip}, "no sound gzip archive"},
		{"no tar", gzipOf(t, "", strings.Repeat("hello", 200)), File{Unpack: TarGz}, "no sound tar.gz archive"},
		{"empty gzip", nil, File{Unpack: Gzip}, "it is cut off"},
		{"damaged", flipped(zipOf(t, entry{name: "a", text: string(bytesOf(1000))}), 200), File{Unpack: Zip}, "its compressed data is damaged"},
		{"damaged gzip", flipped(gzipOf(t, "", string(bytesOf(1000))), 200), File{Unpack: Gzip}, "its compressed data is damaged"},
		{"damaged sum of tar", flipped(tarOf(t, entry{name: "a", text: "x"}), -6), File{Unpack: TarGz}, "its compressed data is damaged"},
		{"cut", cutOff(gzipOf(t, "", string(bytesOf(1000))), 5), File{Unpack: Gzip}, "it is cut off"},
		{"cut tar", cutOff(tarOf(t, entry{name: "a", text: string(bytesOf(1000))}), 500), File{Unpack: TarGz}, "it is cut off"},
	} {
		hostile(t, c.name, c.archive, c.file, c.want)
	}
	dir, err := unpacked(t, zipOf(t, entry{name: "a", text: "x"}), File{Unpack: Zip, Members: []Member{{"a", sha([]byte("y"))}}})
	var wrong *ChecksumError
	if !errors.As(err, &wrong) || wrong.Want != sha([]byte("y")) || wrong.Got != sha([]byte("x")) || files(t, dir) != "toy/in/a.zip" {
		t.Errorf("%v, files %s", err, files(t, dir))
	}
}

func flipped(b []byte, i int) []byte {
	if i < 0 {
		i += len(b)
	}
	b[i] ^= 0x55
	return b
}

func cutOff(b []byte, n int) []byte { return b[:len(b)-n] }

// lying makes a zip archive whose directory says that its member unpacks to ten bytes.
func lying(t *testing.T, text string) []byte {
	b := zipOf(t, entry{name: "a", text: text})
	i := bytes.Index(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[i+24:], 10)
	return b
}

// method makes a zip archive that names a method of compression.
func method(t *testing.T, number uint16) []byte {
	b := zipOf(t, entry{name: "a", text: "x"})
	binary.LittleEndian.PutUint16(b[bytes.Index(b, []byte("PK\x01\x02"))+10:], number)
	return b
}

func TestMost(t *testing.T) {
	for _, c := range []struct {
		limits Limits
		packed int64
		want   int64
	}{
		{Limits{}, 0, free}, {Limits{}, 1000, free + 100_000}, {Limits{}, 1 << 40, DefaultBytes}, {Limits{Bytes: 10}, 1000, 10}, {Limits{Ratio: 2}, 1000, free + 2000},
		{Limits{Bytes: 1 << 62, Ratio: 1 << 40}, 1 << 40, 1 << 62},
	} {
		if got := c.limits.filled().most(c.packed); got != c.want {
			t.Errorf("%+v of %d: %d, want %d", c.limits, c.packed, got, c.want)
		}
	}
}

// TestCancelUnpacking ends the context while members are written.
func TestCancelUnpacking(t *testing.T) {
	dir := t.TempDir()
	put(t, zipOf(t, entry{name: "a", text: "1"}, entry{name: "b", text: "2"}), dir, "toy", "a.zip")
	ctx, cancel := context.WithCancel(context.Background())
	o := Options{Offline: true, Progress: func(p Progress) {
		if p.Stage == Unpacking {
			cancel()
		}
	}}
	item := Item{Name: "toy", Files: []File{{Name: "a.zip", Unpack: Zip}}}
	if _, err := (Cache{Dir: dir}).Get(ctx, item, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if got := files(t, dir); got != "toy/a.zip" {
		t.Errorf("files %s", got)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "toy", ".*")); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	_ = os.Remove(dir)
}
