package fetch

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// server answers requests for paths, and notes them.
type server struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string // "PATH RANGE"
	serve map[string]http.HandlerFunc
}

func newServer(t testing.TB) *server {
	s := &server{serve: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked = append(s.asked, strings.TrimSpace(r.URL.Path+" "+r.Header.Get("Range")))
	handle := s.serve[r.URL.Path]
	s.mu.Unlock()
	if handle == nil {
		http.NotFound(w, r)
		return
	}
	handle(w, r)
}

// requests gives what was asked since the last call.
func (s *server) requests() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := strings.Join(s.asked, ", ")
	s.asked = nil
	return text
}

// on sets the answer for a path.
func (s *server) on(path string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serve[path] = h
}

// file answers as a good server does: with ranges, and a tag of the version.
func file(content []byte, tag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
}

// cut answers as file does, but drops the connection after n bytes of the body.
func cut(content []byte, tag string, n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		file(content, tag)(&cutting{w, n}, r)
	}
}

type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	if c.left < len(p) {
		_, _ = c.ResponseWriter.Write(p[:c.left])
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	c.left -= len(p)
	return c.ResponseWriter.Write(p)
}

// in answers with one handler after the other, the last for ever.
func in(order ...http.HandlerFunc) http.HandlerFunc {
	var mu sync.Mutex
	next := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := order[min(next, len(order)-1)]
		next++
		mu.Unlock()
		h(w, r)
	}
}

// status answers with a status only.
func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Error(w, http.StatusText(code), code) }
}

// bytesOf makes n bytes that look random and are the same every time.
func bytesOf(n int) []byte {
	b := make([]byte, n)
	x := uint64(n)
	for i := range b {
		x = x*6364136223846793005 + 1442695040888963407
		b[i] = byte(x >> 56)
	}
	return b
}

func sha(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
func sum5(b []byte) string {
	s := md5.Sum(b)
	return hex.EncodeToString(s[:])
}

// toy is an item of one file at /a.bin of a server.
func (s *server) toy(content []byte) Item {
	return Item{Name: "toy", Files: []File{{Name: "a.bin", URLs: []string{s.URL + "/a.bin"}, Size: int64(len(content)), SHA256: sha(content)}}}
}

// quick are options for tests: short pauses, and a list of what was told.
func quick(told *[]string) Options {
	return Options{Pause: time.Millisecond, Stall: 20 * time.Second, Progress: func(p Progress) {
		line := fmt.Sprintf("%s %v %s", p.File, p.Stage, p.Note)
		if told != nil && (len(*told) == 0 || (*told)[len(*told)-1] != line) {
			*told = append(*told, line)
		}
	}}
}

// get fetches into a folder and wants it to work.
func get(t *testing.T, dir string, item Item, o Options) *Result {
	t.Helper()
	r, err := Cache{Dir: dir}.Get(context.Background(), item, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refused fetches into a folder and wants an error with the parts in it.
func refused(t *testing.T, dir string, item Item, o Options, parts ...string) error {
	t.Helper()
	_, err := Cache{Dir: dir}.Get(context.Background(), item, o)
	for _, part := range parts {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Fatalf("error %v\nwant %q in it", err, part)
		}
	}
	if err == nil {
		t.Fatal("no error")
	}
	return err
}

// files lists all files below a folder but locks and manifests.
func files(t testing.TB, dir string) string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !(filepath.Dir(p) == dir && strings.HasPrefix(d.Name(), ".")) {
			rel, _ := filepath.Rel(dir, p)
			list = append(list, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, " ")
}

func content(t testing.TB, parts ...string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func put(t testing.TB, b []byte, parts ...string) {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
