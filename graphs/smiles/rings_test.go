package smiles

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// skeleton writes any graph as wildcards whose bonds are ring closures.
func skeleton(atoms int, bonds [][2]int) string {
	ends := make([]string, atoms)
	for i, b := range bonds {
		number := ringText(int32(i + 100))
		ends[b[0]] += number
		ends[b[1]] += number
	}
	return "*" + strings.Join(ends, ".*")
}

// cycles lists the simple cycles of a small graph as sets of bonds, by size.
func cycles(atoms int, bonds [][2]int) []uint64 {
	var found []uint64
	var walk func(start, at int, visited, used uint64)
	walk = func(start, at int, visited, used uint64) {
		for i, b := range bonds {
			if used>>i&1 != 0 || b[0] != at && b[1] != at {
				continue
			}
			next := b[0] + b[1] - at
			if next == start {
				if set := used | 1<<i; !slices.Contains(found, set) {
					found = append(found, set)
				}
			} else if next > start && visited>>next&1 == 0 {
				walk(start, next, visited|1<<next, used|1<<i)
			}
		}
	}
	for start := range atoms {
		walk(start, start, 1<<start, 0)
	}
	slices.SortStableFunc(found, func(a, b uint64) int { return size(a) - size(b) })
	return found
}

func size(set uint64) int { return strings.Count(fmt.Sprintf("%b", set), "1") }

// independent picks sets, first ones first, of which none is a sum of others. The
// basis is kept in descending order, so that the highest bonds are cancelled first.
func independent(sets []uint64) []uint64 {
	var basis, chosen []uint64
	for _, set := range sets {
		left := set
		for _, b := range basis {
			left = min(left, left^b)
		}
		if left != 0 {
			basis = append(basis, left)
			slices.Sort(basis)
			slices.Reverse(basis)
			chosen = append(chosen, set)
		}
	}
	return chosen
}

// TestRingsOfRandomGraphs compares the rings of small graphs with a minimum cycle
// basis by brute force: the greedy choice among all cycles is one (they form a
// matroid).
func TestRingsOfRandomGraphs(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	p := new(Parser)
	for trial := range 400 {
		atoms := 3 + r.IntN(6)
		var bonds [][2]int
		for a := range atoms {
			for b := range a {
				if r.IntN(10) < 2+trial%5 {
					bonds = append(bonds, [2]int{a, b})
				}
			}
		}
		text := skeleton(atoms, bonds)
		m, err := p.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		consistent(t, text, m)
		all := cycles(atoms, bonds)
		var want, got []int
		for _, set := range independent(all) {
			want = append(want, size(set))
		}
		var ours []uint64
		for _, ring := range m.Rings {
			set := uint64(0)
			for i, a := range ring {
				next := ring[(i+1)%len(ring)]
				set |= 1 << slices.IndexFunc(bonds, func(b [2]int) bool {
					return b == [2]int{int(max(a, next)), int(min(a, next))}
				})
			}
			if slices.Contains(ours, set) {
				t.Fatalf("%s: ring %v twice", text, ring)
			}
			ours = append(ours, set)
		}
		for _, set := range independent(ours) {
			got = append(got, size(set))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s: independent rings of sizes %v, expected %v", text, got, want)
		}
		// Further rings are as small as one of the set.
		for _, set := range ours {
			if !slices.Contains(want, size(set)) {
				t.Fatalf("%s: a ring of %d, expected sizes %v", text, size(set), want)
			}
		}
	}
}

func TestRingsOfCages(t *testing.T) {
	for _, c := range []struct {
		name, text string
		sizes      map[int]int
	}{
		{"cyclohexane", "C1CCCCC1", map[int]int{6: 1}},
		{"spiropentane", "C1CC12CC2", map[int]int{3: 2}},
		{"naphthalene", "c1ccc2ccccc2c1", map[int]int{6: 2}},
		{"norbornane", "C1CC2CCC1C2", map[int]int{5: 2}},
		{"bicyclooctane", "C1CC2CCC1CC2", map[int]int{6: 3}},
		{"adamantane", "C1C2CC3CC1CC(C2)C3", map[int]int{6: 4}},
		{"cubane", "C12C3C4C1C5C2C3C45", map[int]int{4: 6}},
		{"tetrahedrane", "C12C3C1C23", map[int]int{3: 4}},
		{"prismane", "C12C3C1C4C2C34", map[int]int{3: 2, 4: 3}},
		{"a ring of thirty and one of forty, fused", "C1" + strings.Repeat("C", 28) + "C2C1" + strings.Repeat("C", 38) + "2", map[int]int{31: 1, 40: 1}},
	} {
		m, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := map[int]int{}
		for _, ring := range m.Rings {
			got[len(ring)]++
		}
		if fmt.Sprint(got) != fmt.Sprint(c.sizes) {
			t.Errorf("%s: rings of %v, expected %v", c.name, got, c.sizes)
		}
	}
}

// TestTangles reads ring systems that no chemist wrote, and is quick about it.
func TestTangles(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 2))
	complete := [][2]int{}
	for a := range 30 {
		for b := range a {
			complete = append(complete, [2]int{a, b})
		}
	}
	grid := [][2]int{}
	for a := range 20 * 20 {
		if a%20 > 0 {
			grid = append(grid, [2]int{a, a - 1})
		}
		if a >= 20 {
			grid = append(grid, [2]int{a, a - 20})
		}
	}
	random := [][2]int{}
	for len(random) < 500 {
		a, b := r.IntN(300), r.IntN(300)
		if bond := [2]int{max(a, b), min(a, b)}; a != b && !slices.Contains(random, bond) {
			random = append(random, bond)
		}
	}
	for _, c := range []struct {
		name  string
		atoms int
		bonds [][2]int
	}{{"complete", 30, complete}, {"grid", 400, grid}, {"random", 300, random}} {
		text := skeleton(c.atoms, c.bonds)
		m, err := Parse(text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		consistent(t, text, m)
	}
}
