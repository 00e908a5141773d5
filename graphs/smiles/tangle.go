package smiles

import (
	"fmt"
	"math/bits"
)

// tangle is the memory to find the rings of one block. Atoms and bonds are counted
// within the block.
type tangle struct {
	local   []int32 // of each atom of the molecule: its number in the block plus 1
	offsets []int32
	near    []Neighbour // counted in the block
	depth   []int32     // of each atom: distance from the root, -1 for not reached
	parent  []int32     // neighbour towards the root
	by      []int32     // bond to the parent
	branch  []int32     // neighbour of the root that it hangs on
	place   []int32     // in the queue
	queue   []int32

	words  int      // of a set of bonds
	sets   []uint64 // of the candidates, words each
	sizes  []int32  // of the candidates
	basis  []uint64 // reduced sets, words each
	pivots []int32  // of the basis: a bond that no later set of the basis has
	left   []uint64

	chosen, extra         []uint64 // the set of smallest rings, and others of the same sizes, words each
	chosenSize, extraSize []int32
	usage                 []int32 // of each bond: how many chosen rings have it
}

// largestTangle bounds the memory for candidates, in words.
const largestTangle = 1 << 22

// reach are the ring sizes up to which candidates are looked for, step by step.
// Nearly all molecules need the first step only.
var reach = [...]int32{8, 16, 32, 64, 128, 1 << 30}

// untangle finds the rings of the block r.block.
//
// The smallest set of smallest rings is a minimum basis of the cycle space. By
// Vismara (Electronic J. Combin. 4, 1997, R9), it is found among cycles made of two
// shortest paths from a root, joined by a bond or an atom at the far end, such that
// the root comes last in an order of the atoms; the order here puts the atoms with
// three or more bonds last, so that searches start from those alone. Candidates are
// taken by size; one that is not the sum of those taken joins the set.
//
// A candidate that is the sum of equally small ones is no longer needed, but as
// good as any of them. RDKit reports such a ring too ("symmetrised" set) if it could
// stand in for a ring of its size: it shares a bond with it, and has all bonds that
// only that ring covers.
func (p *Parser) untangle(atoms int) error {
	t := &p.rings.tangle
	block := p.rings.block
	p.localise(atoms)
	rank := len(block) - atoms + 1
	t.words = (len(block) + 63) / 64
	t.basis, t.pivots = t.basis[:0], t.pivots[:0]
	t.chosen, t.chosenSize, t.extra, t.extraSize = t.chosen[:0], t.chosenSize[:0], t.extra[:0], t.extraSize[:0]
	if cap(t.left) < t.words {
		t.left = make([]uint64, t.words)
	}
	t.left = t.left[:t.words]
	least := int32(3)
	for _, most := range reach {
		t.sets, t.sizes = t.sets[:0], t.sizes[:0]
		for root := range int32(atoms) {
			if t.offsets[root+1]-t.offsets[root] < 3 {
				continue
			}
			if !t.search(root, least, most) {
				return p.tangled(atoms, rank)
			}
		}
		for size := least; size <= most && len(t.pivots) < rank; size++ {
			if size > int32(atoms) {
				break
			}
			if !t.takeSize(size) {
				return p.tangled(atoms, rank)
			}
		}
		if len(t.pivots) == rank {
			break
		}
		least = most + 1
	}
	p.takeCycles()
	return nil
}

// tangled is the error about a block with too many candidates.
func (p *Parser) tangled(atoms, rank int) error {
	b := &p.bonds[p.rings.block[0]]
	return p.failAtom(Limit, b.From, fmt.Sprintf("a ring system of %d atoms and %d rings is too tangled", atoms, rank),
		"check that its ring numbers are right")
}

