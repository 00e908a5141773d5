package recipes

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
)

// Setting is one value of a recipe: its path, such as "optim.lr", and its text.
type Setting struct{ Path, Value string }

// Settings lists every value of the recipe in the order of its fields.
func (r Recipe) Settings() []Setting {
	var list []Setting
	for _, l := range r.leaves() {
		list = append(list, Setting{l.path, text(l.value)})
	}
	return list
}

// Change is a setting that differs between two recipes. A side that does not
// have the setting, because its model is of another kind, is empty.
type Change struct{ Path, From, To string }

// Changes lists the settings in which r differs from the recipe it started from:
// the preset called r.Base, or [Default].
func (r Recipe) Changes() []Change {
	from := Default()
	if base, err := Lookup(r.Base); err == nil {
		from = base
	}
	return Compare(from, r)
}

// Compare lists the settings in which two recipes differ.
func Compare(from, to Recipe) []Change {
	old := map[string]string{}
	for _, s := range from.Settings() {
		old[s.Path] = s.Value
	}
	var changes []Change
	for _, s := range to.Settings() {
		was, known := old[s.Path]
		delete(old, s.Path)
		if !known || was != s.Value {
			changes = append(changes, Change{s.Path, was, s.Value})
		}
	}
	for _, s := range from.Settings() {
		if was, left := old[s.Path]; left {
			changes = append(changes, Change{s.Path, was, ""})
		}
	}
	return changes
}

// Set changes the setting at a path, such as "optim.lr" or "model.layers". The
// error of an unknown path tells the nearest one, that of a bad value what the
// setting takes; both are a *[SettingError].
func (r *Recipe) Set(path, value string) error {
	var paths []string
	for _, l := range r.leaves() {
		if l.path == path {
			if err := assign(l.value, value); err != nil {
				return &SettingError{Path: path, Reason: err.Error()}
			}
			r.settle()
			return nil
		}
		paths = append(paths, l.path)
	}
	hint := fmt.Sprintf("did you mean %q?", near(path, paths))
	for _, p := range paths {
		if strings.HasPrefix(p, path+".") {
			hint = fmt.Sprintf("it is a section: set one of its values, such as %q", p)
			break
		}
	}
	if key, found := strings.CutPrefix(path, "data."); found {
		key, _, _ = strings.Cut(key, ".")
		if other := otherKind(reflect.ValueOf(&r.Data).Elem(), key); other != "" {
			return &SettingError{Path: path, Reason: fmt.Sprintf("data.kind is %v: %s", r.Data.Kind, other)}
		}
	}
	return &SettingError{Path: path, Reason: "unknown setting; " + hint}
}

// SetEpochs sets the number of epochs and scales the warm-up
// of the schedule along: 50 epochs of 2,000 become 1 of 30.
func (r *Recipe) SetEpochs(epochs int) {
	if r.Train.Epochs > 0 && epochs > 0 {
		r.Schedule.Warmup = min(int(math.Round(float64(r.Schedule.Warmup)*float64(epochs)/float64(r.Train.Epochs))), epochs-1)
	}
	r.Train.Epochs = epochs
}

// near is the nearest path; a name without its section counts as its last part,
// so that "lr" finds "optim.lr".
func near(path string, paths []string) string {
	if strings.Contains(path, ".") {
		return nearest.To(path, paths)
	}
	last := make([]string, len(paths))
	for i, p := range paths {
		last[i] = p[strings.LastIndexByte(p, '.')+1:]
	}
	found := nearest.To(path, last)
	for i := range paths {
		if last[i] == found {
			return paths[i]
		}
	}
	return ""
}
