package expressivity

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/nearest"
)

// Set is graphs of which certain pairs are to be told apart.
type Set struct {
	Name   string
	Graphs []*graphs.Graph // no two isomorphic that are a pair
	// Pairs are the pairs in question; nil means all pairs of two graphs.
	Pairs []Pair
}

// Pair is two graphs of a set, by their index.
type Pair struct {
	Category string // a part of the set, empty where it has none
	A, B     int
}

// Size is the number of pairs.
func (s *Set) Size() int {
	if s.Pairs == nil {
		return len(s.Graphs) * (len(s.Graphs) - 1) / 2
	}
	return len(s.Pairs)
}

// First gives the set with the first n pairs of each category alone. n of 0 or below keeps all.
func (s *Set) First(n int) *Set {
	if n <= 0 {
		return s
	}
	first := &Set{Name: s.Name, Graphs: s.Graphs, Pairs: []Pair{}}
	if s.Pairs == nil {
		if n >= s.Size() {
			return s
		}
		for a := 0; len(first.Pairs) < n; a++ {
			for b := a + 1; b < len(s.Graphs) && len(first.Pairs) < n; b++ {
				first.Pairs = append(first.Pairs, Pair{A: a, B: b})
			}
		}
		return first
	}
	counts := map[string]int{}
	for _, p := range s.Pairs {
		if counts[p.Category]++; counts[p.Category] <= n {
			first.Pairs = append(first.Pairs, p)
		}
	}
	return first
}

// Only gives the set with the pairs of some categories alone. The error names the nearest one to what is none.
func (s *Set) Only(categories ...string) (*Set, error) {
	var known []string
	for _, p := range s.Pairs {
		if p.Category != "" && !slices.Contains(known, p.Category) {
			known = append(known, p.Category)
		}
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("expressivity: the set %s has no categories", s.Name)
	}
	for _, c := range categories {
		if !slices.Contains(known, c) {
			return nil, fmt.Errorf("expressivity: %s: %w", s.Name, nearest.Unknown("category", c, known))
		}
	}
	only := &Set{Name: s.Name, Graphs: s.Graphs, Pairs: []Pair{}}
	for _, p := range s.Pairs {
		if slices.Contains(categories, p.Category) {
			only.Pairs = append(only.Pairs, p)
		}
	}
	return only, nil
}

// sets are the sets by name. Those from files say in package datasets where they come from.
var sets = []struct {
	name, about string
	load        func(ctx context.Context, o datasets.Options) (*Set, error)
}{
	{"textbook", "seven pairs that show what each test is about; built in", textbook},
	{"csl", "ten rings of 41 nodes with skip links, 45 pairs; built in", loadCSL},
	{"sr25", "15 strongly regular graphs, 105 pairs", loadAll("sr25")},
	{"exp", "600 pairs of formulas that 1-WL does not tell apart", loadNeighbours("exp")},
	{"cexp", "600 pairs of formulas, half of which 1-WL tells apart", loadNeighbours("cexp")},
	{"brec", "400 pairs in seven categories", loadBREC},
	{"graph8c", "all 11,117 connected graphs of 8 nodes, 61,788,286 pairs", loadAll("graph8c")},
}

// SetNames lists the sets that Load knows.
func SetNames() []string {
	var names []string
	for _, s := range sets {
		names = append(names, s.name)
	}
	return names
}

// AboutSet says in a line what a set is; empty for a name that is none.
func AboutSet(name string) string {
	for _, s := range sets {
		if s.name == name {
			return s.about
		}
	}
	return ""
}

// Load gives a set by name. Options.Dir says where the files are; Seed draws the numbering of the nodes of csl. The
// error names the nearest known set, or is one of package datasets.
func Load(ctx context.Context, name string, o datasets.Options) (*Set, error) {
	for _, s := range sets {
		if s.name != name {
			continue
		}
		set, err := s.load(ctx, datasets.Options{Dir: o.Dir, Seed: o.Seed})
		if err != nil {
			return nil, err
		}
		set.Name = name
		return set, nil
	}
	return nil, fmt.Errorf("expressivity: %w", nearest.Unknown("set", name, SetNames()))
}

// everything gives the graphs of all splits of a data set, each once.
func everything(ctx context.Context, name string, o datasets.Options) ([]*graphs.Graph, error) {
	set, err := datasets.Load(ctx, name, o)
	if err != nil {
		return nil, err
	}
	var all []*graphs.Graph
	splits := []datasets.Source{set.Train, set.Val, set.Test}
	if set.Info.Repeated {
		splits = splits[:1]
	}
	for _, source := range splits {
		for i := range source.Len() {
			g, err := source.Graph(i)
			if err != nil {
				return nil, err
			}
			all = append(all, g)
		}
	}
	return all, nil
}

// loadAll gives a data set of which all pairs are in question.
func loadAll(name string) func(context.Context, datasets.Options) (*Set, error) {
	return func(ctx context.Context, o datasets.Options) (*Set, error) {
		all, err := everything(ctx, name, o)
		return &Set{Graphs: all}, err
	}
}

// loadNeighbours gives a data set whose graphs 2k and 2k+1, by their ID, are a pair.
func loadNeighbours(name string) func(context.Context, datasets.Options) (*Set, error) {
	return func(ctx context.Context, o datasets.Options) (*Set, error) {
		all, err := everything(ctx, name, o)
		if err != nil {
			return nil, err
		}
		number := func(g *graphs.Graph) int {
			n, err := strconv.Atoi(g.ID)
			if err != nil {
				panic(fmt.Sprintf("expressivity: Load: graph %q of %s has no number", g.ID, name)) // datasets numbers them
			}
			return n
		}
		slices.SortFunc(all, func(a, b *graphs.Graph) int { return number(a) - number(b) })
		return paired(all), nil
	}
}

// paired makes pairs of graphs 2k and 2k+1.
func paired(all []*graphs.Graph) *Set {
	s := &Set{Graphs: all}
	for k := 0; k < len(all); k += 2 {
		s.Pairs = append(s.Pairs, Pair{A: k, B: k + 1})
	}
	return s
}

func loadBREC(ctx context.Context, o datasets.Options) (*Set, error) {
	pairs, err := datasets.BREC(ctx, o)
	if err != nil {
		return nil, err
	}
	s := new(Set)
	for k, p := range pairs {
		s.Graphs = append(s.Graphs, p.A, p.B)
		s.Pairs = append(s.Pairs, Pair{Category: p.Category, A: 2 * k, B: 2*k + 1})
	}
	return s, nil
}

// loadCSL gives the first graph of each class.
func loadCSL(ctx context.Context, o datasets.Options) (*Set, error) {
	all, err := everything(ctx, "csl", o)
	if err != nil {
		return nil, err
	}
	s := new(Set)
	seen := map[float32]bool{}
	for _, g := range all {
		if class := g.Target[0]; !seen[class] {
			seen[class] = true
			s.Graphs = append(s.Graphs, g)
		}
	}
	return s, nil
}