// localise numbers the atoms of the block, those of two bonds first, and builds
// its neighbour lists.
func (p *Parser) localise(atoms int) {
	t := &p.rings.tangle
	block := p.rings.block
	if len(t.local) < len(p.atoms) {
		t.local = make([]int32, len(p.atoms)+len(p.atoms)/2)
	}
	for _, b := range block {
		t.local[p.bonds[b].From], t.local[p.bonds[b].To] = 0, 0
	}
	for _, b := range block {
		t.local[p.bonds[b].From]++
		t.local[p.bonds[b].To]++
	}
	t.offsets = sized(t.offsets, atoms+1)
	t.queue = t.queue[:0]
	low, high := int32(0), int32(atoms)
	// The degree is replaced by minus the number, minus 1, once it is known.
	for _, b := range block {
		for _, a := range [2]int32{p.bonds[b].From, p.bonds[b].To} {
			degree := t.local[a]
			if degree < 0 {
				continue
			}
			number := low
			if degree > 2 {
				high--
				number = high
			} else {
				low++
			}
			t.offsets[number+1] = degree
			t.local[a] = -number - 1
		}
	}
	for i := range atoms {
		t.offsets[i+1] += t.offsets[i]
	}
	if cap(t.near) < 2*len(block) {
		t.near = make([]Neighbour, 2*len(block), 3*len(block))
	}
	t.near = t.near[:2*len(block)]
	t.depth = sized(t.depth, atoms) // for now: how many neighbours are filled in
	for i, b := range block {
		from, to := -t.local[p.bonds[b].From]-1, -t.local[p.bonds[b].To]-1
		t.near[t.offsets[from]+t.depth[from]] = Neighbour{to, int32(i)}
		t.near[t.offsets[to]+t.depth[to]] = Neighbour{from, int32(i)}
		t.depth[from]++
		t.depth[to]++
	}
	t.parent, t.by = sized(t.parent, atoms), sized(t.by, atoms)
	t.branch, t.place = sized(t.branch, atoms), sized(t.place, atoms)
	for i := range t.depth {
		t.depth[i] = -1
	}
}

// search adds the candidates with the given root and a size within the bounds. It
// gives false if they are too many.
func (t *tangle) search(root, least, most int32) bool {
	t.queue = append(t.queue[:0], root)
	t.depth[root] = 0
	fits := true
	for head := 0; head < len(t.queue); head++ {
		v := t.queue[head]
		for _, n := range t.near[t.offsets[v]:t.offsets[v+1]] {
			w := n.Atom
			if w >= root {
				continue
			}
			switch d := t.depth[w]; {
			case d < 0:
				// Deeper atoms close no ring that is small enough.
				if 2*(t.depth[v]+1) > most {
					continue
				}
				t.depth[w], t.parent[w], t.by[w], t.place[w] = t.depth[v]+1, v, n.Bond, int32(len(t.queue))
				if t.branch[w] = w; v != root {
					t.branch[w] = t.branch[v]
				}
				t.queue = append(t.queue, w)
			case d == t.depth[v] && w < v && t.branch[w] != t.branch[v]:
				// Two atoms at the same distance: an odd ring.
				if size := 2*d + 1; size >= least && size <= most {
					fits = fits && t.add(size, v, w, n.Bond, -1)
				}
			case d == t.depth[v]+1 && n.Bond != t.by[w]:
				// A second way to w: an even ring with each of the earlier ways.
				if size := 2 * d; size >= least && size <= most {
					fits = fits && t.addEven(size, v, w, n.Bond)
				}
			}
		}
	}
	for _, v := range t.queue {
		t.depth[v] = -1
	}
	return fits
}

// addEven adds the rings of the way to w through v with each way found before.
func (t *tangle) addEven(size, v, w, bond int32) bool {
	for _, n := range t.near[t.offsets[w]:t.offsets[w+1]] {
		u := n.Atom
		if t.depth[u] == t.depth[v] && t.place[u] < t.place[v] && t.branch[u] != t.branch[v] && !t.add(size, v, u, bond, n.Bond) {
			return false
		}
	}
	return true
}

// add appends the candidate of the ways from the root to v and to u, and the one
// or two bonds that join them.
func (t *tangle) add(size, v, u, bond, second int32) bool {
	if len(t.sets)+t.words > largestTangle {
		return false
	}
	from := len(t.sets)
	for range t.words {
		t.sets = append(t.sets, 0)
	}
	set := t.sets[from:]
	put := func(b int32) { set[b>>6] |= 1 << (b & 63) }
	put(bond)
	if second >= 0 {
		put(second)
	}
	for _, at := range [2]int32{v, u} {
		for t.depth[at] > 0 {
			put(t.by[at])
			at = t.parent[at]
		}
	}
	t.sizes = append(t.sizes, size)
	return true
}

