package gps

import (
	"slices"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/splitmix"
)

// sparse is the pattern of pairs that BigBird attends to (Zaheer and others, "Big Bird: Transformers for Longer
// Sequences", NeurIPS 2020, section 2): node i to the nodes i-Window to i+Window, to RandomKeys random ones, to the first
// GlobalNodes of its graph, which attend to all nodes, and to itself. The paper and the official code go by blocks of
// nodes, here it is nodes; and they draw anew for every batch, here the random nodes of node i of a graph of n nodes are
// always the same. The order of the nodes counts.
type sparse struct {
	window, random, global int
	start                  []int
	keys                   []int32
}

func newSparse(c Config) sparse {
	return sparse{window: max(c.Window, 0), random: max(c.RandomKeys, 0), global: max(c.GlobalNodes, 0)}
}

// pairs returns the pattern for graphs of the given offsets, in the memory of s.
func (s *sparse) pairs(offsets []int) *attention.Pairs {
	s.start, s.keys = append(s.start[:0], 0), s.keys[:0]
	for g := range len(offsets) - 1 {
		for i := range offsets[g+1] - offsets[g] {
			s.add(offsets[g], i, offsets[g+1]-offsets[g])
			s.start = append(s.start, len(s.keys))
		}
	}
	p, err := attention.SparsePairs(offsets, s.start, s.keys)
	if err != nil {
		panic("gps: BigBird: " + err.Error()) // add makes no others
	}
	return p
}

// add appends the keys of node i of a graph of n nodes whose first row is from, ascending.
func (s *sparse) add(from, i, n int) {
	at := len(s.keys)
	if i < s.global {
		for j := range n {
			s.keys = append(s.keys, int32(from+j))
		}
		return
	}
	for j := range min(s.global, n) {
		s.keys = append(s.keys, int32(from+j))
	}
	for j := max(i-s.window, 0); j <= min(i+s.window, n-1); j++ {
		s.keys = append(s.keys, int32(from+j))
	}
	state := splitmix.Mix(uint64(n)) + uint64(i)
	for range s.random {
		state = splitmix.Mix(state)
		s.keys = append(s.keys, int32(from+int(state%uint64(n))))
	}
	slices.Sort(s.keys[at:])
	s.keys = s.keys[:at+len(slices.Compact(s.keys[at:]))]
}
