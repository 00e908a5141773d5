package smiles

// aromatiser is the memory to perceive aromaticity.
type aromatiser struct {
	donors    []uint8 // of each atom
	rings     []int32 // candidates: numbers of rings
	place     []int32 // of each ring: its place in rings plus 1
	starts    []int32 // [candidates+1] of near
	near      []int32 // candidates that share one bond with a candidate
	component []int32
	sub, ext  []int32
	seen      []bool
	atomUse   []int32
	bondUse   []int32
	bondRings []int32 // of each bond: two of its candidates plus 1
	size      int
	done      int // aromatic bonds of the component
}

// Most rings that are tried together, largest ring that counts as fused to others,
// and most rings of a system in which more than two are tried together.
const (
	mostFused   = 6
	largestRing = 24
	mostTried   = 300
)

// What an atom gives to the electrons of a ring.
const (
	unasked     = iota // not looked at
	unfit              // no ring with it is aromatic
	givesNone          // an empty orbital
	givesOne           // half of a double bond
	givesTwo           // a lone pair
	givesEither        // a wildcard: one or two
)

// aromatise perceives aromaticity as RDKit's default model does, from the Kekulé
// form alone: a ring, or a system of up to six rings fused by single bonds, is
// aromatic if its atoms give 4k+2 electrons. A bond that leaves the ring as a
// double one takes its electron along where its other end is more electronegative.
// The bonds of the outline of an aromatic system become aromatic, so that the
// bond across azulene stays single.
//
// What differs between releases of RDKit follows 2022.09: an atom of three rings
// is not counted for the system of all three, rings of more than 24 atoms are
// tried alone.
func (p *Parser) aromatise() {
	x := &p.arom
	r := &p.rings
	if r.count() == 0 {
		return
	}
	if cap(x.donors) < len(p.atoms) {
		x.donors = make([]uint8, len(p.atoms), 2*len(p.atoms))
	}
	x.donors = x.donors[:len(p.atoms)]
	clear(x.donors)
	x.rings = x.rings[:0]
	for i := range int32(r.count()) {
		atoms, _ := r.ring(i)
		fits, wild := true, true
		for _, a := range atoms {
			if x.donors[a] == unasked {
				x.donors[a] = p.donor(a)
			}
			fits = fits && x.donors[a] != unfit
			wild = wild && p.atoms[a].Element == Wildcard
		}
		if fits && !wild {
			x.rings = append(x.rings, i)
		}
	}
	if len(x.rings) == 0 {
		return
	}
	p.fuse()
	x.atomUse, x.bondUse = sized(x.atomUse, len(p.atoms)), sized(x.bondUse, len(p.bonds))
	if cap(x.seen) < len(x.rings) {
		x.seen = make([]bool, len(x.rings), 2*len(x.rings))
	}
	x.seen = x.seen[:len(x.rings)]
	clear(x.seen)
	for i := range int32(len(x.rings)) {
		if !x.seen[i] {
			p.aromatiseSystem(i)
		}
	}
}

// fuse lists which candidates share exactly one bond.
func (p *Parser) fuse() {
	x := &p.arom
	r := &p.rings
	x.starts, x.near = append(x.starts[:0], 0), x.near[:0]
	// Candidates by bond: as lists in bondRings, headed by bondUse.
	x.bondUse = sized(x.bondUse, len(p.bonds))
	x.bondRings = x.bondRings[:0]
	small := func(i int32) (bonds []int32, ok bool) {
		_, bonds = r.ring(x.rings[i])
		return bonds, len(bonds) <= largestRing
	}
	for i := range int32(len(x.rings)) {
		if bonds, ok := small(i); ok {
			for _, b := range bonds {
				x.bondRings = append(x.bondRings, i, x.bondUse[b])
				x.bondUse[b] = int32(len(x.bondRings)) - 1 // of the link; 0 ends
			}
		}
	}
	x.place = sized(x.place, len(x.rings))
	for i := range int32(len(x.rings)) {
		if bonds, ok := small(i); ok {
			from := len(x.near)
			for _, b := range bonds {
				for at := x.bondUse[b]; at != 0; at = x.bondRings[at] {
					if j := x.bondRings[at-1]; j != i {
						if x.place[j]++; x.place[j] == 1 {
							x.near = append(x.near, j)
						}
					}
				}
			}
			kept := from
			for _, j := range x.near[from:] {
				if x.place[j] == 1 {
					x.near[kept] = j
					kept++
				}
				x.place[j] = 0
			}
			x.near = x.near[:kept]
		}
		x.starts = append(x.starts, int32(len(x.near)))
	}
}

