package checkpoint

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/safetensors"
)

// The names of a run's checkpoints.
const (
	Last = "last" // where to resume; older ones are kept
	Best = "best" // the best validation result; only one is kept
)

// suffix ends the file names.
const suffix = ".safetensors"

// DefaultKeep is how many states of the name Last are kept when Dir.Keep is 0: the newest and the one before.
const DefaultKeep = 2

// Dir is a run folder. It must exist.
type Dir struct {
	Path string
	FS   FS  // nil means Disk
	Keep int // states of the name Last that are kept, the newest included; 0 means DefaultKeep
}

// File returns the path of a name's newest checkpoint.
func (d Dir) File(name string) string { return d.file(name, 0) }

// file returns the path of the checkpoint that is age saves old.
func (d Dir) file(name string, age int) string {
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		panic(fmt.Sprintf("checkpoint: the name %q has other characters than a-z, 0-9 and _", name))
	}
	if age > 0 {
		name += "-" + strconv.Itoa(age)
	}
	return filepath.Join(d.Path, name+suffix)
}

func (d Dir) fs() FS {
	if d.FS == nil {
		return Disk{}
	}
	return d.FS
}

func (d Dir) keep() int {
	switch {
	case d.Keep < 0:
		panic(fmt.Sprintf("checkpoint: Keep %d is negative", d.Keep))
	case d.Keep == 0:
		return DefaultKeep
	}
	return d.Keep
}

// Save makes s the newest state of this name, a lower-case word. When it returns nil the state has reached the disk. When
// it returns an error, or the process or the machine dies, a later Load finds the state before or the new one.
func (d Dir) Save(name string, s *State) error {
	fsys, path, keep := d.fs(), d.File(name), d.keep()
	names, err := clean(fsys, path)
	if err != nil {
		return err
	}
	temp, err := stage(fsys, path, s.Encode)
	if err != nil {
		return err
	}
	ages := d.ages(name, names)
	if name == Last && slices.Contains(ages, 0) {
		// From the oldest on, so that each rename puts a complete file in the place of an older one, and any of them may be
		// lost without loss of the newest. Where last itself is missing, after an interrupted save, the place is free and
		// nothing needs to move.
		for age := keep - 1; age > 0; age-- {
			if !slices.Contains(ages, age-1) {
				continue
			}
			if err := fsys.Rename(d.file(name, age-1), d.file(name, age)); err != nil {
				_ = fsys.Remove(temp)
				return writeError(path, err)
			}
		}
	}
	if err := publish(fsys, temp, path); err != nil {
		return err
	}
	for _, age := range ages {
		if name == Last && age >= keep {
			_ = fsys.Remove(d.file(name, age)) // kept by an earlier setting; it only takes room
		}
	}
	return nil
}

// ages returns how many saves old the checkpoints of a name are, newest first, given the names in the folder.
func (d Dir) ages(name string, names []string) []int {
	var ages []int
	for _, n := range names {
		middle, ok := strings.CutPrefix(strings.TrimSuffix(n, suffix), name)
		if !ok || !strings.HasSuffix(n, suffix) {
			continue
		}
		if middle == "" {
			ages = append(ages, 0)
			continue
		}
		if age, err := strconv.Atoi(strings.TrimPrefix(middle, "-")); err == nil && age > 0 && middle == "-"+strconv.Itoa(age) {
			ages = append(ages, age)
		}
	}
	slices.Sort(ages)
	return ages
}

// Load reads the newest complete state of this name. For Last it goes back over missing and damaged files to the newest
// one that is complete, and note then says which was taken and why; otherwise note is empty. A file of a newer format
// version and a file that may not be opened are errors: going back would silently lose training.
func (d Dir) Load(name string) (s *State, note string, err error) {
	fsys, newest := d.fs(), d.File(name)
	names, err := fsys.ReadDir(filepath.Clean(d.Path))
	if err != nil {
		return nil, "", fmt.Errorf("checkpoint: cannot read the run folder: %w", err)
	}
	ages := d.ages(name, names)
	if name != Last {
		ages = slices.DeleteFunc(ages, func(age int) bool { return age > 0 })
	}
	if len(ages) == 0 {
		return nil, "", fmt.Errorf("checkpoint: %s: %w; nothing was saved in this run folder yet", newest, fs.ErrNotExist)
	}
	var tried []error
	if ages[0] != 0 {
		tried = append(tried, fmt.Errorf("checkpoint: %s is missing, its saving was interrupted", newest))
	}
	for _, age := range ages {
		path := d.file(name, age)
		s, err := read(fsys, path)
		switch {
		case err == nil && len(tried) == 0:
			return s, "", nil
		case err == nil:
			return s, fmt.Sprintf("%v; taking %s instead", lines(tried), path), nil
		case !damaged(err):
			return nil, "", err
		}
		tried = append(tried, err)
	}
	if len(tried) == 1 {
		return nil, "", tried[0]
	}
	return nil, "", fmt.Errorf("checkpoint: no complete checkpoint %q in %s: %w", name, d.Path, errors.Join(tried...))
}

// damaged tells whether an error is about a file's content, so that an older file is worth a try.
func damaged(err error) bool {
	var malformed *safetensors.FormatError
	var unsupported *safetensors.UnsupportedError
	return errors.As(err, &malformed) || errors.As(err, &unsupported) || errors.Is(err, fs.ErrNotExist)
}

// lines joins errors on one line.
func lines(all []error) string {
	text := make([]string, len(all))
	for i, err := range all {
		text[i] = err.Error()
	}
	return strings.Join(text, "; ")
}
