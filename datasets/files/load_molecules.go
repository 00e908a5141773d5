package files

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/graft-ml/graft/datasets"
)

// defaultTargets are the columns that are taken for targets where none is named.
var defaultTargets = []string{"target", "label", "y"}

// skips counts rows that are left out.
type skips struct {
	n     int
	first error
}

func (s *skips) add(err error) {
	if s.n++; s.first == nil {
		s.first = err
	}
}

// notes says what was left out.
func (s *skips) notes() []string {
	if s.n == 0 {
		return nil
	}
	rows := "rows were"
	if s.n == 1 {
		rows = "row was"
	}
	return []string{fmt.Sprintf("%d %s left out; the first: %s", s.n, rows, bare(s.first))}
}

// moleculeTable is a table of molecules that was read as a whole.
type moleculeTable struct {
	file      string
	rows      moleculeRows
	targets   *targets
	splits    []datasets.Split // where a column says them
	scaffolds []uint64         // where they are asked for
	skipped   skips
}

// loadMolecules reads a table and cuts it into splits.
func (q *Request) loadMolecules(ctx context.Context, known *Schema) (*Loaded, error) {
	t, err := q.readMolecules(ctx)
	if err != nil {
		return nil, err
	}
	n := len(t.rows.smiles)
	var parts [3][]int
	switch {
	case t.splits != nil:
		parts = assigned(t.splits)
	case t.scaffolds != nil:
		parts = datasets.SplitByScaffold(t.scaffolds)
	default:
		parts = draw(n, q.Seed)
	}
	if err := needTraining(t.file, parts); err != nil {
		return nil, err
	}
	parts = q.limited(parts)
	schema := known
	if schema == nil {
		schema = &Schema{Version: SchemaVersion, Kind: q.Kind, Task: q.Options.Task}
		nodes, edges := t.rows.featuriser.Columns()
		schema.Nodes, schema.Edges = moleculeFeatures(nodes), moleculeFeatures(edges)
		if schema.Targets, err = t.targets.fit(parts[datasets.Train]); err != nil {
			return nil, inFile(err, t.file)
		}
	}
	values, item, err := t.targets.values(schema.Targets)
	if err != nil {
		return nil, &RowError{File: t.file, Line: t.rows.lines[item], Reason: bare(err)}
	}
	set := &datasets.Set{}
	for split, source := range map[datasets.Split]*datasets.Source{datasets.Train: &set.Train, datasets.Val: &set.Val, datasets.Test: &set.Test} {
		*source = &moleculeSource{all: &t.rows, targets: values, columns: len(schema.Targets), items: parts[split]}
	}
	l := &Loaded{Set: set, Schema: schema, Notes: t.skipped.notes()}
	l.report(t.targets, parts)
	return l, nil
}

// readMolecules reads every row once, so that one that cannot be used is found here.
func (q *Request) readMolecules(ctx context.Context) (*moleculeTable, error) {
	t := &moleculeTable{file: q.path(q.Options.Path)}
	in, err := Open(t.file)
	if err != nil {
		return nil, err
	}
	defer in.Close() // only read from: closing cannot lose anything
	r, err := NewMoleculeReader(t.file, in, q.Options)
	if err != nil {
		return nil, err
	}
	t.rows.featuriser = r.featuriser
	names, places, err := r.table.findTargets(&q.Options)
	if err != nil {
		return nil, err
	}
	split := -1
	if q.Options.SplitColumn != "" {
		if split, err = r.table.Find(q.Options.SplitColumn, "--split-column"); err != nil {
			return nil, err
		}
	}
	t.targets = newTargets(q.Options.Task, names)
	for n := 0; ; n++ {
		if n%256 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		err := t.readRow(q, r, places, split)
		switch {
		case err == io.EOF:
			return t, nil
		case err != nil && q.Options.SkipBad && Skippable(err):
			t.skipped.add(err)
		case err != nil:
			return nil, err
		}
	}
}

// readRow reads one row; after an error nothing of it is kept.
func (t *moleculeTable) readRow(q *Request, r *MoleculeReader, places []int, split int) error {
	g, err := r.Read()
	if err != nil {
		return err
	}
	var part datasets.Split
	if split >= 0 {
		var reason string
		if part, reason = splitWord(strings.TrimSpace(r.row[split])); reason != "" {
			return r.table.fail(q.Options.SplitColumn, reason, "")
		}
	}
	if column, reason, hint := t.targets.add(r.cells(places)); reason != "" {
		return r.table.fail(column, reason, hint)
	}
	if split >= 0 {
		t.splits = append(t.splits, part)
	}
	if q.Protocol == datasets.ScaffoldSplit {
		t.scaffolds = append(t.scaffolds, r.molecule.Scaffold())
	}
	t.rows.smiles = append(t.rows.smiles, strings.Clone(r.text))
	t.rows.ids = append(t.rows.ids, g.ID)
	t.rows.lines = append(t.rows.lines, r.table.Line())
	return nil
}

// findTargets finds the target columns, those of the options or the first of
// defaultTargets.
func (t *Table) findTargets(o *Options) (names []string, places []int, err error) {
	names = o.targets()
	if names == nil {
		for _, name := range defaultTargets {
			if t.Has(name) {
				names = []string{name}
				break
			}
		}
	}
	if names == nil {
		return nil, nil, &FileError{File: t.name, Line: 1, Reason: fmt.Sprintf("no column of targets is named; the columns are %s", quoted(t.columns)),
			Hint: "--target-column says which it is"}
	}
	for _, name := range names {
		place, err := t.Find(name, "--target-column")
		if err != nil {
			return nil, nil, err
		}
		places = append(places, place)
	}
	return names, places, nil
}
