package expressivity

import (
	"fmt"
	"math"
	"math/bits"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
)

// DefaultSteps is the number of walk lengths where none is given, that of GRIT on ZINC: 0 to 20 steps.
const DefaultSteps = encodings.DefaultSteps

// steps replaces 0 by the default.
func steps(n int) int {
	switch {
	case n < 0:
		panic(fmt.Sprintf("expressivity: Steps is %d, expected a positive number, or 0 for %d", n, DefaultSteps))
	case n == 0:
		return DefaultSteps
	}
	return n
}

// Probabilities of walks are rational numbers, products of weights over degrees. They are computed in the field of
// the whole numbers modulo the prime 2^61-1, where a quotient is a product with an inverse. A rational number has one
// residue however it is computed, so equal probabilities are equal here, which floating point cannot promise; different
// ones are different but for a chance of about 2^-61.
const prime = 1<<61 - 1

// plus adds residues.
func plus(a, b uint64) uint64 {
	if a += b; a >= prime {
		a -= prime
	}
	return a
}

// times multiplies residues. As 2^61 is 1, the upper bits of the product are added to the lower ones.
func times(a, b uint64) uint64 {
	high, low := bits.Mul64(a, b)
	return plus(high<<3|low>>61, low&prime)
}

// inverse is a^(p-2), and 0 for 0, which no node's degree is where an edge leaves it.
func inverse(a uint64) uint64 {
	result := uint64(1)
	for e := uint64(prime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			result = times(result, a)
		}
		a = times(a, a)
	}
	return result
}

// residue is that of a positive, finite number, which is a whole number times a power of 2; 2^61 is 1.
func residue(w float32) uint64 {
	fraction, exponent := math.Frexp(float64(w))
	whole := uint64(math.Ldexp(fraction, 24)) // a float32 has 24 bits
	return times(whole, 1<<(((exponent-24)%61+61)%61))
}

// degrees gives the residues of the weighted out-degrees.
func degrees(g *graphs.Graph) []uint64 {
	all := make([]uint64, g.Nodes)
	for e, ends := range g.Edges {
		all[ends.From] = plus(all[ends.From], residue(g.Weight(e)))
	}
	return all
}

// walks calls visit with the residues of I, M, M^2, ..., M^(steps-1), each [n, n], where M[i,j] is the probability of
// stepping from i to j (see encodings.RRWP). The matrices are gone with the call.
func walks(g *graphs.Graph, steps int, visit func(power []uint64)) {
	n := g.Nodes
	now, next := make([]uint64, n*n), make([]uint64, n*n)
	for i := range n {
		now[i*n+i] = 1
	}
	probability, degree := make([]uint64, len(g.Edges)), degrees(g)
	for i, d := range degree {
		degree[i] = inverse(d)
	}
	for e, ends := range g.Edges {
		probability[e] = times(residue(g.Weight(e)), degree[ends.From])
	}
	visit(now)
	for range steps - 1 {
		clear(next)
		for e, ends := range g.Edges {
			row, by := next[ends.From*n:(ends.From+1)*n], probability[e]
			for j, p := range now[ends.To*n : (ends.To+1)*n] {
				row[j] = plus(row[j], times(p, by))
			}
		}
		now, next = next, now
		visit(now)
	}
}
