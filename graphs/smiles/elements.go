package smiles

import "strconv"

// Element is an atomic number, 1 to 118; 0 is the wildcard atom, written *.
type Element uint8

// Elements that chemistry asks for by name.
const (
	Wildcard   Element = 0
	Hydrogen   Element = 1
	Boron      Element = 5
	Carbon     Element = 6
	Nitrogen   Element = 7
	Oxygen     Element = 8
	Fluorine   Element = 9
	Silicon    Element = 14
	Phosphorus Element = 15
	Sulphur    Element = 16
	Chlorine   Element = 17
	Arsenic    Element = 33
	Selenium   Element = 34
	Bromine    Element = 35
	Tellurium  Element = 52
	Iodine     Element = 53
)

// Symbol gives the symbol, such as "Cl", "*" for the wildcard, and the number
// in the form "#119" for what is no element.
func (e Element) Symbol() string {
	if int(e) < len(elements) {
		return elements[e].symbol
	}
	return "#" + strconv.Itoa(int(e))
}

// String gives the symbol.
func (e Element) String() string { return e.Symbol() }

// valences is a list of allowed valences, ascending: count, then the values. An
// empty list (wildcard, metals of the d and f blocks) allows anything.
type valences [5]int8

// list gives the values.
func (v *valences) list() []int8 { return v[1 : 1+v[0]] }

// element is a row of the periodic table.
type element struct {
	symbol  string
	outer   int8   // electrons of the outer shell, the d electrons of a transition metal included
	isotope uint16 // mass number of the commonest isotope
	allowed valences
	// early elements stand left of carbon, or behave so: their cations have fewer
	// bonds (B+ two), their anions more (B- four).
	early bool
}

