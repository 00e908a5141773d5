package depict

import "gonum.org/v1/plot/vg"

// MoleculeOptions say how a molecule is drawn. The zero value has no title.
type MoleculeOptions struct {
	Title string
	Notes []string // lines below the title
	// Circles draws aromatic rings with a circle. Else they have alternating double
	// bonds, as IUPAC prefers (Brecher 2008, GR-6.5), where these are known.
	Circles bool
}

// Length of a bond in points, and what a picture of a molecule measures at most;
// bonds get shorter in larger ones.
const (
	bondLength = 30.0
	mostWidth  = 1000.0
	mostHeight = 800.0
)

// Molecule draws a molecule: bonds as one, two or three lines, a wedge or a hashed
// wedge at stereo centres, atoms but carbon by their symbols with hydrogens,
// charge and isotope. The error is that of [Structure.Layout].
func Molecule(s *Structure, o MoleculeOptions) (*Drawing, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	k := newSketch(s, o, bondLength)
	e := k.extent()
	k.bond = min(bondLength, mostWidth/max(e.width(), 1), mostHeight/max(e.height(), 1))
	return &Drawing{
		width: vg.Length(e.width() * k.bond), height: vg.Length(e.height() * k.bond), title: o.Title, notes: o.Notes,
		paint: func(p pen) { k.paint(p, e.low) },
	}, nil
}
