package trial

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/graft-ml/graft/train/checkpoint"
)

// The files of a study's folder.
const (
	SettingsName = "study.yaml"  // the settings that all cells have in common
	CellsName    = "cells.jsonl" // a cell for each model that was trained and tested
)

// Folder keeps what a study does.
type Folder struct {
	dir      string        // "" keeps nothing
	interval time.Duration // after which a training is saved
}

// Store says what a folder is to have.
type Store struct {
	Dir      string        // "" keeps nothing
	Interval time.Duration // after which a training is saved
	// Settings are those that all cells have in common: YAML, a setting a line.
	Settings []byte
	// Models has what each model under study is set to now, by its name.
	Models map[string]string
}

// Open hands what a folder has of a study to read, a cell a line, which tells the name of the cell's model and what that
// was set to; where there is no such folder it makes one. The error of a folder with other settings tells the difference,
// that of a model that is set otherwise now both.
func Open(s Store, read func(line []byte) (name, setting string, err error)) (*Folder, error) {
	f := &Folder{dir: s.Dir, interval: s.Interval}
	if err := f.claim(s.Settings); err != nil || s.Dir == "" {
		return f, err
	}
	var changed error
	err := ReadLines(f.Cells(), func(line []byte) error {
		name, was, err := read(line)
		if is, known := s.Models[name]; err == nil && known && is != was && changed == nil {
			changed = fmt.Errorf("%s has results of %s set to %s, which is now %s; choose another folder, or another name", f.Cells(), name, was, is)
		}
		return err
	})
	if err == nil {
		err = changed
	}
	return f, err
}

// claim makes the folder that of a study with such settings.
func (f *Folder) claim(settings []byte) error {
	dir := f.dir
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	path := filepath.Join(dir, SettingsName)
	old, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err := checkpoint.WriteFile(path, func(w io.Writer) error {
			_, err := w.Write(settings)
			return err
		})
		if err != nil {
			return err
		}
	case err != nil:
		return err
	case !bytes.Equal(old, settings):
		return fmt.Errorf("%s is of a study with other settings: %s; choose another folder", path, difference(old, settings))
	}
	return nil
}

// Cells is the path of the file of cells.
func (f *Folder) Cells() string { return filepath.Join(f.dir, CellsName) }

// difference tells the first settings that are not the same, or that only one of them has.
func difference(old, now []byte) string {
	was, is := strings.Split(strings.TrimSpace(string(old)), "\n"), strings.Split(strings.TrimSpace(string(now)), "\n")
	key := func(line string) string { name, _, _ := strings.Cut(line, ":"); return name }
	var found []string
	for _, line := range was {
		i := slices.IndexFunc(is, func(other string) bool { return key(other) == key(line) })
		switch {
		case i < 0:
			found = append(found, fmt.Sprintf("%q there, which is not asked for", strings.TrimSpace(line)))
		case is[i] != line:
			found = append(found, fmt.Sprintf("%q there, %q asked for", strings.TrimSpace(line), strings.TrimSpace(is[i])))
		}
	}
	for _, line := range is {
		if !slices.ContainsFunc(was, func(other string) bool { return key(other) == key(line) }) {
			found = append(found, fmt.Sprintf("%q asked for, which is not there", strings.TrimSpace(line)))
		}
	}
	switch {
	case len(found) == 0:
		return "they are in another order"
	case len(found) > 3:
		return fmt.Sprintf("%s, and %d more", strings.Join(found[:3], ", "), len(found)-3)
	}
	return strings.Join(found, ", ")
}

// Do trains a model to the end, from where it was left, has it tested and keeps the cell that test returns. When ctx ends,
// in the training or in the test, the training is saved, and the error is that of ctx.
func (f *Folder) Do(ctx context.Context, t *Training, test func() (any, error)) error {
	if err := f.restore(t); err != nil {
		return err
	}
	cell, err := f.finish(ctx, t, test)
	if err != nil {
		if ctx.Err() != nil {
			if saveErr := f.save(t); saveErr != nil {
				return fmt.Errorf("%w; and it could not be saved: %v", err, saveErr)
			}
		}
		return err
	}
	if f.dir == "" {
		return nil
	}
	line, err := json.Marshal(cell)
	if err != nil {
		return err
	}
	if err := AppendLines(f.Cells(), append(line, '\n')); err != nil {
		return err
	}
	return f.remove(t)
}

// finish trains a model to the end and tests it.
func (f *Folder) finish(ctx context.Context, t *Training, test func() (any, error)) (cell any, err error) {
	if err := t.train(ctx, f.interval, func() error { return f.save(t) }); err != nil {
		return nil, err
	}
	err = t.AtBest(func() error {
		cell, err = test()
		return err
	})
	return cell, err
}

// unfinished is the folder of a model that is being trained.
func (f *Folder) unfinished(t *Training) checkpoint.Dir {
	name := strings.NewReplacer(":", "_", "=", "_", "@", "_").Replace(t.plan.Name) // which no file system minds
	return checkpoint.Dir{Path: filepath.Join(f.dir, "unfinished", name), Keep: 1}
}

// save keeps the training as it is.
func (f *Folder) save(t *Training) error {
	if f.dir == "" {
		return nil
	}
	dir := f.unfinished(t)
	if err := os.MkdirAll(dir.Path, 0o777); err != nil {
		return err
	}
	return dir.Save(checkpoint.Last, t.saved())
}

// restore goes on with what save kept; without it the training stays at its beginning.
func (f *Folder) restore(t *Training) error {
	if f.dir == "" {
		return nil
	}
	dir := f.unfinished(t)
	s, _, err := dir.Load(checkpoint.Last)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = t.resume(s)
	}
	if err != nil {
		return fmt.Errorf("%w; remove %s to train the model from the beginning", err, dir.Path)
	}
	return nil
}

// remove deletes what was kept of a training that is finished.
func (f *Folder) remove(t *Training) error {
	dir := f.unfinished(t).Path
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(dir)) // where it was the last one
	return nil
}
