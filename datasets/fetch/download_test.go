package fetch

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestResume plays servers that break off, and holds what is asked then.
func TestResume(t *testing.T) {
	data := bytesOf(100_000)
	changed := bytes.Clone(data)
	changed[5]++
	plain := func(b []byte) http.HandlerFunc { // knows no ranges
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Length", fmt.Sprint(len(b)))
			_, _ = w.Write(b)
		}
	}
	part := func(head string, b []byte) http.HandlerFunc { // answers with some part
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Range", head)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(b)
		}
	}
	beyond := func(head string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.Header().Set("Content-Range", head)
			w.WriteHeader(http.StatusRequestedRangeNotSatisfiable)
		}
	}
	good := file(data, `"1"`)
	for _, c := range []struct {
		name  string
		serve http.HandlerFunc
		asked string
	}{
		{"cut once", in(cut(data, `"1"`, 40_000), good), "/a.bin, /a.bin bytes=40000-"},
		{"cut thrice", in(cut(data, `"1"`, 40_000), cut(data, `"1"`, 20_000), cut(data, `"1"`, 1), good), "/a.bin, /a.bin bytes=40000-, /a.bin bytes=60000-, /a.bin bytes=60001-"},
		{"changed meanwhile", in(cut(changed, `"0"`, 40_000), good), "/a.bin, /a.bin bytes=40000-"},
		{"changed to another tag of the part", in(cut(changed, `"0"`, 40_000), part("bytes 40000-99999/100000", data[40_000:]), good), "/a.bin, /a.bin bytes=40000-, /a.bin"},
		{"no ranges", in(cut(data, `"1"`, 40_000), plain(data)), "/a.bin, /a.bin bytes=40000-"},
		{"another part", in(cut(data, `"1"`, 40_000), part("bytes 30000-99999/100000", data[30_000:]), good), "/a.bin, /a.bin bytes=40000-, /a.bin"},
		{"not up to the end", in(cut(data, `"1"`, 40_000), part("bytes 40000-49999/100000", data[40_000:50_000]), good), "/a.bin, /a.bin bytes=40000-, /a.bin"},
		{"a part of nothing", in(cut(data, `"1"`, 40_000), part("", data[40_000:]), good), "/a.bin, /a.bin bytes=40000-, /a.bin"},
		{"a part unasked", in(part("bytes 0-99999/100000", data), good), "/a.bin, /a.bin"},
		{"no such part", in(cut(data, `"1"`, 40_000), beyond("bytes */30000"), good), "/a.bin, /a.bin bytes=40000-, /a.bin"},
		{"no such part, it does not say why", in(cut(data, `"1"`, 40_000), beyond(""), good), "/a.bin, /a.bin bytes=40000-, /a.bin"},
		{"the same tag of another file", in(cut(changed, `"1"`, 40_000), good, good), "/a.bin, /a.bin bytes=40000-, /a.bin"},
		{"a weak tag", in(cut(data, `W/"1"`, 40_000), good), "/a.bin, /a.bin"},
		{"no tag", in(cut(data, ``, 40_000), good), "/a.bin, /a.bin"},
		{"a failure between", in(cut(data, `"1"`, 40_000), status(503), good), "/a.bin, /a.bin bytes=40000-, /a.bin bytes=40000-"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, dir := newServer(t), t.TempDir()
			s.on("/a.bin", c.serve)
			get(t, dir, s.toy(data), quick(nil))
			if !bytes.Equal(content(t, dir, "toy", "a.bin"), data) {
				t.Error("another content")
			}
			if got := files(t, dir); got != "toy/a.bin" {
				t.Errorf("files %s", got)
			}
			if got := s.requests(); got != c.asked {
				t.Errorf("asked %s\nwant  %s", got, c.asked)
			}
		})
	}
}

