package datasets

import (
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/splitmix"
)

// Molecules makes up graphs that look like those of ZINC to a model: 9 to 37 nodes of degree at most 4, chains and
// rings, 21 node types, bond types 1 to 3, a target in [-1, 1) (mean 23.1 nodes and 25.0 bonds; ZINC has 23.2 and
// 24.9). They carry no chemistry: they are a workload for measuring speed that any program in any language can make,
// from the splitmix64 stream (Steele, Lea, Flood 2014) of a seed.
type Molecules struct{ state uint64 }

// NewMolecules returns the stream of a seed.
func NewMolecules(seed uint64) *Molecules { return &Molecules{seed} }

func (m *Molecules) next() uint64 {
	z := splitmix.Mix(m.state)
	m.state += splitmix.Step
	return z
}

func (m *Molecules) below(k int) int { return int(m.next() % uint64(k)) }

// skeleton is a molecule in the making.
type skeleton struct {
	g      *graphs.Graph
	degree []int
	bonded map[[2]int]bool
}

// bond joins a and b by a single, double or triple bond: of ten bonds seven, two and one.
func (m *Molecules) bond(s *skeleton, a, b int) {
	kind := int32(3)
	switch r := m.below(10); {
	case r < 7:
		kind = 1
	case r < 9:
		kind = 2
	}
	s.g.AddBond(a, b, kind)
	s.degree[a]++
	s.degree[b]++
	s.bonded[[2]int{min(a, b), max(a, b)}] = true
}

// Next returns the next graph of the stream: a tree of chains, closed to up to four rings of five or six.
func (m *Molecules) Next() *graphs.Graph {
	n := 9
	for range 4 {
		n += m.below(8)
	}
	s := &skeleton{g: &graphs.Graph{Nodes: n}, degree: make([]int, n), bonded: map[[2]int]bool{}}
	for i := 1; i < n; i++ {
		parent := i - 1 - m.below(min(3, i))
		for s.degree[parent] >= 4 {
			if parent--; parent < 0 {
				parent = i - 1
			}
		}
		m.bond(s, parent, i)
	}
	for range 4 {
		a := m.below(n)
		b := a + 4 + m.below(2)
		if b < n && s.degree[a] < 4 && s.degree[b] < 4 && !s.bonded[[2]int{a, b}] {
			m.bond(s, a, b)
		}
	}
	for range n {
		s.g.NodeTypes = append(s.g.NodeTypes, m.nodeType())
	}
	s.g.Target = []float32{float32(float64(m.next()>>11)*0x1p-53*2 - 1)}
	return s.g
}

// nodeType draws type 0, 1, 2 with probabilities .60, .15, .13, and one of the other 18 else.
func (m *Molecules) nodeType() int32 {
	switch r := m.below(100); {
	case r < 60:
		return 0
	case r < 75:
		return 1
	case r < 88:
		return 2
	}
	return int32(3 + m.below(18))
}
