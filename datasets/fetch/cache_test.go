package fetch

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

func TestGet(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	data := bytesOf(300_000)
	s.on("/a.bin", file(data, `"1"`))
	item := s.toy(data)
	var told []string
	r := get(t, dir, item, quick(&told))
	if !bytes.Equal(content(t, dir, "toy", "a.bin"), data) || r.Dir != filepath.Join(dir, "toy") || !r.Changed || r.Fetched != 300_000 ||
		len(r.Files) != 1 || r.Files[0] != (Stored{"a.bin", 300_000, sha(data)}) {
		t.Errorf("%+v", r)
	}
	host := strings.TrimPrefix(s.URL, "http://")
	if got, want := strings.Join(told, ","), "a.bin connecting "+host+",a.bin downloading ,a.bin verifying "; got != want {
		t.Errorf("told %s, want %s", got, want)
	}
	if got := files(t, dir); got != "toy/a.bin" {
		t.Errorf("files %s", got)
	}
	if got := s.requests(); got != "/a.bin" {
		t.Errorf("asked %s", got)
	}

	// The second time nothing is asked.
	if r := get(t, dir, item, quick(nil)); r.Changed || r.Fetched != 0 || r.Files[0].SHA256 != sha(data) {
		t.Errorf("%+v", r)
	}
	if got := s.requests(); got != "" {
		t.Errorf("asked %s", got)
	}

	// A file that was changed is fetched again, one that was only forgotten is not.
	damaged := bytes.Clone(data)
	damaged[7] ^= 1
	put(t, damaged, dir, "toy", "a.bin")
	if r := get(t, dir, item, quick(nil)); r.Fetched != 300_000 || !bytes.Equal(content(t, dir, "toy", "a.bin"), data) {
		t.Errorf("%+v", r)
	}
	if err := os.Remove(filepath.Join(dir, ".toy.json")); err != nil {
		t.Fatal(err)
	}
	if r := get(t, dir, item, quick(nil)); r.Fetched != 0 || !r.Changed {
		t.Errorf("%+v", r)
	}

	// Force fetches anew.
	s.requests()
	o := quick(nil)
	o.Force = true
	if r := get(t, dir, item, o); r.Fetched != 300_000 || s.requests() != "/a.bin" {
		t.Errorf("%+v", r)
	}
}

// TestManifest holds that a manifest of something else, or a damaged one, is not believed.
func TestManifest(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	data := []byte("the data")
	s.on("/a.bin", file(data, `"1"`))
	item := s.toy(data)
	get(t, dir, item, quick(nil))
	good := content(t, dir, ".toy.json")
	for name, text := range map[string]string{
		"other format": strings.Replace(string(good), `"format": 1`, `"format": 2`, 1),
		"other item":   strings.Replace(string(good), `"toy"`, `"tay"`, 1),
		"other source": strings.Replace(string(good), `"source": "`, `"source": "0`, 1),
		"escape":       strings.Replace(string(good), `a.bin`, `../a.bin`, 1),
		"no JSON":      "{",
		"empty":        "",
	} {
		put(t, []byte(text), dir, ".toy.json")
		if r := get(t, dir, item, quick(nil)); !r.Changed || r.Fetched != 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if !bytes.Equal(content(t, dir, ".toy.json"), good) {
			t.Errorf("%s: the manifest is not as before", name)
		}
	}
	// Another definition of the item is another item.
	item.Files[0].SHA256 = sha([]byte("the date"))
	s.on("/a.bin", file([]byte("the date"), `"2"`))
	if r := get(t, dir, item, quick(nil)); r.Fetched != 8 || string(content(t, dir, "toy", "a.bin")) != "the date" {
		t.Errorf("%+v", r)
	}
}

func TestSeveralFiles(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	s.on("/x", file([]byte("xx"), `"1"`))
	s.on("/y", file([]byte("yyy"), `"1"`))
	s.on("/empty", file(nil, `"1"`))
	item := Item{Name: "several", Folder: "some/where", Files: []File{
		{Name: "x", URLs: []string{s.URL + "/x"}, MD5: sum5([]byte("xx"))},
		{Name: "deep/y", URLs: []string{s.URL + "/gone", s.URL + "/y"}, MaxSize: 3},
		{Name: "empty", URLs: []string{s.URL + "/empty"}},
	}}
	r := get(t, dir, item, quick(nil))
	if got := files(t, dir); got != "some/where/deep/y some/where/empty some/where/x" || len(r.Files) != 3 || r.Fetched != 5 {
		t.Errorf("files %s, %+v", got, r)
	}
	if got := s.requests(); got != "/x, /gone, /y, /empty" {
		t.Errorf("asked %s", got)
	}
}

func TestOffline(t *testing.T) {
	dir := t.TempDir()
	data := []byte("the data")
	item := Item{Name: "toy", Files: []File{
		{Name: "a.bin", URLs: []string{"https://example.invalid/a.bin", "https://example.invalid/b.bin"}, Size: 8, SHA256: sha(data)},
		{Name: "b.bin", URLs: []string{"https://example.invalid/b.bin"}, MD5: sum5(data)},
		{Name: "c.bin"},
	}}
	o := quick(nil)
	o.Offline = true
	where := filepath.Join(dir, "toy")
	err := refused(t, dir, item, o,
		"a.bin: it is not in the cache, and offline no server is asked; without network: get https://example.invalid/a.bin or https://example.invalid/b.bin on another machine, put it at "+
			filepath.Join(where, "a.bin")+" (8 bytes, SHA-256 "+sha(data)+") and run this again",
		"put it at "+filepath.Join(where, "b.bin")+" (MD5 "+sum5(data)+")",
		"without network: put it at "+filepath.Join(where, "c.bin")+" (no hash of it was published)")
	var missing *FileError
	if !errors.As(err, &missing) || missing.File.Name != "a.bin" {
		t.Errorf("%#v", missing)
	}

	// Files brought by hand are verified and used.
	put(t, data, where, "a.bin")
	put(t, []byte("the date"), where, "b.bin")
	put(t, data, where, "c.bin")
	refused(t, dir, item, o, "b.bin: its MD5 is "+sum5([]byte("the date"))+", expected "+sum5(data))
	put(t, data, where, "b.bin")
	if r := get(t, dir, item, o); !r.Changed || len(r.Files) != 3 {
		t.Errorf("%+v", r)
	}
	if r := get(t, dir, item, o); r.Changed {
		t.Errorf("%+v", r)
	}
	o.Force = true
	refused(t, dir, item, o, "choose one")

	// A file without an address.
	o = quick(nil)
	if err := os.Remove(filepath.Join(where, "c.bin")); err != nil {
		t.Fatal(err)
	}
	refused(t, dir, item, o, "it has no address to be fetched from")
}

