package datasets

import "github.com/graft-ml/graft/graphs"

// MoleculeReader makes a graph of a SMILES string: atoms with their features in
// NodeTypes or NodeFeatures, bonds in EdgeTypes or EdgeFeatures. It leaves ID and
// Target to the caller. A string that is no molecule is an error that says where
// and why. It must be safe for concurrent use.
type MoleculeReader func(smiles string) (*graphs.Graph, error)

// ScaffoldReader gives a number that molecules with the same Bemis-Murcko scaffold
// share, of a SMILES string. A string that is no molecule is an error that says
// where and why.
type ScaffoldReader func(smiles string) (uint64, error)
