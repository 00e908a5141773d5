// Package depict draws graphs, and molecules as chemists draw them.
//
// # Main types
//
//   - [Structure] is a molecule to draw: atoms and bonds. [FromSMILES], [FromZINC]
//     and [FromOGB] make one of what the other packages hold.
//   - [Structure.Layout] and [LayoutGraph] give the places of atoms and nodes, as
//     plain points.
//   - [Drawing] is a picture, made by [Molecule] or [Graph]. It draws itself on any
//     canvas of gonum/plot (PNG, SVG, PDF), or writes a PNG file.
//
// # Use
//
//	m, err := smiles.Parse("CC(=O)Oc1ccccc1C(=O)O")
//	if err != nil {
//		return err
//	}
//	d, err := depict.Molecule(depict.FromSMILES(m), depict.MoleculeOptions{Title: "aspirin"})
//	if err != nil {
//		return err
//	}
//	return d.WritePNG(file)
//
// # Molecules
//
// Rings are regular polygons that share their common bonds, chains zigzag,
// substituents of rings point outwards; fragments lie side by side. Rings that
// share more than a bond (bridges, cages, cyclophanes) are relaxed from several
// starts. Carbon is a corner without a label, ends of chains too, unless it stands
// alone or has a charge; other elements have their symbols with hydrogens, charge
// and isotope, coloured by element. Stereo centres get wedges, double bonds the
// sides that are marked.
//
// # Graphs
//
// Distances in the plane follow those in the graph (stress majorisation). That is
// legible up to some 200 nodes; up to [MostNodes] the shape of a graph is still to
// be seen. Colours tell labels or types of nodes, and types of edges.
//
// Everything is deterministic: no random numbers, and no maps in an order of their
// own.
//
// # Errors
//
// A molecule or graph too large to draw is a [*SizeError]; an atom or bond that
// cannot be a [*StructureError]; a type that stands for no atom or bond a
// [*TypeError]. What passes these checks, and [graphs.Graph.Validate], is drawn:
// nothing panics.
//
// # Imports
//
// graphs and graphs/smiles.
package depict
