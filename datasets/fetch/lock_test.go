package fetch

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestMain lets the test program be another process that fetches.
func TestMain(m *testing.M) {
	if url := os.Getenv("FETCH_TEST_URL"); url != "" {
		o := Options{Progress: func(p Progress) { fmt.Println(p.Stage, p.Done) }}
		_, err := Cache{Dir: os.Getenv("FETCH_TEST_DIR")}.Get(context.Background(), Item{Name: "toy", Files: []File{{Name: "a.bin", URLs: []string{url}}}}, o)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("done")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// another starts another process that fetches, and waits for a line it prints.
func another(t *testing.T, dir, url, until string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program)
	c.Env = append(os.Environ(), "FETCH_TEST_URL="+url, "FETCH_TEST_DIR="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), until) {
			go func() { // it must not be held up by a full pipe
				for lines.Scan() {
				}
			}()
			return c
		}
	}
	t.Fatalf("the other process ended without %q", until)
	return nil
}

// halting sends the first half, then waits for a channel to be closed.
func halting(data []byte, release <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:len(data)/2])
		w.(http.Flusher).Flush()
		select {
		case <-release:
			_, _ = w.Write(data[len(data)/2:])
		case <-r.Context().Done():
		}
	}
}

// TestTwoProcesses has another process fetch the item; this one waits, and is told for
// whom.
func TestTwoProcesses(t *testing.T) {
	data := bytesOf(10_000)
	s, dir := newServer(t), t.TempDir()
	release := make(chan struct{})
	s.on("/a.bin", halting(data, release))
	item := Item{Name: "toy", Files: []File{{Name: "a.bin", URLs: []string{s.URL + "/a.bin"}}}}
	c := another(t, dir, s.URL+"/a.bin", "downloading 5000")
	holder := fmt.Sprintf("process %d on ", c.Process.Pid)

	o := quick(nil)
	o.NoWait = true
	err := refused(t, dir, item, o, "toy: another process is fetching it ("+holder, "wait for it, or use another folder")
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Path != filepath.Join(dir, ".toy.lock") {
		t.Errorf("%#v", err)
	}

	ctx, cancel := context.WithCancel(context.Background())
	o = quick(nil)
	o.Progress = func(p Progress) {
		if p.Stage != Waiting || !strings.Contains(p.Note, holder) {
			t.Errorf("told %+v", p)
		}
		cancel()
	}
	if _, err := (Cache{Dir: dir}).Get(ctx, item, o); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "waiting for "+holder) {
		t.Error(err)
	}

	waited := false
	o.Progress = func(p Progress) {
		if p.Stage == Waiting && !waited {
			waited = true
			close(release)
		}
	}
	r := get(t, dir, item, o)
	if !waited || r.Changed || r.Files[0].SHA256 != sha(data) {
		t.Errorf("waited %v, %+v", waited, r)
	}
	if got := s.requests(); got != "/a.bin" {
		t.Errorf("asked %s", got)
	}
}

// TestKilled kills another process in the middle; this one goes on from there, and needs
// not wait.
func TestKilled(t *testing.T) {
	data := bytesOf(10_000)
	s, dir := newServer(t), t.TempDir()
	s.on("/a.bin", in(halting(data, nil), file(data, `"1"`)))
	c := another(t, dir, s.URL+"/a.bin", "downloading 5000")
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	item := s.toy(data)
	get(t, dir, item, quick(nil))
	if got := s.requests(); got != "/a.bin, /a.bin bytes=5000-" || !bytes.Equal(content(t, dir, "toy", "a.bin"), data) {
		t.Errorf("asked %s", got)
	}
}

// TestManyAtOnce has goroutines fetch one item: it is fetched once.
func TestManyAtOnce(t *testing.T) {
	data := bytesOf(100_000)
	s, dir := newServer(t), t.TempDir()
	s.on("/a.bin", file(data, `"1"`))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := (Cache{Dir: dir}).Get(context.Background(), s.toy(data), Options{Pause: time.Millisecond}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := s.requests(); got != "/a.bin" {
		t.Errorf("asked %s", got)
	}
}

func TestHolder(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]string{"": "another process", "process 7 on box since x\nmore": "process 7 on box since x", "a\x1b[2Jb": "a?[2Jb"} {
		put(t, []byte(text), dir, "lock")
		if got := holderOf(filepath.Join(dir, "lock")); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := holderOf(filepath.Join(dir, "none")); got != "another process" {
		t.Error(got)
	}
}
