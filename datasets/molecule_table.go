package datasets

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/graphs"
)

var _ Source = (*smilesSource)(nil)

// smilesSource makes each molecule of its SMILES string when it is asked for: the
// strings are a hundredth of the graphs.
type smilesSource struct {
	read    MoleculeReader
	smiles  []string
	rows    []int32
	targets []float32 // [molecules, columns]
	columns int
}

// Len is the number of molecules.
func (s *smilesSource) Len() int { return len(s.smiles) }

// Graph makes molecule i. An error is not to be expected: the string was read
// once when the set was loaded.
func (s *smilesSource) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, len(s.smiles))
	g, err := s.read(s.smiles[i])
	if err != nil {
		return nil, fmt.Errorf("datasets: row %d: %w", s.rows[i], err)
	}
	g.ID = strconv.Itoa(int(s.rows[i]))
	g.Target = append([]float32(nil), s.targets[i*s.columns:(i+1)*s.columns]...)
	return g, nil
}

// tables are the names of the table, as we store it, as it is fetched and as it is
// published.
func (m moleculeSet) tables() []string {
	return []string{m.info.Name + ".csv.gz", m.info.Name + ".csv", m.table, m.table + ".gz"}
}

// moleculeRow is a row of a table that is of a molecule.
type moleculeRow struct {
	path   string // of the table
	line   int
	row    int32 // from 0
	smiles string
	target float32
}

// bad places an error about the SMILES string, which stands in a column.
func (r moleculeRow) bad(column string, err error) error {
	return &FileError{Path: r.path, Line: r.line, Reason: fmt.Sprintf("column %q: %v", column, err), Err: err}
}

// eachRow reads the table, without rows of no molecule.
func (m moleculeSet) eachRow(ctx context.Context, o Options, use func(moleculeRow) error) error {
	path, err := dataFile(o.Dir, m.info, moleculeFolder, m.tables()...)
	if err != nil {
		return err
	}
	row := int32(-1)
	err = readTable(ctx, path, []string{m.smiles, m.target}, func(line int, values []string) error {
		if row++; m.invalid(row) {
			return nil
		}
		y, err := strconv.ParseFloat(strings.TrimSpace(values[1]), 32)
		if err != nil || math.IsNaN(y) || math.IsInf(y, 0) {
			return notPublished(path, line, "the target %q is not a finite number", clip([]byte(values[1])))
		}
		if reason := m.checkTarget([]float32{float32(y)}); reason != "" {
			return notPublished(path, line, "%s", reason)
		}
		// ESOL has blanks behind some.
		return use(moleculeRow{path, line, row, strings.TrimSpace(values[0]), float32(y)})
	})
	if err == nil && int(row)+1 != m.rows {
		err = notPublished(path, 0, "%d rows, expected %d", row+1, m.rows)
	}
	return err
}

// fromTable reads the table and makes every molecule once, so that a string that
// cannot be read is found here, with its line.
func (m moleculeSet) fromTable(ctx context.Context, o Options) (Source, []int32, error) {
	s := &smilesSource{read: o.Molecule, columns: 1}
	err := m.eachRow(ctx, o, func(r moleculeRow) error {
		g, err := o.Molecule(r.smiles)
		if err == nil {
			err = g.Validate()
		}
		if err != nil {
			return r.bad(m.smiles, err)
		}
		// A copy: the string shares memory with the whole row.
		s.smiles = append(s.smiles, strings.Clone(r.smiles))
		s.rows, s.targets = append(s.rows, r.row), append(s.targets, r.target)
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return s, s.rows, nil
}

// scaffoldSplit computes the split from the table. The numbers are those of graphs.
func (m moleculeSet) scaffoldSplit(ctx context.Context, o Options) (*split3, error) {
	var scaffolds []uint64
	err := m.eachRow(ctx, o, func(r moleculeRow) error {
		s, err := o.Scaffold(r.smiles)
		if err != nil {
			return r.bad(m.smiles, err)
		}
		scaffolds = append(scaffolds, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	var parts [3][]int32
	for k, part := range SplitByScaffold(scaffolds) {
		for _, i := range part {
			parts[k] = append(parts[k], int32(i))
		}
	}
	return &split3{parts[Train], parts[Val], parts[Test]}, nil
}
