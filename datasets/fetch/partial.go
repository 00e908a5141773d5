package fetch

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

// disk is what downloading does to the file system, so that tests can make it fail.
type disk interface {
	// Append opens a file for writing at its end, making it where it is missing.
	Append(path string) (partFile, error)
	// Rename gives a file its final name and returns when that has reached the disk.
	Rename(from, to string) error
}

// partFile is a file that grows.
type partFile interface {
	io.WriteCloser
	Truncate(size int64) error
	Sync() error
}

type realDisk struct{}

func (realDisk) Append(path string) (partFile, error) {
	// Not through a link: what is written comes from outside.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is not a regular file")}
	}
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
}

func (realDisk) Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	syncDir(filepath.Dir(to))
	return nil
}

// syncDir makes names in a folder reach the disk, on systems that can: a name that is
// lost costs another download, nothing else.
func syncDir(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		f.Close()
	}
}

// version is how a server tells one content of an address from another. It is stored
// beside a partial file.
type version struct {
	URL      string `json:"url"`
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"last_modified,omitempty"`
	Total    int64  `json:"total"` // bytes of the whole; -1 where the server did not say
}

// versionOf reads what an answer says; total is that of the whole file.
func versionOf(url string, h http.Header, total int64) version {
	return version{URL: url, ETag: h.Get("ETag"), Modified: h.Get("Last-Modified"), Total: total}
}

// strong gives what a request may be made conditional by, or "" where the server offers
// nothing that tells every change: a weak tag does not.
func (v version) strong() string {
	if v.ETag != "" && !strings.HasPrefix(v.ETag, "W/") {
		return v.ETag
	}
	return v.Modified
}

// same tells whether another answer is about the same content.
func (v version) same(other version) bool {
	return v.ETag == other.ETag && v.Modified == other.Modified && (v.Total == other.Total || v.Total < 0 || other.Total < 0)
}

// part is a file on its way.
type part struct {
	path string // NAME.part
	have int64  // bytes that are there
	from version
}

func (p *part) notePath() string { return p.path + ".json" }

// longestNote is more than any note needs.
const longestNote = 64 << 10

// openPart finds out what an earlier call left.
func openPart(path string) *part {
	p := &part{path: path}
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return p
	}
	note, err := os.Stat(p.notePath())
	if err != nil || note.Size() > longestNote {
		return p
	}
	text, err := os.ReadFile(p.notePath())
	if err != nil || json.Unmarshal(text, &p.from) != nil {
		p.from = version{}
		return p
	}
	p.have = info.Size()
	return p
}

// resumable tells whether the rest can be asked for at an address: the server must be
// able to say that the file is still the same.
func (p *part) resumable(url string) bool {
	return p.have > 0 && p.from.URL == url && p.from.strong() != ""
}

// begin notes where the bytes that follow come from.
func (p *part) begin(v version) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	p.from = v
	return renameio.WriteFile(p.notePath(), text, 0o644, renameio.WithTempDir(filepath.Dir(p.path)))
}

// drop forgets what is there.
func (p *part) drop() {
	// Where they cannot be removed, opening or renaming fails too and tells why.
	_ = os.Remove(p.path)
	_ = os.Remove(p.notePath())
	p.have, p.from = 0, version{}
}
