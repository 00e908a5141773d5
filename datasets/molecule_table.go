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

// fromTable reads the table and makes every molecule once, so that a string that
// cannot be read is found here, with its line.
func (m moleculeSet) fromTable(ctx context.Context, o Options) (Source, []int32, error) {
	names := []string{m.info.Name + ".csv.gz", m.info.Name + ".csv"}
	path, err := dataFile(o.Dir, m.info, moleculeFolder, append(names, m.tables...)...)
	if err != nil {
		return nil, nil, err
	}
	s := &smilesSource{read: o.Molecule, columns: 1}
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
		smiles := strings.TrimSpace(values[0]) // ESOL has blanks behind some
		g, err := o.Molecule(smiles)
		if err == nil {
			err = g.Validate()
		}
		if err != nil {
			return &FileError{Path: path, Line: line, Reason: fmt.Sprintf("column %q: %v", m.smiles, err), Err: err}
		}
		// A copy: the string shares memory with the whole row.
		s.smiles = append(s.smiles, strings.Clone(smiles))
		s.rows, s.targets = append(s.rows, row), append(s.targets, float32(y))
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if int(row)+1 != m.rows {
		return nil, nil, notPublished(path, 0, "%d rows, expected %d", row+1, m.rows)
	}
	return s, s.rows, nil
}