// TestResumeLater holds that a later call goes on where an earlier one stopped.
func TestResumeLater(t *testing.T) {
	data := bytesOf(100_000)
	s, dir := newServer(t), t.TempDir()
	item := s.toy(data)
	part := filepath.Join(dir, "toy", "a.bin.part")
	o := quick(nil)
	o.Tries = 1
	s.on("/a.bin", in(cut(data, `"1"`, 40_000), file(data, `"1"`)))
	refused(t, dir, item, o, "the connection was cut", "run this again")
	if !bytes.Equal(content(t, part), data[:40_000]) {
		t.Fatal("what arrived is not kept")
	}
	s.requests()
	get(t, dir, item, o)
	if got := s.requests(); got != "/a.bin bytes=40000-" {
		t.Errorf("asked %s", got)
	}

	// A whole file that only needs its name: nothing is asked.
	whole := func(t *testing.T, note string) {
		t.Helper()
		put(t, data, part)
		put(t, []byte(note), part+".json")
		if err := os.Remove(filepath.Join(dir, "toy", "a.bin")); err != nil {
			t.Fatal(err)
		}
	}
	note := `{"url":"` + s.URL + `/a.bin","etag":"\"1\"","total":100000}`
	whole(t, note)
	if get(t, dir, item, o); s.requests() != "" {
		t.Error("asked for what was there")
	}
	// One of unknown size: the server says that nothing is missing.
	item.Files[0].Size, item.Files[0].SHA256 = 0, ""
	whole(t, note)
	get(t, dir, item, o)
	if got := s.requests(); got != "/a.bin bytes=100000-" {
		t.Errorf("asked %s", got)
	}
	// Notes that cannot be used.
	for name, note := range map[string]string{
		"no JSON": "{", "another address": `{"url":"http://example.invalid","etag":"\"1\"","total":100000}`, "nothing": "", "too long": strings.Repeat(" ", longestNote+1),
	} {
		whole(t, note)
		get(t, dir, item, o)
		if got := s.requests(); got != "/a.bin" {
			t.Errorf("%s: asked %s", name, got)
		}
	}
	// A part without a note, a longer one than the file, and one through a link.
	item = s.toy(data)
	for name, prepare := range map[string]func(){
		"no note": func() { put(t, data[:10], part) },
		"longer":  func() { put(t, append(bytes.Clone(data), 1), part); put(t, []byte(note), part+".json") },
	} {
		o.Force = true
		prepare()
		get(t, dir, item, o)
		if got := s.requests(); got != "/a.bin" || !bytes.Equal(content(t, dir, "toy", "a.bin"), data) {
			t.Errorf("%s: asked %s", name, got)
		}
	}
	outside := filepath.Join(t.TempDir(), "outside")
	put(t, []byte("mine"), outside)
	if err := os.Symlink(outside, part); err != nil {
		t.Skip(err)
	}
	get(t, dir, item, o) // the link is dropped
	if string(content(t, outside)) != "mine" {
		t.Error("written through a link")
	}
}

// TestWrong holds what is said of files that are not the published ones.
func TestWrong(t *testing.T) {
	data := bytesOf(5_000)
	other := bytes.Clone(data)
	other[17]++
	chunked := func(b []byte) http.HandlerFunc { // of unknown length
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(b[:1])
			w.(http.Flusher).Flush()
			_, _ = w.Write(b[1:])
		}
	}
	s := newServer(t)
	for _, c := range []struct {
		name  string
		serve http.HandlerFunc
		file  File
		parts []string
		left  string
	}{
		{"wrong hash", file(other, `"1"`), File{Size: 5_000, SHA256: sha(data)},
			[]string{"a.bin: its SHA-256 is " + sha(other) + ", expected " + sha(data) + "; it is kept as ", "a.bin.bad; "}, "toy/a.bin.bad"},
		{"wrong MD5", file(other, `"1"`), File{MD5: sum5(data)}, []string{"its MD5 is " + sum5(other) + ", expected " + sum5(data)}, "toy/a.bin.bad"},
		{"another length", file(other[:4_999], `"1"`), File{Size: 5_000, SHA256: sha(data)}, []string{"it offers a file of 4999 bytes, expected 5000", "run this again"}, ""},
		{"a web page", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "<html>log in</html>")
		}, File{Size: 5_000}, []string{"it offers a file of 19 bytes, expected 5000; it is a web page: the file has moved, or the network wants a login"}, ""},
		{"longer than it may be", file(data, `"1"`), File{MaxSize: 4_000}, []string{"it offers a file of 5000 bytes, more than the 4000 that are accepted"}, ""},
		{"longer, without saying so", chunked(data), File{MaxSize: 4_000}, []string{"it sends more than the 4000 bytes that are accepted"}, ""},
		{"longer than known, without saying so", chunked(data), File{Size: 4_999}, []string{"it sends more than the 4999 bytes that are accepted"}, ""},
		{"shorter, without saying so", chunked(data), File{Size: 5_001}, []string{"it stopped after 5000 of 5001 bytes (tried 4 times)"}, "toy/a.bin.part toy/a.bin.part.json"},
		{"compressed", func(w http.ResponseWriter, r *http.Request) { w.Header().Set("Content-Encoding", "gzip") }, File{},
			[]string{`it sends the file compressed ("gzip"), which was not asked for`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			s.on("/a.bin", c.serve)
			c.file.Name, c.file.URLs = "a.bin", []string{s.URL + "/a.bin"}
			refused(t, dir, Item{Name: "toy", Files: []File{c.file}}, quick(nil), c.parts...)
			if got := files(t, dir); got != c.left {
				t.Errorf("files %q, want %q", got, c.left)
			}
		})
	}
	var wrong *ChecksumError
	s.on("/a.bin", file(other, `"1"`))
	dir := t.TempDir()
	if err := refused(t, dir, s.toy(data), quick(nil)); !errors.As(err, &wrong) || wrong.Want != sha(data) || wrong.Got != sha(other) || !bytes.Equal(content(t, wrong.Kept), other) {
		t.Errorf("%#v", wrong)
	}
	// The right file later makes the item complete; the wrong one stays until the user deletes it.
	s.on("/a.bin", file(data, `"1"`))
	get(t, dir, s.toy(data), quick(nil))

	// Of two addresses with wrong files both are told.
	item := s.toy(data)
	item.Files[0].URLs = []string{s.URL + "/b", s.URL + "/c"}
	s.on("/b", file(other, `"1"`))
	s.on("/c", file(other[:3], `"1"`))
	refused(t, t.TempDir(), item, quick(nil), "SHA-256 is "+sha(other)+", expected "+sha(data)+"; then ", "it offers a file of 3 bytes")
}
