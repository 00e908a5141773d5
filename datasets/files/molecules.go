package files

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/smiles"
)

// MoleculeReader reads a table of molecules row by row.
type MoleculeReader struct {
	table      *Table
	o          Options
	smiles, id int // columns; id is -1 for none
	featuriser smiles.Featuriser
	parser     smiles.Parser
	seen       map[string]int // line of each id
	row        []string
	molecule   *smiles.Molecule
	text       string
}

// NewMoleculeReader reads the line of names from in, which messages call name. Of the
// options those count that are about columns, features and limits. The error is a
// *FileError or an *OptionError.
func NewMoleculeReader(name string, in io.Reader, o Options) (*MoleculeReader, error) {
	o = o.WithDefaults(CSV)
	featuriser, err := smiles.FeaturiserNamed(o.Features)
	if err != nil {
		return nil, option("features", "%s", bare(err))
	}
	table, err := NewTable(name, in, o.Delimiter, o.MaxRow)
	if err != nil {
		return nil, err
	}
	r := &MoleculeReader{table: table, o: o, id: -1, featuriser: featuriser, seen: map[string]int{}}
	if r.smiles, err = table.Find(o.SMILESColumn, "--smiles-column"); err != nil {
		return nil, err
	}
	if o.IDColumn != "" {
		if r.id, err = table.Find(o.IDColumn, "--id-column"); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Table is the table that is read.
func (r *MoleculeReader) Table() *Table { return r.table }

// Read gives the molecule of the next row as a graph without target, whose ID is that
// of the row or else its line, or io.EOF. A row that cannot be used is a *RowError, and
// the next call goes on behind it; any other error is final.
func (r *MoleculeReader) Read() (*graphs.Graph, error) {
	row, err := r.table.Next()
	if err != nil {
		return nil, err
	}
	r.row = row
	id := strconv.Itoa(r.table.Line())
	if r.id >= 0 {
		if id = strings.TrimSpace(row[r.id]); id == "" {
			return nil, r.table.fail(r.o.IDColumn, "the id is missing", "")
		}
		if first, twice := r.seen[id]; twice {
			return nil, r.table.fail(r.o.IDColumn, fmt.Sprintf("the id %q was that of line %d already", clip(id), first), "give every row an id of its own")
		}
		id = strings.Clone(id)
		r.seen[id] = r.table.Line()
	}
	if r.text = strings.TrimSpace(row[r.smiles]); r.text == "" {
		return nil, r.table.fail(r.o.SMILESColumn, "the molecule is missing", "")
	}
	if r.molecule, err = r.parser.Parse(r.text); err != nil {
		return nil, r.bad(err)
	}
	g, err := r.graph()
	if err != nil {
		return nil, r.bad(err)
	}
	if g.Nodes > r.o.MaxNodes {
		return nil, r.table.fail(r.o.SMILESColumn, tooManyNodes(g.Nodes, r.o.MaxNodes), hintNodes)
	}
	g.ID = id
	return g, nil
}

func (r *MoleculeReader) graph() (*graphs.Graph, error) {
	g, err := r.featuriser.Graph(r.molecule)
	if err != nil {
		return nil, err
	}
	return g, g.Validate()
}

func tooManyNodes(n, most int) string {
	return fmt.Sprintf("the graph has %d nodes, the limit is %d", n, most)
}

const hintNodes = "attention looks at all pairs of nodes; if there is memory for that, raise data.files.maxNodes"

// bad is the error of a string that is no molecule, or none with such features.
func (r *MoleculeReader) bad(err error) error {
	e := r.table.fail(r.o.SMILESColumn, bare(err), "")
	e.Err = err
	var feature *smiles.FeatureError
	if errors.As(err, &feature) {
		e.Reason = fmt.Sprintf("%q: %s", clip(r.text), bare(err))
	}
	return e
}

// cells gives cells of the row that was read last, without blanks around them.
func (r *MoleculeReader) cells(places []int) []string {
	out := make([]string, len(places))
	for k, at := range places {
		out[k] = strings.TrimSpace(r.row[at])
	}
	return out
}

var _ graphs.Source = (*moleculeSource)(nil)

// moleculeSource makes each molecule of its SMILES string when it is asked for: the
// strings are a hundredth of the graphs.
type moleculeSource struct {
	all     *moleculeRows
	targets []float32 // [molecules of all, columns]
	columns int
	items   []int // of all
}

// moleculeRows is what is kept of a table.
type moleculeRows struct {
	featuriser smiles.Featuriser
	smiles     []string
	ids        []string
	lines      []int
}

// Len is the number of molecules.
func (s *moleculeSource) Len() int { return len(s.items) }

// Graph makes molecule i. An error is not to be expected: the string was read once
// when the table was.
func (s *moleculeSource) Graph(i int) (*graphs.Graph, error) {
	item := s.items[i]
	m, err := smiles.Parse(s.all.smiles[item])
	var g *graphs.Graph
	if err == nil {
		g, err = s.all.featuriser.Graph(m)
	}
	if err != nil {
		return nil, &RowError{Line: s.all.lines[item], Reason: bare(err), Err: err}
	}
	g.ID = s.all.ids[item]
	g.Target = append([]float32(nil), s.targets[item*s.columns:(item+1)*s.columns]...)
	return g, nil
}
