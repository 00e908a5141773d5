package recipes

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/nn"
)

// graphDomain is learning from graphs: data sets that have a name, and files of the kinds
// of package files.
type graphDomain struct{}

var _ domain = graphDomain{}

// kindsOfFiles are those of package files.
func kindsOfFiles() []dataKind {
	var list []dataKind
	for _, name := range files.KindNames() {
		list = append(list, dataKind{name, graphDomain{}})
	}
	return list
}

func (graphDomain) items(DataKind) string { return "graphs" }

func (graphDomain) title(d *Data) string {
	switch {
	case d.Kind == NamedSet:
		return d.Name
	case d.Files.Path == "":
		return d.Kind.String() + " files"
	}
	return filepath.Base(d.Files.Path)
}

func (graphDomain) foreign(d *Data, key string) string {
	switch {
	case key == "questions" || key == "table":
		return "it is about tables, and data.kind asks for graphs: set that to table-set or table first, or leave it out"
	case key == "images":
		return "it is about images, and data.kind asks for graphs: set that to image-set or images first, or leave it out"
	case key == "motion":
		return "it is about movement, and data.kind asks for graphs: set that to motion-set or motion first, or leave it out"
	case d.Kind == NamedSet && key == "files":
		return "files are read where data.kind is one of " + strings.Join(files.KindNames(), ", ") + ": set it first"
	case d.Kind != NamedSet && key == "standardise":
		return "numbers of files always are standardised: leave it out"
	case d.Kind != NamedSet && (key == "name" || key == "fold"):
		return fmt.Sprintf("only a named data set has a %s: set data.kind to set, or leave it out", key)
	}
	return ""
}

func (graphDomain) settle(d *Data) {
	d.Neighbours.settle()
	d.Questions, d.Table, d.Images, d.Motion = Questions{}, records.Options{}, Images{}, Motion{}
	if d.Kind == NamedSet {
		d.Files = files.Options{}
		return
	}
	d.Name, d.Fold, d.Standardise = "", 0, false
	d.Files = d.Files.WithDefaults(d.Kind.Files())
}

func (graphDomain) check(r *Recipe) *SettingError {
	if bad := r.checkNeighbours(); bad != nil {
		return bad
	}
	if r.Data.Kind != NamedSet {
		return r.checkFiles()
	}
	return r.checkSet()
}

// checkSet looks at the settings of a data set that has a name.
func (r *Recipe) checkSet() *SettingError {
	if r.Data.Name == "" {
		return setting("data.name", "no data set: choose one of %s", strings.Join(datasets.Names(), ", "))
	}
	info, err := datasets.Describe(r.Data.Name)
	if err != nil {
		return setting("data.name", "%s", strings.TrimPrefix(err.Error(), "datasets: "))
	}
	if last := max(info.Folds, 1) - 1; r.Data.Fold < 0 || r.Data.Fold > last {
		return setting("data.fold", "%d: %s has folds 0 to %d", r.Data.Fold, info.Name, last)
	}
	if info.Task == datasets.Distinction {
		return setting("data.name", "%s has nothing to predict and no training graphs: it is for telling graphs apart", info.Name)
	}
	if r.Data.Standardise && info.Task != datasets.GraphRegression {
		return setting("data.standardise", "true: %s has no numbers to predict, only classes", info.Name)
	}
	if p := r.Data.Protocol; p != datasets.DefaultProtocol && !slices.Contains(info.Protocols, p) {
		return setting("data.protocol", "%v: %s", p, protocols(info))
	}
	return nil
}

// protocols says what splits a data set has.
func protocols(info datasets.Info) string {
	if len(info.Protocols) == 0 {
		return info.Name + " has one way of splitting it, default"
	}
	names := make([]string, len(info.Protocols))
	for k, p := range info.Protocols {
		names[k] = p.String()
	}
	return info.Name + " has " + strings.Join(names, ", ")
}

// checkTask compares loss, metric and outputs with what the data set asks for.
func (graphDomain) checkTask(r *Recipe) *SettingError {
	if r.Data.Kind != NamedSet {
		return r.checkNamesOfTask() // the rest is known when the files are read
	}
	info, err := datasets.Describe(r.Data.Name)
	if err != nil {
		return setting("data.name", "%s", err)
	}
	return r.fits(info)
}

func (graphDomain) build(r Recipe, _ []byte) (nn.Model, error) { return r.Model.New(r.Train.Seed) }

func (graphDomain) open(t *Trained, kept []byte) (err error) {
	switch d := t.Recipe.Data; {
	case kept != nil:
		t.Schema, err = files.ParseSchema(kept)
		return err
	case d.Kind != NamedSet, d.Standardise:
		return errNoSchema
	}
	return nil
}

var errNoSchema = errors.New("no schema, without which nobody knows what it predicts; it was not written by graft train")

func (graphDomain) load(ctx context.Context, r Recipe, dir string, kept []byte) (loaded, error) {
	var known *files.Schema
	if kept != nil {
		var err error
		if known, err = files.ParseSchema(kept); err != nil {
			return nil, err
		}
	}
	read := r.loadSet
	if r.Data.Kind != NamedSet {
		read = r.loadFiles
	}
	d, err := read(ctx, dir, known)
	if err != nil {
		return nil, err
	}
	return d, d.cut()
}
