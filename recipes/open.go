package recipes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// Trained is a model out of a run folder.
type Trained struct {
	Recipe  Recipe
	Model   nn.Model
	Summary train.Summary   // the epoch of the weights and its scores
	Schema  *files.Schema   // what was read off the graphs it was trained on; nil where nothing was
	Rows    *records.Schema // what was read off the table whose rows it was trained on; else nil
	Images  *ImageSchema    // what was read off the images it was trained on; else nil
	Motion  *MotionSchema   // what was read off the clips it was trained on; else nil
	Path    string          // the file the weights came from

	kept []byte // the text that the checkpoint has of what was read off its data, or nil
}

// CheckpointNames lists the checkpoints of a run folder: the best epoch and the
// last state.
func CheckpointNames() []string { return []string{"best", "last"} }

// OpenConfig reads the recipe of a run folder, and its text: a run can be resumed
// with that very text only, also where a newer program would write it otherwise.
func OpenConfig(dir string) (r Recipe, text []byte, err error) {
	path := filepath.Join(dir, train.ConfigName)
	text, err = os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err != nil && !isDir(dir):
		return Recipe{}, nil, fmt.Errorf("recipes: %s is not a run folder: it has no %s; name a folder that training has made", dir, train.ConfigName)
	case err != nil:
		return Recipe{}, nil, fmt.Errorf("recipes: %w", err)
	}
	r, err = Parse(bytes.NewReader(text), path)
	return r, text, err
}

// OpenSchema reads the text of the schema of a run folder; nil where it has none, for
// it is that of a named data set, or was killed before it was written.
func OpenSchema(dir string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, train.SchemaName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("recipes: %w", err)
	}
	return text, nil
}

// Task loads the data of the run and puts it together with its model; dir is the
// folder of data files, "" for the recipe's own. Files must be those that the model was
// trained on.
func (t *Trained) Task(ctx context.Context, dir string) (train.Task, error) {
	p, err := t.Plan(ctx, dir)
	if err != nil {
		return train.Task{}, err
	}
	return p.Task, nil
}

// Plan is [Trained.Task] with what is known of the data. Its Options are those of the
// recipe.
func (t *Trained) Plan(ctx context.Context, dir string) (*Plan, error) {
	d, err := t.Recipe.load(ctx, dir, t.kept)
	if err != nil {
		return nil, err
	}
	p := planned(d)
	return p, p.complete(t.Model)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Open reads the model of a run folder with the weights of its "best" or its
// "last" checkpoint. It is strict: a checkpoint that lacks a tensor, has another
// one, or belongs to another configuration is refused, and the error lists all
// that differs.
func Open(dir, checkpoint string) (*Trained, error) {
	if names := CheckpointNames(); !slices.Contains(names, checkpoint) {
		return nil, fmt.Errorf("recipes: unknown checkpoint %q; did you mean %q? (known: %s)",
			checkpoint, nearest.To(checkpoint, names), strings.Join(names, ", "))
	}
	r, _, err := OpenConfig(dir)
	if err != nil {
		return nil, err
	}
	if bad := r.checkDomain(); bad != nil {
		return nil, bad
	}
	kept, err := OpenSchema(dir)
	if err != nil {
		return nil, err
	}
	model, err := r.Data.Kind.domain().build(r, kept)
	if err != nil {
		return nil, fmt.Errorf("recipes: %s: %w", filepath.Join(dir, train.ConfigName), err)
	}
	path := filepath.Join(dir, train.BestName)
	if checkpoint == "last" {
		path = filepath.Join(dir, train.LastName)
	}
	summary, err := train.LoadWeights(path, model)
	switch {
	case errors.Is(err, fs.ErrNotExist) && checkpoint == "best":
		return nil, fmt.Errorf("recipes: %s does not exist, no epoch of the run has ended yet; take the last checkpoint instead, or go on training", path)
	case err != nil:
		return nil, err
	}
	if err := sameConfig(r, summary.Config, path); err != nil {
		return nil, err
	}
	t := &Trained{Recipe: r, Model: model, Summary: *summary, Path: path, kept: summary.Schema}
	switch err := r.Data.Kind.domain().open(t, summary.Schema); {
	case errors.Is(err, errNoSchema):
		return nil, fmt.Errorf("recipes: %s has %w", path, err)
	case err != nil:
		return nil, fmt.Errorf("recipes: %s: %w", path, err)
	}
	return t, nil
}

// sameConfig compares the configuration of a run folder with that which a
// checkpoint was saved with.
func sameConfig(r Recipe, config []byte, path string) error {
	if len(config) == 0 {
		return nil // written by a program that does not use recipes
	}
	was, err := Parse(bytes.NewReader(config), path)
	if err != nil {
		return fmt.Errorf("recipes: the configuration in %s: %w", path, err)
	}
	var list []string
	for _, c := range Compare(was, r) {
		list = append(list, fmt.Sprintf("%s is %s there, %s here", c.Path, c.From, c.To))
	}
	if len(list) == 0 {
		return nil
	}
	return fmt.Errorf("recipes: %s was saved with another configuration than %s beside it: %s; put the file back that belongs there",
		path, train.ConfigName, strings.Join(list, ", "))
}