// fused lists the candidates fused to a candidate.
func (x *aromatiser) fused(i int32) []int32 { return x.near[x.starts[i]:x.starts[i+1]] }

// aromatiseSystem tries the rings of one fused system: single ones, then pairs,
// and so on until all bonds of the system are aromatic.
func (p *Parser) aromatiseSystem(first int32) {
	x := &p.arom
	x.component = append(x.component[:0], first)
	x.seen[first] = true
	bonds := 0
	for at := 0; at < len(x.component); at++ {
		_, ring := p.rings.ring(x.rings[x.component[at]])
		for _, b := range ring {
			if x.bondUse[b] >= 0 {
				x.bondUse[b] = -1
				bonds++
			}
		}
		for _, j := range x.fused(x.component[at]) {
			if !x.seen[j] {
				x.seen[j] = true
				x.component = append(x.component, j)
			}
		}
	}
	for _, i := range x.component {
		_, ring := p.rings.ring(x.rings[i])
		for _, b := range ring {
			x.bondUse[b] = 0
		}
	}
	x.done = 0
	for x.size = 1; x.size <= min(len(x.component), mostFused) && x.done < bonds; x.size++ {
		if x.size > 2 && len(x.component) > mostTried {
			break
		}
		for _, i := range x.component {
			x.seen[i] = false
		}
		for _, i := range x.component {
			x.sub, x.ext = append(x.sub[:0], i), x.ext[:0]
			x.seen[i] = true
			for _, j := range x.fused(i) {
				if j > i {
					x.seen[j] = true
					x.ext = append(x.ext, j)
				}
			}
			p.grow(0, len(x.ext))
			for _, j := range x.ext {
				x.seen[j] = false
			}
			x.seen[i] = false
		}
	}
	for _, i := range x.component {
		x.seen[i] = true
	}
}

// grow tries every connected set of x.size rings that extends x.sub by rings of
// x.ext[from:to] and their neighbours, each once (Wernicke's ESU, IEEE/ACM Trans.
// Comput. Biol. Bioinf. 3, 2006).
func (p *Parser) grow(from, to int) {
	x := &p.arom
	if len(x.sub) == x.size {
		p.tryRings()
		return
	}
	for ; to > from; to-- {
		w := x.ext[to-1]
		start := len(x.ext)
		x.ext = append(x.ext, x.ext[from:to-1]...)
		added := len(x.ext)
		for _, u := range x.fused(w) {
			if u > x.sub[0] && !x.seen[u] {
				x.seen[u] = true
				x.ext = append(x.ext, u)
			}
		}
		x.sub = append(x.sub, w)
		p.grow(start, len(x.ext))
		x.sub = x.sub[:len(x.sub)-1]
		for _, u := range x.ext[added:] {
			x.seen[u] = false
		}
		x.ext = x.ext[:start]
	}
}

// tryRings marks the rings x.sub as aromatic if their electrons are 4k+2.
func (p *Parser) tryRings() {
	x := &p.arom
	for _, i := range x.sub {
		atoms, _ := p.rings.ring(x.rings[i])
		for _, a := range atoms {
			x.atomUse[a]++
		}
	}
	least, most, wild := 0, 0, 0
	for _, i := range x.sub {
		atoms, _ := p.rings.ring(x.rings[i])
		for _, a := range atoms {
			if use := x.atomUse[a]; use == 1 || use == 2 {
				switch x.donors[a] {
				case givesOne:
					least++
					most++
				case givesTwo:
					least += 2
					most += 2
				case givesEither:
					wild++
					least++
					most += 2
				}
			}
			x.atomUse[a] = 0
		}
	}
	// One wildcard makes one or two electrons, so at most two sums are possible.
	huckel := most == 2 || most >= 6 && (least%4 == 2 || most%4 == 2)
	if wild > 1 || !huckel {
		return
	}
	for _, i := range x.sub {
		atoms, bonds := p.rings.ring(x.rings[i])
		for _, a := range atoms {
			p.atoms[a].Aromatic = true
		}
		for _, b := range bonds {
			x.bondUse[b]++
		}
	}
	for _, i := range x.sub {
		_, bonds := p.rings.ring(x.rings[i])
		for _, b := range bonds {
			if x.bondUse[b] == 1 && !p.bonds[b].Aromatic {
				p.bonds[b].Aromatic = true
				x.done++
			}
			x.bondUse[b] = 0
		}
	}
}

