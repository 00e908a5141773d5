package studies

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/train/checkpoint"
)

// The files of a study's folder.
const (
	SettingsName = "study.yaml"  // all settings but encodings and seeds
	CellsName    = "cells.jsonl" // a Cell for each model that was trained and tested
)

// folder keeps the results of a study. Without a dir it keeps them in memory alone.
type folder struct {
	dir   string
	cells []Cell
}

// settings are those that all cells of a folder have in common, as YAML.
func (st *study) settings() []byte {
	o := st.Options
	o.Train, o.Test = st.task.Lengths(lengths.Train), st.task.Lengths(lengths.Test)
	var b bytes.Buffer
	line := func(key string, value any) { fmt.Fprintf(&b, "%s: %v\n", key, value) }
	line("task", st.Task)
	line("train", o.Train)
	line("test", o.Test)
	line("symbols", o.Symbols)
	line("scratchpad", o.Scratchpad)
	line("steps", st.Steps)
	line("batchSize", st.BatchSize)
	line("lr", st.LR)
	line("warmup", st.Warmup)
	line("weightDecay", st.WeightDecay)
	line("clip", st.Clip)
	line("examples", st.Examples)
	line("validations", st.Validations)
	line("tests", st.Tests)
	b.WriteString("model:\n")
	model, err := yaml.Marshal(st.Model.WithDefaults())
	if err != nil {
		panic("studies: settings: " + err.Error()) // numbers and words always have a form
	}
	for l := range strings.Lines(string(model)) {
		b.WriteString("  " + l)
	}
	return b.Bytes()
}

// openFolder reads what a folder has of the study, and makes one where there is none.
func openFolder(dir string, settings []byte, subjects []Subject) (*folder, error) {
	f := &folder{dir: dir}
	if dir == "" {
		return f, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("studies: %w", err)
	}
	path := filepath.Join(dir, SettingsName)
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = checkpoint.WriteFile(path, func(w io.Writer) error {
			_, err := w.Write(settings)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("studies: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("studies: %w", err)
	case !bytes.Equal(old, settings):
		return nil, fmt.Errorf("studies: %s is of a study with other settings: %s; choose another folder", path, difference(old, settings))
	}
	path = filepath.Join(dir, CellsName)
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("studies: %w", err)
	}
	if f.cells, err = parseCells(path, text); err != nil {
		return nil, err
	}
	if end := bytes.LastIndexByte(text, '\n') + 1; end < len(text) { // what is added must not join what was cut short
		err := checkpoint.WriteFile(path, func(w io.Writer) error {
			_, err := w.Write(text[:end])
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("studies: %w", err)
		}
	}
	for _, s := range subjects {
		for _, c := range f.cells {
			if c.Encoding == s.Name && c.Setting != s.setting() {
				return nil, fmt.Errorf("studies: %s has results of %s set to %s, which is now %s; choose another folder, or another name", path, s.Name, c.Setting, s.setting())
			}
		}
	}
	return f, nil
}

// difference tells the first settings that are not the same.
func difference(old, now []byte) string {
	was, is := strings.Split(string(old), "\n"), strings.Split(string(now), "\n")
	var found []string
	for i := range min(len(was), len(is)) {
		if was[i] != is[i] {
			found = append(found, fmt.Sprintf("%q there, %q asked for", strings.TrimSpace(was[i]), strings.TrimSpace(is[i])))
		}
	}
	switch {
	case len(found) == 0:
		return "it has more or fewer of them"
	case len(found) > 3:
		return fmt.Sprintf("%s, and %d more", strings.Join(found[:3], ", "), len(found)-3)
	}
	return strings.Join(found, ", ")
}

// parseCells reads the results of a file. A last line without its end was cut short as it was written, and is passed over.
func parseCells(path string, text []byte) ([]Cell, error) {
	var cells []Cell
	for n := 1; len(text) > 0; n++ {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if text = rest; !whole {
			break
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var c Cell
		err := json.Unmarshal(line, &c)
		if err == nil {
			err = c.check()
		}
		if err != nil {
			return nil, fmt.Errorf("studies: %s: line %d: %w; correct or remove the line", path, n, err)
		}
		cells = append(cells, c)
	}
	return cells, nil
}

// check reports what no result can have.
func (c *Cell) check() error {
	if c.Encoding == "" || len(c.Scores) == 0 {
		return errors.New("a result without an encoding, or without scores")
	}
	for i, s := range c.Scores {
		if s.Examples < 1 || s.Right < 0 || s.Right > s.Examples || i > 0 && s.Length <= c.Scores[i-1].Length {
			return fmt.Errorf("%d of %d right at length %d is no score that can follow those before", s.Right, s.Examples, s.Length)
		}
	}
	return nil
}

// find gives the result of an encoding and a seed, nil where there is none.
func (f *folder) find(name string, seed uint64) *Cell {
	for i := range f.cells {
		if c := &f.cells[i]; c.Encoding == name && c.Seed == seed {
			return c
		}
	}
	return nil
}

// add keeps a result. It is written at the end of the file in one piece, so that several processes may fill one folder.
func (f *folder) add(c Cell) error {
	f.cells = append(f.cells, c)
	if f.dir == "" {
		return nil
	}
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	file, err := os.OpenFile(filepath.Join(f.dir, CellsName), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	_, err = file.Write(line)
	if err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}

// remove deletes what was kept of a training that is finished.
func (f *folder) remove(t *training) error {
	if f.dir == "" {
		return nil
	}
	dir := f.unfinished(t).Path
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(dir)) // where it was the last one
	return nil
}
