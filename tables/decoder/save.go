package decoder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tokenize"
	"github.com/graft-ml/graft/train/checkpoint"
)

// FileName is the name of the file that [Model.Save] writes.
const FileName = fileName + ".safetensors"

// What a model is called, and where in its file configuration and tokenizer are.
const (
	fileName      = "model"
	configKey     = "config"
	tokenizerKey  = "tokenizer"
	formatKey     = "graft.model"
	formatOfModel = "tables/decoder"
)

// Save writes the model into a folder, which is made if need be: one file, FileName, with weights, configuration and
// tokenizer, which is whole or not there. The names of the weights are those of its parameters.
func (m *Model) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("decoder: save: %w", err)
	}
	config, err := json.Marshal(m.Config)
	if err != nil {
		return fmt.Errorf("decoder: save: %w", err)
	}
	tok, err := m.Tokenizer.Marshal()
	if err != nil {
		return fmt.Errorf("decoder: save: %w", err)
	}
	s := &checkpoint.State{Tensors: m.tensors(), Meta: map[string]string{formatKey: formatOfModel, configKey: string(config), tokenizerKey: string(tok)}}
	if err := (checkpoint.Dir{Path: dir}).Save(fileName, s); err != nil {
		return fmt.Errorf("decoder: save: %w", err)
	}
	return nil
}

// Load reads a model that [Model.Save] wrote into a folder. The error names the file; that of weights which do not fit the
// configuration lists all differences.
func Load(dir string) (*Model, error) {
	path := checkpoint.Dir{Path: dir}.File(fileName)
	s, err := checkpoint.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("decoder: %s is not there: name a folder that a model was saved into: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	m, err := fromState(s)
	if err != nil {
		return nil, fmt.Errorf("decoder: %s: %w", path, err)
	}
	return m, nil
}

func fromState(s *checkpoint.State) (*Model, error) {
	if s.Meta[formatKey] != formatOfModel {
		return nil, errors.New("it holds no decoder of tables: it was not written by Save")
	}
	var c Config
	d := json.NewDecoder(bytes.NewReader([]byte(s.Meta[configKey])))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return nil, fmt.Errorf("its configuration: %w", err)
	}
	if err := plausible(c.WithDefaults(), s); err != nil {
		return nil, err
	}
	tok, err := tokenize.Parse([]byte(s.Meta[tokenizerKey]))
	if err != nil {
		return nil, fmt.Errorf("its tokenizer: %w", err)
	}
	m, err := New(c, tok, 0)
	if err != nil {
		return nil, err
	}
	if err := checkpoint.Assign(m.tensors(), s, ""); err != nil {
		return nil, err
	}
	return m, nil
}

// plausible reports sizes that the weights do not have, before memory is taken by them.
func plausible(c Config, s *checkpoint.State) error {
	if c.Layers > len(s.Tensors) {
		return fmt.Errorf("its configuration has %d layers, and its weights are %d tensors", c.Layers, len(s.Tensors))
	}
	for _, t := range s.Tensors {
		switch t.Name {
		case "norm.weight":
			if t.Tensor.Size() != c.Width {
				return fmt.Errorf("its configuration has the width %d, and its weights %d", c.Width, t.Tensor.Size())
			}
		case nn.BlockName(0) + ".feed_forward.up.weight":
			if t.Tensor.Rows() != c.FeedForwardWidth {
				return fmt.Errorf("its configuration has the feedForwardWidth %d, and its weights %d", c.FeedForwardWidth, t.Tensor.Rows())
			}
		}
	}
	return nil
}

// tensors returns parameters and buffers.
func (m *Model) tensors() []checkpoint.Named {
	var list []checkpoint.Named
	for _, p := range nn.Collect(m).All() {
		list = append(list, checkpoint.Named{Name: p.Path, Tensor: p.Tensor})
	}
	return list
}
