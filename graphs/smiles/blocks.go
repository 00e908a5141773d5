package smiles

// ringFinder holds the rings of a molecule and the memory to find them.
type ringFinder struct {
	fragments int
	// Rings, in the order in which they were found: ring r has the atoms and bonds
	// ringStart[r]:ringStart[r+1] of ringAtoms and ringBonds, around the ring; bond i
	// joins atoms i and i+1.
	ringStart, ringAtoms, ringBonds []int32
	order                           []int32

	visited, low []int32 // of each atom: when the search came there, and the earliest it can return to
	via, next    []int32 // of each atom: the bond it was reached by; its next neighbour to look at
	path         []int32 // atoms
	stack        []int32 // bonds
	block        []int32 // bonds of the block at hand

	tangle tangle
}

func (r *ringFinder) count() int { return len(r.ringStart) - 1 }

// findRings numbers the fragments, marks what is in rings, and lists the rings.
//
// A depth-first search cuts the molecule into its blocks (Hopcroft and Tarjan,
// Algorithm 447, 1973): a block of one bond is no ring, one with as many atoms as
// bonds is one ring, and any other is a tangle of rings.
func (p *Parser) findRings() error {
	r := &p.rings
	n := len(p.atoms)
	r.fragments = 0
	r.ringStart, r.ringAtoms, r.ringBonds = append(r.ringStart[:0], 0), r.ringAtoms[:0], r.ringBonds[:0]
	r.visited, r.low, r.via, r.next = sized(r.visited, n), sized(r.low, n), sized(r.via, n), sized(r.next, n)
	r.path, r.stack = r.path[:0], r.stack[:0]
	clock := int32(0)
	for root := range int32(n) {
		if r.visited[root] != 0 {
			continue
		}
		fragment := int32(r.fragments)
		r.fragments++
		clock++
		r.visited[root], r.low[root], r.via[root] = clock, clock, -1
		p.atoms[root].Fragment = fragment
		r.path = append(r.path, root)
		for len(r.path) > 0 {
			v := r.path[len(r.path)-1]
			near := p.bonded(v)
			if int(r.next[v]) < len(near) {
				edge := near[r.next[v]]
				r.next[v]++
				switch w := edge.Atom; {
				case edge.Bond == r.via[v]:
				case r.visited[w] == 0:
					clock++
					r.visited[w], r.low[w], r.via[w] = clock, clock, edge.Bond
					p.atoms[w].Fragment = fragment
					r.path = append(r.path, w)
					r.stack = append(r.stack, edge.Bond)
				case r.visited[w] < r.visited[v]:
					r.low[v] = min(r.low[v], r.visited[w])
					r.stack = append(r.stack, edge.Bond)
				}
				continue
			}
			r.path = r.path[:len(r.path)-1]
			if len(r.path) == 0 {
				break
			}
			parent := r.path[len(r.path)-1]
			r.low[parent] = min(r.low[parent], r.low[v])
			if r.low[v] >= r.visited[parent] {
				if err := p.takeBlock(r.via[v]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// takeBlock takes the bonds of a finished block from the stack, down to the one
// that the search entered it by.
func (p *Parser) takeBlock(entry int32) error {
	r := &p.rings
	from := len(r.stack) - 1
	for r.stack[from] != entry {
		from--
	}
	r.block = append(r.block[:0], r.stack[from:]...)
	r.stack = r.stack[:from]
	if len(r.block) == 1 {
		return nil
	}
	atoms := 0
	for _, b := range r.block {
		bond := &p.bonds[b]
		bond.Ring = true
		for _, a := range [2]int32{bond.From, bond.To} {
			// An atom between two blocks belongs to both; p.marks counts for which it
			// was counted last.
			if p.marks[a] != entry+1 || !p.atoms[a].Ring {
				p.marks[a] = entry + 1
				p.atoms[a].Ring = true
				atoms++
			}
		}
	}
	if atoms == len(r.block) {
		p.walkRing(r.block)
		return nil
	}
	return p.untangle(atoms)
}

// walkRing appends the ring that the bonds form. The bonds of a block that is one
// ring come in the order of the search, which is around the ring.
func (p *Parser) walkRing(bonds []int32) {
	r := &p.rings
	first, last := &p.bonds[bonds[0]], &p.bonds[bonds[len(bonds)-1]]
	at := first.From
	if at != last.From && at != last.To {
		at = first.To
	}
	for _, b := range bonds {
		r.ringAtoms = append(r.ringAtoms, at)
		r.ringBonds = append(r.ringBonds, b)
		at = p.bonds[b].other(at)
	}
	r.ringStart = append(r.ringStart, int32(len(r.ringAtoms)))
}

// other gives the other end of a bond.
func (b *Bond) other(atom int32) int32 { return b.From ^ b.To ^ atom }

// ring gives the atoms and bonds of a ring.
func (r *ringFinder) ring(i int32) (atoms, bonds []int32) {
	from, to := r.ringStart[i], r.ringStart[i+1]
	return r.ringAtoms[from:to], r.ringBonds[from:to]
}

// sorted lists the rings by size, those of the same size as they were found.
func (r *ringFinder) sorted() []int32 {
	r.order = r.order[:0]
	for i := range int32(r.count()) {
		r.order = append(r.order, i)
		size := r.ringStart[i+1] - r.ringStart[i]
		for j := len(r.order) - 1; j > 0; j-- {
			before := r.order[j-1]
			if r.ringStart[before+1]-r.ringStart[before] <= size {
				break
			}
			r.order[j-1], r.order[j] = r.order[j], before
		}
	}
	return r.order
}
