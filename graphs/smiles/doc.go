// Package smiles reads molecules written as SMILES and turns them into graphs: all
// of OpenSMILES, completed and checked by the rules of RDKit (its release 2022.09),
// so that features agree with those that published data sets and models have.
//
// # Main types
//
//   - [Molecule] holds [Atom] and [Bond] values, rings and neighbours: all that
//     features, drawings and scaffolds need, as plain fields. [Parse] reads one;
//     a [Parser] reads many with the memory of one.
//   - [Featuriser] turns a molecule into a graph of categorical features: [Atoms]
//     by default, [ZINC] and [OGB] as those benchmarks have them.
//   - [Stereo] says which marks of chirality and double bonds are real, and
//     [Molecule.Scaffold] which molecules have one framework of rings.
//
// # Use
//
//	m, err := smiles.Parse("c1ccccc1C(=O)[O-] benzoate")
//	if err != nil {
//		return err // says which column, why, and what to do
//	}
//	fmt.Println(m.Formula(), len(m.Rings)) // C7H5O2- 1
//	g, err := smiles.Atoms{}.Graph(m)
//	if err != nil {
//		return err
//	}
//	fmt.Println(g.Nodes, g.NodeTypeColumns()) // 9 7
//
// # What is done with a SMILES
//
//  1. It is read by the grammar of OpenSMILES (opensmiles.org, version 1.0) with
//     RDKit's ring numbers up to %(99999). A ring closure with two symbols for one
//     bond takes the first; backslashes may be doubled, charges written +++.
//  2. Written hydrogens [H] become part of their atoms, save isotopes, ions, and
//     those that RDKit keeps as well (on a wildcard, as H2, or the only mark of a
//     double bond's side).
//  3. Groups that are often drawn with five bonds to nitrogen and the like are
//     given charges: CN(=O)=O is read as C[N+](=O)[O-].
//  4. Atoms outside brackets get hydrogens up to the smallest allowed valence, and
//     every atom is checked against the largest.
//  5. Aromatic bonds are made alternately single and double, by a perfect matching.
//  6. Rings, radicals, aromaticity, conjugation and hybridisation are perceived.
//     Aromaticity is perceived anew: C1=CC=CC=C1 is aromatic, and lower case is not
//     believed where the electrons say otherwise.
//
// Reaction arrows, dative bonds, CXSMILES and queries (SMARTS) are not read.
//
// # Speed
//
// A molecule of ZINC (23 atoms) takes about ten microseconds; see BenchmarkParse.
//
// # Errors
//
// [*ParseError] gives kind, column, the wrong part, the reason and what to do.
// [*FeatureError] names the atom that a featuriser has no number for, [*NameError]
// a featuriser that there is not. Nothing panics, whatever the text; limits of a
// Parser bound what an absurd one costs.
//
// # Imports
//
// graphs and internal/nearest.
package smiles