func TestMirror(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	data := []byte("the data")
	item := s.toy(data)
	item.Folder, item.Files[0].Name = "some folder", "a b.bin"
	s.on("/copy/some folder/a b.bin", file(data, `"1"`))
	o := quick(nil)
	o.Mirror = s.URL + "/copy/"
	if r := get(t, dir, item, o); r.Fetched != 8 || s.requests() != "/copy/some folder/a b.bin" {
		t.Errorf("%+v", r)
	}
	// A mirror with something else does no harm.
	s.on("/copy/some folder/a b.bin", file([]byte("the date"), `"1"`))
	s.on("/a.bin", file(data, `"1"`))
	o.Force = true
	if get(t, dir, item, o); s.requests() != "/copy/some folder/a b.bin, /a.bin" {
		t.Error("the official address was not asked")
	}
	o.Mirror = "ftp://copy"
	refused(t, dir, item, o, `the mirror "ftp://copy" is no http or https address`)
}

func TestDefaultCache(t *testing.T) {
	base := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", base)
	t.Setenv("HOME", base)
	dir, err := datasets.Cache()
	if err != nil || !strings.HasPrefix(dir, base) || filepath.Base(dir) != "graft" {
		t.Fatal(dir, err)
	}
	s := newServer(t)
	s.on("/a.bin", file([]byte("x"), `"1"`))
	r, err := Cache{}.Get(context.Background(), s.toy([]byte("x")), Options{})
	if err != nil || r.Dir != filepath.Join(dir, "toy") {
		t.Errorf("%+v, %v", r, err)
	}
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	if _, err := (Cache{}).Get(context.Background(), s.toy([]byte("x")), Options{}); err == nil || !strings.Contains(err.Error(), "set XDG_CACHE_HOME or HOME, or name a folder") {
		t.Error(err)
	}
}

// TestBadItems holds what is said of items that a program made.
func TestBadItems(t *testing.T) {
	for want, item := range map[string]Item{
		"its name must be of a-z":         {Name: "a/b"},
		"leads out of the folder":         {Name: "a", Folder: "../b"},
		"its name is absolute":            {Name: "a", Files: []File{{Name: "/etc/passwd"}}},
		"a size or limit is negative":     {Name: "a", Files: []File{{Name: "b", Size: -1}}},
		"unknown kind of archive 7":       {Name: "a", Files: []File{{Name: "b", Unpack: 7}}},
		"has one member, not 2":           {Name: "a", Files: []File{{Name: "b.gz", Unpack: Gzip, Members: make([]Member, 2)}}},
		"its name does not end in .gz":    {Name: "a", Files: []File{{Name: "b", Unpack: Gzip}}},
		"a hash is not of 64":             {Name: "a", Files: []File{{Name: "b", SHA256: "abc"}}},
		"its name is empty":               {Name: "a", Files: []File{{Name: "b", Unpack: Zip, Members: []Member{{}}}}},
		"not of 64 lower-case":            {Name: "a", Files: []File{{Name: "b", Unpack: Zip, Members: []Member{{"c", "ABC"}}}}},
		"is no http or https address":     {Name: "a", Files: []File{{Name: "b", URLs: []string{"file:///etc/passwd"}}}},
		`"nowhere" is no http or https a`: {Name: "a", Files: []File{{Name: "b", URLs: []string{"nowhere"}}}},
	} {
		refused(t, t.TempDir(), item, Options{}, want)
	}
	if Unpack(9).String() != "Unpack(9)" || TarGz.String() != "tar.gz" || Stage(9).String() != "Stage(9)" || Converting.String() != "converting" {
		t.Error("names")
	}
	full := File{Size: 1, SHA256: sha(nil), MD5: sum5(nil), Members: []Member{{"a", ""}, {"b", sha(nil)}}}
	if got := full.Verification(); got != "size, SHA-256, MD5 and its members' SHA-256" {
		t.Error(got)
	}
	if got := (File{MD5: sum5(nil)}).Verification() + (File{}).Verification(); got != "MD5" {
		t.Error(got)
	}
}

// TestOfOneVersion holds that an item is not believed complete after an attempt to change
// it failed.
func TestOfOneVersion(t *testing.T) {
	s, dir := newServer(t), t.TempDir()
	data := []byte("the data")
	s.on("/a.bin", in(file(data, `"1"`), status(http.StatusNotFound), file(data, `"1"`)))
	item := s.toy(data)
	get(t, dir, item, quick(nil))
	o := quick(nil)
	o.Force = true
	refused(t, dir, item, o, "404 Not Found")
	if r := get(t, dir, item, quick(nil)); !r.Changed || r.Fetched != 0 { // the old file is still right
		t.Errorf("%+v", r)
	}
}
