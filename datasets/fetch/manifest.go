package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// manifest says what a complete item consists of. It is written last.
type manifest struct {
	Format int      `json:"format"`
	Item   string   `json:"item"`
	Source string   `json:"source"` // fingerprint of the item's definition
	Files  []Stored `json:"files"`
}

// manifestFormat changes with the meaning of the fields.
const manifestFormat = 1

// longestManifest is more than any item of at most DefaultMembers files needs.
const longestManifest = 64 << 20

func (w *work) manifestPath() string {
	return filepath.Join(w.cache, "."+w.item.Name+".json")
}

// readManifest gives the manifest of this very item, or nil where there is none that can
// be used: then all is looked at anew.
func (w *work) readManifest() *manifest {
	info, err := os.Stat(w.manifestPath())
	if err != nil || info.Size() > longestManifest {
		return nil
	}
	text, err := os.ReadFile(w.manifestPath())
	if err != nil {
		return nil
	}
	m := new(manifest)
	if json.Unmarshal(text, m) != nil || m.Format != manifestFormat || m.Item != w.item.Name || m.Source != w.item.fingerprint() {
		return nil
	}
	for _, f := range m.Files {
		if badName(f.Name) != "" {
			return nil
		}
	}
	return m
}

func (w *work) writeManifest(files []Stored) error {
	text, err := json.MarshalIndent(manifest{manifestFormat, w.item.Name, w.item.fingerprint(), files}, "", " ")
	if err != nil {
		return err
	}
	path := w.manifestPath()
	if err := renameio.WriteFile(path, append(text, '\n'), 0o644, renameio.WithTempDir(w.cache)); err != nil {
		return diskError(path, err)
	}
	return nil
}

func (w *work) removeManifest() error {
	if err := os.Remove(w.manifestPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError(w.manifestPath(), err)
	}
	return nil
}

// complete hashes all files of a manifest and gives them if they are as they were.
func (w *work) complete(ctx context.Context) ([]Stored, error) {
	m := w.readManifest()
	if m == nil {
		return nil, nil
	}
	for _, f := range m.Files {
		info, err := os.Stat(w.path(f.Name))
		if err != nil || info.Size() != f.Size {
			return nil, nil
		}
	}
	for _, f := range m.Files {
		sums, err := w.hash(ctx, w.path(f.Name), f.Name)
		if ctx.Err() != nil {
			return nil, err
		}
		if err != nil || sums.sha256 != f.SHA256 {
			return nil, nil
		}
	}
	return m.Files, nil
}
