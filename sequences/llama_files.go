package sequences

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/safetensors"
)

// The files of a LLaMA-form model, as transformers names them.
const (
	configFile  = "config.json"
	weightsFile = "model.safetensors"
	indexFile   = "model.safetensors.index.json"
)

// maxIndex is the longest index file that is read; those of the largest models have a tenth.
const maxIndex = 16 << 20

// LoadLLaMA returns a model with the weights of a LLaMA-form state dict. path is a .safetensors file, the .json index of a
// sharded one, or the folder of either. A c without a Vocabulary stands for the configuration in config.json beside the
// weights, with the Encoding of c where that is set; where it is an [encodings.LLaMAForm] it takes over the rotation there.
// Where the files have no head, the embedding serves as one. A model of 2D-TPE is one whose Encoding is
// encodings.TwoOrder{}: no config.json says so.
//
// The error of weights that do not fit lists every tensor that is missing, unexpected, given twice, of another shape or no
// floats. What the encoding learns may be missing only if o says so.
func LoadLLaMA(path string, c Config, o LLaMAOptions) (*Model, error) {
	path, err := llamaPath(path)
	if err != nil {
		return nil, err
	}
	if c.Vocabulary == 0 {
		read, err := ReadLLaMAConfig(filepath.Join(filepath.Dir(path), configFile))
		if err != nil {
			return nil, err
		}
		if read.Encoding, err = inPlaceOf(read.Encoding, c.Encoding); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		c = read
	}
	files, err := openShards(path)
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(files, func(f *safetensors.File) bool { return f.Has(llamaHead + ".weight") }) {
		c.TiedEmbedding = true
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	state, err := llamaState(c, files, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m, err := blank(c, o.Seed, false)
	if err != nil {
		return nil, err
	}
	if err := m.unnamed(o); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for _, s := range state {
		values, err := s.read()
		if err != nil {
			return nil, err
		}
		copy(s.of(m).Data(), values)
	}
	return m, nil
}

// inPlaceOf returns the encoding that is asked for instead of the rotation that config.json has.
func inPlaceOf(read, asked encodings.Encoding) (encodings.Encoding, error) {
	if asked == nil {
		return read, nil
	}
	form, ok := asked.(encodings.LLaMAForm)
	if !ok {
		return asked, nil
	}
	e, err := form.WithRotation(read.(encodings.RoPE))
	if err != nil {
		return nil, fmt.Errorf("sequences: LLaMA configuration: %w", err)
	}
	return e, nil
}

// llamaPath returns the file of weights, or their index, that a path means.
func llamaPath(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("sequences: LLaMA weights: %w", err)
	}
	if !info.IsDir() {
		return path, nil
	}
	for _, name := range []string{indexFile, weightsFile} {
		file := filepath.Join(path, name)
		if _, err := os.Stat(file); err == nil {
			return file, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("sequences: LLaMA weights: %w", err)
		}
	}
	return "", fmt.Errorf("sequences: LLaMA weights: the folder %s has neither %s nor %s: name the file", path, weightsFile, indexFile)
}

// openShards opens the one file, or all those that an index names. With an error come those that are open.
func openShards(path string) (files []*safetensors.File, err error) {
	open := func(path string) error {
		f, err := safetensors.Open(path, safetensors.Options{Convert: true})
		if err != nil {
			return fmt.Errorf("sequences: LLaMA weights: %w", err)
		}
		files = append(files, f)
		return nil
	}
	if !strings.HasSuffix(path, ".json") {
		return files, open(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("sequences: LLaMA weights: %w", err)
	}
	defer file.Close()
	index, err := readIndex(file)
	if err != nil {
		return nil, fmt.Errorf("sequences: %s: %w", path, err)
	}
	var names []string
	for _, shard := range index {
		if !slices.Contains(names, shard) {
			names = append(names, shard)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		if err := open(filepath.Join(filepath.Dir(path), name)); err != nil {
			return files, err
		}
	}
	return files, checkIndex(path, index, names, files)
}

// readIndex returns for each tensor the shard that the index says has it.
func readIndex(r io.Reader) (map[string]string, error) {
	top, err := readObject(r, maxIndex)
	if err != nil {
		return nil, err
	}
	raw, ok := top["weight_map"]
	if !ok {
		return nil, errors.New(`it has no "weight_map": want the index of a sharded safetensors file`)
	}
	entries, err := readObject(strings.NewReader(string(raw)), maxIndex)
	if err != nil {
		return nil, fmt.Errorf("weight_map: %w", err)
	}
	if len(entries) == 0 {
		return nil, errors.New("weight_map: it names no tensor")
	}
	index := make(map[string]string, len(entries))
	for name, raw := range entries {
		var shard string
		if err := json.Unmarshal(raw, &shard); err != nil {
			return nil, fmt.Errorf("weight_map: %s: want the name of a file, got %.40s", name, raw)
		}
		if shard == "." || !filepath.IsLocal(shard) || filepath.Base(shard) != shard || strings.ContainsAny(shard, `/\`) {
			return nil, fmt.Errorf("weight_map: %s: %q is not the name of a file in the same folder", name, shard)
		}
		index[name] = shard
	}
	return index, nil
}

// checkIndex reports tensors that are not where the index says.
func checkIndex(path string, index map[string]string, names []string, files []*safetensors.File) error {
	var wrong []string
	for k, f := range files {
		for _, name := range f.Names() {
			if index[name] != names[k] {
				wrong = append(wrong, fmt.Sprintf("%s is in %s, for which the index does not name it", name, names[k]))
			}
		}
	}
	for name, shard := range index {
		if k := slices.Index(names, shard); !files[k].Has(name) {
			wrong = append(wrong, fmt.Sprintf("%s is not in %s", name, shard))
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("sequences: %s: the shards are not those of the index: %s", path, strings.Join(wrong, "; "))
	}
	return nil
}

// SaveLLaMA writes the model into a folder as a LLaMA-form model: config.json and model.safetensors, F32, which
// [LoadLLaMA] and transformers read. With an [encodings.LLaMAForm] its tensors are among them, under the names of the
// published code; config.json has its rotation, and [LoadLLaMA] must be told the encoding. Files that are there are replaced once the new ones are whole. The error says what
// the form cannot express; no file is written then.
func (m *Model) SaveLLaMA(dir string) error {
	table, err := m.LLaMATensors()
	if err != nil {
		return err
	}
	config, err := llamaConfig(m.Config)
	if err != nil {
		return err
	}
	list := make([]safetensors.Tensor, len(table))
	for i, t := range table {
		list[i] = safetensors.FromFloat32(t.Path, t.Tensor.Data(), t.Tensor.Shape()...)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("sequences: SaveLLaMA: %w", err)
	}
	file, err := renameio.NewPendingFile(filepath.Join(dir, weightsFile), renameio.WithPermissions(0o644))
	if err != nil {
		return fmt.Errorf("sequences: SaveLLaMA: %w", err)
	}
	defer file.Cleanup()
	// The metadata are those that transformers asks for.
	if err := safetensors.Write(file, list, map[string]string{"format": "pt"}); err != nil {
		return fmt.Errorf("sequences: SaveLLaMA: %w", err)
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return fmt.Errorf("sequences: SaveLLaMA: %w", err)
	}
	if err := renameio.WriteFile(filepath.Join(dir, configFile), config, 0o644); err != nil {
		return fmt.Errorf("sequences: SaveLLaMA: %w", err)
	}
	return nil
}
