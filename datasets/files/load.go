package files

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/graft-ml/graft/datasets"
)

// Loaded is what [Load] gives.
type Loaded struct {
	// Set has the graphs of the three splits; validation and test may be empty. Targets
	// are what a model learns: numbers standardised, classes by number, NaN where
	// missing. Of nodes that are split, every split has the same graph.
	Set *datasets.Set
	// Schema was learned from the training split, or is the one that was given.
	Schema *Schema
	// AllClasses tells of each split whether it has every class of every target.
	AllClasses [3]bool
	// Notes say what a user should know: rows left out, classes not learned.
	Notes []string
}

// Load reads files, checks all that is in them, and cuts them into splits. Where known
// is nil, the schema is learned from the training split. Else it is that of an earlier
// Load of the same files, which must not have changed since, and gives the very same
// graphs.
//
// The error is a *RowError, a *FileError or an *OptionError, or that of ctx.
func Load(ctx context.Context, q Request, known *Schema) (*Loaded, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	q.Options = q.Options.WithDefaults(q.Kind)
	list, err := q.identify(known)
	if err != nil {
		return nil, err
	}
	var l *Loaded
	if q.Kind == CSV {
		l, err = q.loadMolecules(ctx, known)
	} else {
		l, err = q.loadGraphs(ctx, known)
	}
	if err != nil {
		return nil, err
	}
	if known == nil {
		l.Schema.Files = list
	}
	l.Set.Name = filepath.Base(q.Options.Path)
	l.Set.Info = l.Schema.info(l.Set)
	return l, nil
}

// identify looks at the files as a whole, and compares them with those that a schema
// was learned from.
func (q *Request) identify(known *Schema) ([]File, error) {
	var list []File
	for _, name := range []string{q.Options.Path, q.Options.Nodes, q.Options.GraphTable} {
		if name == "" {
			continue
		}
		path := q.path(name)
		f, err := identify(path)
		if err != nil {
			return nil, err
		}
		if k := len(list); known != nil && (k >= len(known.Files) || known.Files[k].Bytes != f.Bytes || known.Files[k].SHA256 != f.SHA256) {
			return nil, &FileError{File: path, Reason: "it is not the file that the model was trained on: its contents differ",
				Hint: "put that file back; for other data there is graft predict"}
		}
		list = append(list, f)
	}
	return list, nil
}

// info describes a set that was loaded.
func (s *Schema) info(set *datasets.Set) datasets.Info {
	i := datasets.Info{
		Name: set.Name, Title: set.Name, Task: s.DatasetTask(), Train: set.Train.Len(), Val: set.Val.Len(), Test: set.Test.Len(),
		NodeTypes: s.Nodes.Types(), NodeFeatures: s.Nodes.Numbers(), EdgeTypes: s.Edges.Types(), EdgeFeatures: s.Edges.Numbers(),
		Targets: len(s.Targets), SplitRule: "given by the caller",
	}
	if classes := s.Targets[0].Classes; classes != nil {
		i.Classes = len(classes)
	}
	if s.Task.labels() {
		i.Targets = 0
	}
	return i
}

// DatasetTask is the task in the words of package datasets.
func (s *Schema) DatasetTask() datasets.Task { return taskOf(s.Task, len(s.Targets)) }

// taskOf names a task with a number of targets.
func taskOf(t Task, targets int) datasets.Task {
	switch {
	case t == NodeClassification:
		return datasets.NodeClassification
	case t == EdgeClassification:
		return datasets.EdgeClassification
	case t == Classification && targets > 1:
		return datasets.GraphMultiLabel
	case t == Classification:
		return datasets.GraphClassification
	}
	return datasets.GraphRegression
}

// DatasetTask is the task in the words of package datasets, as far as the options
// tell: whether a classification has several targets a file may decide.
func (o Options) DatasetTask() datasets.Task { return taskOf(o.Task, o.Targets()) }

// open gives the graphs of a file that is no table of molecules.
func (q *Request) open(ctx context.Context) (draftReader, io.Closer, error) {
	if q.Kind == Graphs {
		l, err := q.readEdgeLists(ctx)
		return l, io.NopCloser(nil), err
	}
	path := q.path(q.Options.Path)
	in, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	return q.drafts(path, in), in, nil
}

// drafts gives the graphs of a stream.
func (q *Request) drafts(name string, in io.Reader) draftReader {
	switch q.Kind {
	case GraphML:
		return newGraphML(name, in, &q.Options)
	case Graph6:
		return newGraph6Lines(name, in, &q.Options)
	case JSONLines:
		return newJSONLines(name, in, &q.Options)
	}
	panic(fmt.Sprintf("files: %v is not read as a stream of graphs", q.Kind))
}