// donor tells what an atom gives to a ring, or that it is unfit for aromatic ones.
func (p *Parser) donor(atom int32) uint8 {
	a := &p.atoms[atom]
	e := &elements[a.Element]
	inRing, outside, multiple := false, int32(-1), 0
	for _, n := range p.bonded(atom) {
		b := &p.bonds[n.Bond]
		if b.Order < 2 {
			continue
		}
		if b.Order < 4 {
			multiple++
		}
		if b.Ring {
			inRing = true
		} else if outside < 0 {
			outside = n.Atom
		}
	}
	if a.Element == Wildcard {
		if inRing {
			return givesOne
		}
		return givesEither
	}
	electrons := p.spare(atom)
	gives := uint8(unfit)
	switch {
	case electrons < 0:
	case electrons == 0 && outside >= 0:
		gives = givesNone
	case electrons == 0 && inRing:
		gives = givesOne
	case electrons == 0:
	case electrons == 1 && outside >= 0:
		gives = givesOne
		if moreElectronegative(p.atoms[outside].Element, a.Element) {
			gives = givesNone
		}
	case electrons == 1 && (inRing || p.orders(atom) != len(p.bonded(atom))):
		gives = givesOne
	case electrons == 1:
		if a.Charge == 1 {
			gives = givesNone // tropylium, cyclopropenyl
		}
	default:
		if outside >= 0 && moreElectronegative(p.atoms[outside].Element, a.Element) {
			electrons--
		}
		gives = givesTwo
		if electrons%2 == 1 {
			gives = givesOne
		}
	}
	// Only the first rows, Se and Te; no hypervalent atoms; no radicals but those of
	// neutral carbon; no cumulated multiple bonds.
	switch {
	case a.Element > 18 && a.Element != Selenium && a.Element != Tellurium:
		return unfit
	case e.allowed[0] > 0 && e.allowed[1] > 0 && p.valence(atom) > chargedValence(a):
		return unfit
	case a.Radicals > 0 && (a.Element != Carbon || a.Charge != 0):
		return unfit
	case multiple > 1:
		return unfit
	}
	return gives
}

// chargedValence is the smallest valence of the element with the atom's electrons.
func chargedValence(a *Atom) int {
	n := int(a.Element) - int(a.Charge)
	if n < 0 || n >= len(elements) {
		return -1
	}
	return Element(n).defaultValence()
}

// moreElectronegative compares by the outer electrons, then by the smaller number.
func moreElectronegative(a, b Element) bool {
	if elements[a].outer != elements[b].outer {
		return elements[a].outer > elements[b].outer
	}
	return a < b
}

// spare counts the electrons that an atom has for pi systems, -1 if it takes part
// in none: elements of one bond, atoms of four neighbours.
func (p *Parser) spare(atom int32) int {
	a := &p.atoms[atom]
	valence := a.Element.defaultValence()
	degree := len(p.bonded(atom)) + int(a.Hydrogens)
	if valence <= 1 || degree > 3 {
		return -1
	}
	lone := max(int(elements[a.Element].outer)-valence-int(a.Charge), 0)
	free := valence - degree + lone - int(a.Radicals)
	// A triple bond gives one electron to each of two systems.
	if free > 1 && p.orders(atom)+int(a.Explicit)-len(p.bonded(atom)) > 1 {
		free = 1
	}
	return free
}
