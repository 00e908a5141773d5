package files

import (
	"context"
	"errors"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/smiles"
)

// LoadSet loads a data set by its name as [datasets.Load] does, and makes of a set of
// molecules whatever the table of their SMILES strings allows: graphs, where none are
// stored and o.Molecule names no reader, with the atom and bond features of the Open
// Graph Benchmark, which stored ones have; and the split by scaffold, where its file is
// missing. So a set is ready once its table was fetched.
func LoadSet(ctx context.Context, name string, o datasets.Options) (*datasets.Set, error) {
	if o.Scaffold == nil {
		o.Scaffold = Scaffold
	}
	set, err := datasets.Load(ctx, name, o)
	var missing *datasets.MissingError
	if o.Molecule != nil || !errors.As(err, &missing) || missing.Table == "" {
		return set, err
	}
	o.Molecule = moleculeOf(smiles.OGB{})
	return datasets.Load(ctx, name, o)
}

// Molecule gives the reader of molecules for datasets.Options.Molecule that makes the
// features of a name: "atoms" or "" (the default), "ogb" or "zinc". The error is a
// *smiles.NameError.
func Molecule(features string) (datasets.MoleculeReader, error) {
	f, err := smiles.FeaturiserNamed(features)
	if err != nil {
		return nil, err
	}
	return moleculeOf(f), nil
}

// moleculeOf reads molecules with the features of f.
func moleculeOf(f smiles.Featuriser) datasets.MoleculeReader {
	return func(text string) (*graphs.Graph, error) {
		m, err := smiles.Parse(text)
		if err != nil {
			return nil, err
		}
		return f.Graph(m)
	}
}

var _ datasets.ScaffoldReader = Scaffold

// Scaffold gives the number of the scaffold of a SMILES string, for
// datasets.Options.Scaffold. The error is a *smiles.ParseError.
func Scaffold(text string) (uint64, error) {
	m, err := smiles.Parse(text)
	if err != nil {
		return 0, err
	}
	return m.Scaffold(), nil
}
