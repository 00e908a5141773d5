package smiles

import "fmt"

// Parser reads SMILES and keeps its working memory from one to the next. The zero
// value is ready; fields may be set before the first Parse. A Parser is not safe
// for concurrent use: give each goroutine its own.
type Parser struct {
	MaxLength int // longest SMILES in bytes; 0 means 65,536
	MaxAtoms  int // most atoms, written hydrogens included; 0 means 10,000
	MaxRings  int // most ring closures; 0 means 1,000

	text  string
	end   int // of the SMILES in text
	atoms []Atom
	bonds []Bond

	scan    scanner
	offsets []int32
	near    []Neighbour
	merged  []bool
	renamed []int32
	rings   ringFinder
	match   matcher
	arom    aromatiser
	marks   []int32
}

// Parse reads one SMILES with a Parser of its own; see Parser.Parse. To read many,
// keep a Parser.
func Parse(text string) (*Molecule, error) { return new(Parser).Parse(text) }

// Parse reads one SMILES. Blanks before it, and anything after a blank behind it
// (a name, a CXSMILES part), are ignored. The error is a *ParseError.
//
// The molecule is cleaned up, checked and completed by RDKit's rules (its release
// 2022.09, MolFromSmiles): written hydrogens are merged into their atoms, nitro
// groups and the like get charges, valences are checked, implicit hydrogens
// added, aromatic rings given alternating bonds, radicals, rings, aromaticity,
// conjugation and hybridisation perceived.
func (p *Parser) Parse(text string) (*Molecule, error) {
	p.text = text
	p.atoms, p.bonds = p.atoms[:0], p.bonds[:0]
	maxLength, maxAtoms, maxRings := p.MaxLength, p.MaxAtoms, p.MaxRings
	if maxLength <= 0 {
		maxLength = 1 << 16
	}
	if maxAtoms <= 0 {
		maxAtoms = 10_000
	}
	if maxRings <= 0 {
		maxRings = 1_000
	}
	if len(text) > maxLength {
		return nil, p.fail(Limit, maxLength, len(text), fmt.Sprintf("%d bytes, at most %d are read", len(text), maxLength),
			"raise Parser.MaxLength if this is a molecule")
	}
	steps := [...]func(p *Parser) error{
		(*Parser).link, (*Parser).mergeHydrogens, (*Parser).cleanUp, (*Parser).completeValences, (*Parser).findRings,
		(*Parser).kekulise, (*Parser).perceive,
	}
	if err := p.read(maxAtoms, maxRings); err != nil {
		return nil, err
	}
	for _, step := range steps {
		if err := step(p); err != nil {
			return nil, err
		}
	}
	return p.molecule(), nil
}

// perceive derives what needs the finished Kekulé form.
func (p *Parser) perceive() error {
	p.assignRadicals()
	p.aromatise()
	p.conjugate()
	p.hybridise()
	return nil
}

// molecule copies the working memory into memory of its own, exactly sized.
func (p *Parser) molecule() *Molecule {
	m := &Molecule{
		Atoms:      append(make([]Atom, 0, len(p.atoms)), p.atoms...),
		Bonds:      append(make([]Bond, 0, len(p.bonds)), p.bonds...),
		Fragments:  p.rings.fragments,
		offsets:    append(make([]int32, 0, len(p.offsets)), p.offsets...),
		neighbours: append(make([]Neighbour, 0, len(p.near)), p.near...),
	}
	if n := p.rings.count(); n > 0 {
		all := append(make([]int32, 0, len(p.rings.ringAtoms)), p.rings.ringAtoms...)
		m.Rings = make([][]int32, n)
		for r, of := range p.rings.sorted() {
			from, to := p.rings.ringStart[of], p.rings.ringStart[of+1]
			m.Rings[r] = all[from:to:to]
		}
	}
	return m
}

// bonded lists the neighbours of an atom in the order of their bonds.
func (p *Parser) bonded(atom int32) []Neighbour { return p.near[p.offsets[atom]:p.offsets[atom+1]] }

// sized gives a slice of n zeros, from the old one's memory where that is enough.
func sized(old []int32, n int) []int32 {
	if cap(old) < n {
		return make([]int32, n, n+n/2)
	}
	old = old[:n]
	clear(old)
	return old
}
