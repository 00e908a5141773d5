package datasets

import (
	"cmp"
	"slices"
)

// SplitByScaffold cuts molecules into splits by the numbers of their scaffolds, one
// per molecule, so that those of one scaffold stay together. It fills the training
// split with whole groups, the largest first and of equal ones that which begins
// last, until it has 80 %, then the validation split to 90 %, as DeepChem's
// ScaffoldSplitter does (Wu et al., MoleculeNet, 2018). It gives the places of the
// molecules of each [Split], group by group.
func SplitByScaffold(scaffolds []uint64) [3][]int {
	groups := map[uint64][]int{}
	var order []uint64
	for i, s := range scaffolds {
		if groups[s] == nil {
			order = append(order, s)
		}
		groups[s] = append(groups[s], i)
	}
	slices.SortFunc(order, func(a, b uint64) int {
		return cmp.Or(len(groups[b])-len(groups[a]), groups[b][0]-groups[a][0])
	})
	var parts [3][]int
	n := len(scaffolds)
	train, val := n*8/10, n*9/10
	for _, s := range order {
		g := groups[s]
		to := Test
		switch {
		case len(parts[Train])+len(g) <= train:
			to = Train
		case len(parts[Train])+len(parts[Val])+len(g) <= val:
			to = Val
		}
		parts[to] = append(parts[to], g...)
	}
	return parts
}