// elements are the numbers that RDKit's rules work with (its release 2022.09),
// which differ from textbooks where its authors found it useful: Zn, Cd and Hg
// count as two outer electrons, Al and Si may have six bonds.
var elements = [119]element{
	{"*", 0, 0, valences{}, false},
	{"H", 1, 1, valences{1, 1}, false},
	{"He", 2, 4, valences{1, 0}, false},
	{"Li", 1, 7, valences{1, 1}, true},
	{"Be", 2, 9, valences{1, 2}, true},
	{"B", 3, 11, valences{1, 3}, true},
	{"C", 4, 12, valences{1, 4}, false},
	{"N", 5, 14, valences{1, 3}, false},
	{"O", 6, 16, valences{1, 2}, false},
	{"F", 7, 19, valences{1, 1}, false},
	{"Ne", 8, 20, valences{1, 0}, false},
	{"Na", 1, 23, valences{1, 1}, true},
	{"Mg", 2, 24, valences{1, 2}, true},
	{"Al", 3, 27, valences{2, 3, 6}, true},
	{"Si", 4, 28, valences{2, 4, 6}, false},
	{"P", 5, 31, valences{3, 3, 5, 7}, false},
	{"S", 6, 32, valences{3, 2, 4, 6}, false},
	{"Cl", 7, 35, valences{1, 1}, false},
	{"Ar", 8, 40, valences{1, 0}, false},
	{"K", 1, 39, valences{1, 1}, true},
	{"Ca", 2, 40, valences{1, 2}, true},
	{"Sc", 3, 45, valences{}, true},
	{"Ti", 4, 48, valences{}, true},
	{"V", 5, 51, valences{}, false},
	{"Cr", 6, 52, valences{}, false},
	{"Mn", 7, 55, valences{}, false},
	{"Fe", 8, 56, valences{}, false},
	{"Co", 9, 59, valences{}, false},
	{"Ni", 10, 58, valences{}, false},
	{"Cu", 11, 63, valences{}, false},
	{"Zn", 2, 64, valences{}, true},
	{"Ga", 3, 69, valences{1, 3}, true},
	{"Ge", 4, 74, valences{1, 4}, true},
	{"As", 5, 75, valences{3, 3, 5, 7}, false},
	{"Se", 6, 80, valences{3, 2, 4, 6}, false},
	{"Br", 7, 79, valences{1, 1}, false},
	{"Kr", 8, 84, valences{1, 0}, false},
	{"Rb", 1, 85, valences{1, 1}, true},
	{"Sr", 2, 88, valences{1, 2}, true},
	{"Y", 3, 89, valences{}, true},
	{"Zr", 4, 90, valences{}, true},
	{"Nb", 5, 93, valences{}, true},
	{"Mo", 6, 98, valences{}, false},
	{"Tc", 7, 97, valences{}, false},
	{"Ru", 8, 102, valences{}, false},
	{"Rh", 9, 103, valences{}, false},
	{"Pd", 10, 106, valences{}, false},
	{"Ag", 11, 107, valences{}, false},
	{"Cd", 2, 114, valences{}, true},
	{"In", 3, 115, valences{1, 3}, true},
	{"Sn", 4, 120, valences{2, 2, 4}, true},
	{"Sb", 5, 121, valences{3, 3, 5, 7}, true},
	{"Te", 6, 130, valences{3, 2, 4, 6}, false},
	{"I", 7, 127, valences{3, 1, 3, 5}, false},
	{"Xe", 8, 132, valences{4, 0, 2, 4, 6}, false},
	{"Cs", 1, 133, valences{1, 1}, true},
	{"Ba", 2, 138, valences{1, 2}, true},
	{"La", 3, 139, valences{}, true},
	{"Ce", 4, 140, valences{}, true},
	{"Pr", 3, 141, valences{}, true},
	{"Nd", 4, 142, valences{}, true},
	{"Pm", 5, 145, valences{}, true},
	{"Sm", 6, 152, valences{}, false},
	{"Eu", 7, 153, valences{}, false},
	{"Gd", 8, 158, valences{}, false},
	{"Tb", 9, 159, valences{}, false},
	{"Dy", 10, 164, valences{}, false},
	{"Ho", 11, 165, valences{}, false},
	{"Er", 12, 166, valences{}, false},
	{"Tm", 13, 169, valences{}, false},
	{"Yb", 14, 174, valences{}, false},
	{"Lu", 15, 175, valences{}, false},
	{"Hf", 4, 180, valences{}, true},
	{"Ta", 5, 181, valences{}, true},
	{"W", 6, 184, valences{}, false},
	{"Re", 7, 187, valences{}, false},
	{"Os", 8, 192, valences{}, false},
	{"Ir", 9, 193, valences{}, false},
	{"Pt", 10, 195, valences{}, false},
	{"Au", 11, 197, valences{}, false},
	{"Hg", 2, 202, valences{}, true},
	{"Tl", 3, 205, valences{1, 3}, true},
	{"Pb", 4, 208, valences{2, 2, 4}, true},
	{"Bi", 5, 209, valences{3, 3, 5, 7}, true},
	{"Po", 6, 209, valences{3, 2, 4, 6}, false},
	{"At", 7, 210, valences{3, 1, 3, 5}, false},
	{"Rn", 8, 211, valences{1, 0}, false},
	{"Fr", 1, 223, valences{1, 1}, true},
	{"Ra", 2, 223, valences{1, 2}, true},
	{"Ac", 3, 227, valences{}, true},
	{"Th", 4, 232, valences{}, true},
	{"Pa", 3, 231, valences{}, true},
	{"U", 4, 238, valences{}, true},
	{"Np", 5, 236, valences{}, true},
	{"Pu", 6, 238, valences{}, false},
	{"Am", 7, 241, valences{}, false},
	{"Cm", 8, 243, valences{}, false},
	{"Bk", 9, 247, valences{}, false},
	{"Cf", 10, 249, valences{}, false},
	{"Es", 11, 252, valences{}, false},
	{"Fm", 12, 257, valences{}, false},
	{"Md", 13, 258, valences{}, false},
	{"No", 14, 259, valences{}, false},
	{"Lr", 15, 262, valences{}, false},
	{"Rf", 2, 267, valences{}, true},
	{"Db", 2, 268, valences{}, true},
	{"Sg", 2, 271, valences{}, true},
	{"Bh", 2, 270, valences{}, true},
	{"Hs", 2, 269, valences{}, true},
	{"Mt", 2, 278, valences{}, true},
	{"Ds", 2, 281, valences{}, true},
	{"Rg", 2, 281, valences{}, true},
	{"Cn", 2, 285, valences{}, true},
	{"Nh", 2, 284, valences{}, true},
	{"Fl", 2, 289, valences{}, true},
	{"Mc", 2, 288, valences{}, true},
	{"Lv", 2, 293, valences{}, true},
	{"Ts", 2, 292, valences{}, true},
	{"Og", 2, 294, valences{}, true},
}

// bySymbol finds elements: first letter, then 0 or the second letter.
var bySymbol = func() (table [26][27]Element) {
	for n := range elements[1:] {
		s := elements[n+1].symbol
		second := 0
		if len(s) == 2 {
			second = int(s[1]-'a') + 1
		}
		table[s[0]-'A'][second] = Element(n + 1)
	}
	return table
}()

// defaultValence is the smallest allowed valence, -1 where anything goes.
func (e Element) defaultValence() int {
	if a := &elements[e].allowed; a[0] > 0 {
		return int(a[1])
	}
	return -1
}

// organic tells whether the element may be written without brackets.
func (e Element) organic() bool {
	switch e {
	case Boron, Carbon, Nitrogen, Oxygen, Fluorine, Phosphorus, Sulphur, Chlorine, Bromine, Iodine, Wildcard:
		return true
	}
	return false
}
