package imagesets

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/graft-ml/graft/internal/splitmix"
)

// streamHoldOut keeps the random numbers of splits apart from other uses of a seed. It is part
// of every split.
const streamHoldOut = 0x686f6c646f7574

// holdOut draws a share of the items, the same share of every class: so many in all as the
// share says, rounded, and of each class its part rounded down or up, up where most was cut
// off. Both lists are in the order of the items.
func holdOut(s Source, share float64, seed uint64) (kept, held []int) {
	byClass := map[int][]int{}
	for i := range s.Len() {
		byClass[s.Label(i)] = append(byClass[s.Label(i)], i)
	}
	var classes []int
	for c := range byClass {
		classes = append(classes, c)
	}
	slices.Sort(classes)
	left := int(math.Round(share * float64(s.Len())))
	takes := map[int]int{}
	for _, c := range classes {
		takes[c] = int(share * float64(len(byClass[c])))
		left -= takes[c]
	}
	fraction := func(c int) float64 {
		exact := share * float64(len(byClass[c]))
		return exact - math.Floor(exact)
	}
	most := slices.Clone(classes)
	slices.SortStableFunc(most, func(a, b int) int {
		switch x, y := fraction(a), fraction(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, c := range most[:min(max(left, 0), len(most))] {
		if takes[c] < len(byClass[c]) {
			takes[c]++
		}
	}
	for _, c := range classes {
		members := byClass[c]
		rng := rand.New(rand.NewPCG(splitmix.Mix(seed^streamHoldOut), splitmix.Mix(uint64(c)+1)))
		rng.Shuffle(len(members), func(i, j int) { members[i], members[j] = members[j], members[i] })
		held, kept = append(held, members[:takes[c]]...), append(kept, members[takes[c]:]...)
	}
	slices.Sort(kept)
	slices.Sort(held)
	return kept, held
}

// cut divides a source by [holdOut].
func cut(s Source, share float64, seed uint64) (kept, held Source) {
	if share <= 0 {
		return s, empty()
	}
	k, h := holdOut(s, share, seed)
	return part{s, k}, part{s, h}
}
