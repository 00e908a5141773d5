package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"

	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

// Version is the format version that is written, and the newest that is read.
const Version = 1

// versionKey is the metadata key of the format version.
const versionKey = "graft.checkpoint"

// Named is a tensor with its path, "block.3.attention.query.weight".
type Named struct {
	Name   string
	Tensor *tensor.Tensor
}

// State is what a checkpoint holds.
type State struct {
	Tensors []Named           // their order does not matter; a loaded state has them by name
	Meta    map[string]string // free strings, UTF-8: configuration, step, random streams
}

// Tensor returns the tensor of this name, nil when there is none.
func (s *State) Tensor(name string) *tensor.Tensor {
	for _, n := range s.Tensors {
		if n.Name == name {
			return n.Tensor
		}
	}
	return nil
}

// Encode writes the state as a safetensors file with checksums. A nil tensor panics.
func (s *State) Encode(w io.Writer) error {
	tensors := make([]safetensors.Tensor, len(s.Tensors))
	for i, n := range s.Tensors {
		if n.Tensor == nil {
			panic(fmt.Sprintf("checkpoint: Encode: tensor %q is nil", n.Name))
		}
		tensors[i] = safetensors.FromFloat32(n.Name, n.Tensor.Data(), n.Tensor.Shape()...)
	}
	if _, ok := s.Meta[versionKey]; ok {
		return fmt.Errorf("checkpoint: the metadata key %q is taken by the format version; choose another key", versionKey)
	}
	meta := make(map[string]string, len(s.Meta)+1)
	maps.Copy(meta, s.Meta)
	meta[versionKey] = strconv.Itoa(Version)
	return safetensors.WriteChecked(w, tensors, meta)
}

// VersionError says that a checkpoint was written in a format that this version of the package does not know.
type VersionError struct {
	Path    string // of the file
	Version string // as the file states it
}

// Error names the file, its version and the newest that can be read.
func (e *VersionError) Error() string {
	return fmt.Sprintf("checkpoint: %s: written in format version %q, this program reads up to version %d; use a newer graft", e.Path, e.Version, Version)
}

// errNotCheckpoint is inside the error of reading a safetensors file that is no checkpoint.
var errNotCheckpoint = errors.New("not a checkpoint: its metadata have no " + versionKey)

// Read reads and verifies a checkpoint file completely.
func Read(path string) (*State, error) { return read(Disk{}, path) }

func read(fsys FS, path string) (*State, error) {
	file, err := fsys.Open(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	s, err := decode(file, path)
	_ = file.Close() // it was only read
	return s, err
}

// decode reads a state. The header's checksum is verified first, so that a flipped bit does not look like another version.
func decode(file Reader, path string) (*State, error) {
	size, err := file.Size()
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	f, err := safetensors.NewReader(file, size, safetensors.Options{RequireChecksums: true})
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
	}
	meta := f.Metadata()
	version, ok := meta[versionKey]
	switch n, err := strconv.Atoi(version); {
	case !ok:
		return nil, fmt.Errorf("checkpoint: %s: %w", path, errNotCheckpoint)
	case err != nil || n < 1 || n > Version:
		return nil, &VersionError{Path: path, Version: version}
	}
	delete(meta, versionKey)
	s := &State{Meta: meta}
	for _, name := range f.Names() {
		data, shape, err := f.Float32(name)
		if err != nil {
			return nil, fmt.Errorf("checkpoint: %s: %w", path, err)
		}
		s.Tensors = append(s.Tensors, Named{Name: name, Tensor: tensor.FromSlice(data, shape...)})
	}
	return s, nil
}
