package expressivity

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/splitmix"
)

// Colour is the signature that colour refinement gives a graph: a hash of the multisets of colours of all rounds.
// Isomorphic graphs have the same colour, always: everything that goes into it is a whole number, multisets are hashed
// by sums, in which order does not matter, and nothing is rounded. Graphs that the test tells apart have different ones
// but for an accident of hashing, whose probability for a pair is of the order of 2^-50 or below.
type Colour uint64

// Apart tells whether the colours differ. other must be a Colour too.
func (c Colour) Apart(other Signature) bool { return c != other.(Colour) }

// join hashes two numbers, the order of which matters. Different pairs of numbers below 2^32 never meet.
func join(a, b uint64) uint64 {
	const odd = 0xd6e8feb86659fd93
	return splitmix.Mix(a + bits.RotateLeft64(b, 32)*odd)
}

// refine repeats a round of refinement until it splits no class of colours any more, and gives the signature of what
// was coloured. Two graphs that have the same multisets up to that round have them ever after: their numbers of classes
// are equal in every round, so both stop at the same one, and there the old colours tell the new.
func refine(ctx context.Context, colour []uint64, round func(next, now []uint64)) (Colour, error) {
	next, sorted := make([]uint64, len(colour)), make([]uint64, len(colour))
	signature := join(uint64(len(colour)), 1)
	for classes := 0; ; {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, sum := census(colour, sorted)
		if signature = join(signature, sum); n == classes {
			return Colour(signature), nil
		}
		classes = n
		round(next, colour)
		colour, next = next, colour
	}
}

// census counts the different colours and hashes their multiset.
func census(colour, sorted []uint64) (classes int, sum uint64) {
	copy(sorted, colour)
	slices.Sort(sorted)
	for i, c := range sorted {
		if i == 0 || c != sorted[i-1] {
			classes++
		}
		sum += splitmix.Mix(c)
	}
	return classes, sum
}

// nodeColours gives every node a colour for its types and features: that of a graph without them is the same for all.
func nodeColours(g *graphs.Graph) []uint64 {
	colours := make([]uint64, g.Nodes)
	types, features := g.NodeTypeColumns(), g.NodeFeatureColumns()
	for i := range colours {
		colours[i] = describe(g.NodeTypes[i*types:(i+1)*types], g.NodeFeatures[i*features:(i+1)*features])
	}
	return colours
}

// edgeColours gives every edge a colour for its weight, types and features, which is not 0.
func edgeColours(g *graphs.Graph) []uint64 {
	colours := make([]uint64, len(g.Edges))
	types, features := g.EdgeTypeColumns(), g.EdgeFeatureColumns()
	for e := range colours {
		c := describe(g.EdgeTypes[e*types:(e+1)*types], g.EdgeFeatures[e*features:(e+1)*features])
		colours[e] = max(1, join(c, uint64(math.Float32bits(g.Weight(e)))))
	}
	return colours
}

// describe hashes types and features. The two zeros of floating point are one number.
func describe(types []int32, features []float32) uint64 {
	h := join(uint64(len(types)), uint64(len(features)))
	for _, t := range types {
		h = join(h, uint64(t))
	}
	for _, f := range features {
		h = join(h, uint64(math.Float32bits(f+0)))
	}
	return h
}
