package datasets

import "fmt"

// The vocabularies of the Open Graph Benchmark's features (Hu et al. 2020,
// ogb/utils/features.py). An atom has atomic number - 1, chirality, degree,
// charge + 5, hydrogens, radicals, hybridisation, aromatic, in a ring; a bond has
// kind, stereo, conjugated.
var (
	ogbAtoms = []int{119, 5, 12, 12, 10, 6, 6, 2, 2}
	ogbBonds = []int{5, 6, 2}
)

// vocabulary says which features the classes of a file of molecules stand for.
type vocabulary struct {
	Atoms [][]int32 `json:"atoms"`
	Bonds [][]int32 `json:"bonds"`
}

func readVocabulary(path string) (*vocabulary, error) {
	v := new(vocabulary)
	if err := readJSON(path, v); err != nil {
		return nil, err
	}
	if reason := v.check(); reason != "" {
		return nil, notPublished(path, 0, "%s", reason)
	}
	return v, nil
}

func (v *vocabulary) check() string {
	for _, table := range []struct {
		what  string
		rows  [][]int32
		sizes []int
	}{{"atom", v.Atoms, ogbAtoms}, {"bond", v.Bonds, ogbBonds}} {
		if len(table.rows) == 0 {
			return fmt.Sprintf("there are no %s classes", table.what)
		}
		for class, row := range table.rows {
			if len(row) != len(table.sizes) {
				return fmt.Sprintf("%s class %d has %d features, expected %d", table.what, class, len(row), len(table.sizes))
			}
			for k, id := range row {
				if id < 0 || int(id) >= table.sizes[k] {
					return fmt.Sprintf("%s class %d: feature %d is %d, expected 0..%d", table.what, class, k, id, table.sizes[k]-1)
				}
			}
		}
	}
	return ""
}