// reduce takes from the set t.left what sets from to to of the basis cancel, and
// gives a bond that is left, or -1.
func (t *tangle) reduce(from, to int) int32 {
	for i := from; i < to; i++ {
		if b := t.pivots[i]; t.left[b>>6]>>(b&63)&1 != 0 {
			for w, word := range t.basis[i*t.words : (i+1)*t.words] {
				t.left[w] ^= word
			}
		}
	}
	for w, word := range t.left {
		if word != 0 {
			return int32(64*w + bits.TrailingZeros64(word))
		}
	}
	return -1
}

// takeSize decides about the candidates of one size. It gives false if those to
// keep are too many.
func (t *tangle) takeSize(size int32) bool {
	smaller := len(t.pivots)
	for c := range t.sizes {
		if t.sizes[c] != size {
			continue
		}
		set := t.sets[c*t.words : (c+1)*t.words]
		copy(t.left, set)
		if t.reduce(0, smaller) < 0 {
			continue // a sum of smaller rings
		}
		if len(t.chosen)+len(t.extra)+t.words > largestTangle {
			return false
		}
		if b := t.reduce(smaller, len(t.pivots)); b >= 0 {
			t.pivots = append(t.pivots, b)
			t.basis = append(t.basis, t.left...)
			t.chosen, t.chosenSize = append(t.chosen, set...), append(t.chosenSize, size)
		} else {
			t.extra, t.extraSize = append(t.extra, set...), append(t.extraSize, size)
		}
	}
	return true
}

// takeCycles appends the chosen rings, and the extra ones that could stand in for
// one of them, to those of the molecule.
func (p *Parser) takeCycles() {
	t := &p.rings.tangle
	t.usage = sized(t.usage, len(p.rings.block))
	for c := range t.chosenSize {
		set := t.chosen[c*t.words : (c+1)*t.words]
		for w, word := range set {
			for ; word != 0; word &= word - 1 {
				t.usage[64*w+bits.TrailingZeros64(word)]++
			}
		}
		p.takeCycle(set)
	}
	for c, size := range t.extraSize {
		if set := t.extra[c*t.words : (c+1)*t.words]; t.standsIn(set, size) {
			p.takeCycle(set)
		}
	}
}

// standsIn tells whether a ring could replace a chosen one of its size.
func (t *tangle) standsIn(set []uint64, size int32) bool {
	for c, s := range t.chosenSize {
		if s != size {
			continue
		}
		shares, covers := false, true
		for w, word := range t.chosen[c*t.words : (c+1)*t.words] {
			shares = shares || word&set[w] != 0
			for rest := word &^ set[w]; rest != 0; rest &= rest - 1 {
				if t.usage[64*w+bits.TrailingZeros64(rest)] == 1 {
					covers = false
				}
			}
		}
		if shares && covers {
			return true
		}
	}
	return false
}

// takeCycle appends the ring of a set of bonds, in order around the ring.
func (p *Parser) takeCycle(set []uint64) {
	t := &p.rings.tangle
	r := &p.rings
	bond := int32(0)
	for set[bond>>6]>>(bond&63)&1 == 0 {
		bond++
	}
	start := p.bonds[r.block[bond]].From
	for at := start; ; {
		r.ringAtoms = append(r.ringAtoms, at)
		r.ringBonds = append(r.ringBonds, r.block[bond])
		if at = p.bonds[r.block[bond]].other(at); at == start {
			break
		}
		local := -t.local[at] - 1
		for _, n := range t.near[t.offsets[local]:t.offsets[local+1]] {
			if n.Bond != bond && set[n.Bond>>6]>>(n.Bond&63)&1 != 0 {
				bond = n.Bond
				break
			}
		}
	}
	r.ringStart = append(r.ringStart, int32(len(r.ringAtoms)))
}
