package smiles

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
)

// Largest numbers that a bracket may hold. OpenSMILES asks for charges of 15.
const (
	maxIsotope   = 999
	maxHydrogens = 20
	maxCharge    = 99
	maxMap       = 999_999_999
)

// atom reads an atom, in brackets or not.
func (p *Parser) atom(at int) (next int, err error) {
	c := p.text[at]
	a := Atom{}
	next = at + 1
	switch c {
	case '[':
		return p.bracket(at)
	case 'B':
		a.Element = Boron
		if next < len(p.text) && p.text[next] == 'r' {
			a.Element = Bromine
			next++
		}
	case 'C':
		a.Element = Carbon
		if next < len(p.text) && p.text[next] == 'l' {
			a.Element = Chlorine
			next++
		}
	case 'N', 'n':
		a.Element = Nitrogen
	case 'O', 'o':
		a.Element = Oxygen
	case 'P', 'p':
		a.Element = Phosphorus
	case 'S', 's':
		a.Element = Sulphur
	case 'F':
		a.Element = Fluorine
	case 'I':
		a.Element = Iodine
	case 'b':
		a.Element = Boron
	case 'c':
		a.Element = Carbon
	case '*':
		a.Element = Wildcard
	case ']':
		return 0, p.fail(Syntax, at, next, "a ] without a [", "drop it or open the bracket before")
	case '@', '+':
		return 0, p.fail(Syntax, at, next, "chirality and charge belong inside brackets", "write [C@H] or [NH4+]")
	default:
		return 0, p.unknown(at)
	}
	a.Lowercase = c >= 'a'
	p.join(a, at)
	return next, nil
}

// unknown is the error about a byte that begins no atom.
func (p *Parser) unknown(at int) error {
	c := p.text[at]
	to := at + 1
	for to < len(p.text) && p.text[to]&0xC0 == 0x80 {
		to++ // the rest of a UTF-8 sequence
	}
	switch {
	case c < ' ' || c > '~':
		return p.fail(Syntax, at, to, "a byte that no SMILES holds", "check the column and the encoding of the file")
	case 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z':
		return p.fail(Syntax, at, to, "no atom that may stand outside brackets",
			"outside brackets stand B C N O P S F Cl Br I, b c n o p s and *; write others as [Na+] or [Si]")
	}
	return p.fail(Syntax, at, to, "a symbol that SMILES does not know", "atoms, bonds - = # $ : / \\, branches ( ), ring numbers and dots are read")
}

// bracket reads [isotope symbol chirality hydrogens charge :map].
func (p *Parser) bracket(at int) (int, error) {
	text := p.text
	a := Atom{Bracket: true}
	bad := func(to int, reason, hint string) (int, error) {
		return 0, p.fail(Syntax, at, to, reason, hint)
	}
	next := at + 1
	isotope, next, ok := number(text, next, maxIsotope)
	if !ok {
		return bad(next, fmt.Sprintf("an isotope above %d", maxIsotope), "the mass number stands before the symbol: [13C]")
	}
	a.Isotope = uint16(isotope)

	var found bool
	a.Element, a.Lowercase, next, found = symbol(text, next)
	if !found {
		return p.badSymbol(at, next)
	}
	if a.Chirality, next, ok = chirality(text, next); !ok {
		return bad(next+1, "a chirality mark that is none", "write @, @@, @TH1, @TH2, @AL1, @AL2, @SP1 to @SP3, @TB1 to @TB20 or @OH1 to @OH30")
	}
	if next < len(text) && text[next] == 'H' {
		next++
		hydrogens := 1
		if next < len(text) && digit(text[next]) {
			if hydrogens, next, ok = number(text, next, maxHydrogens); !ok {
				return bad(next, fmt.Sprintf("more than %d hydrogens on an atom", maxHydrogens), "write [CH3] for three")
			}
		}
		a.Hydrogens, a.Explicit = uint8(hydrogens), uint8(hydrogens)
	}
	charge := 0
	if charge, next, ok = chargeOf(text, next); !ok {
		return bad(next+1, fmt.Sprintf("no charge between -%d and +%d", maxCharge, maxCharge), "write [Fe+2] or [O-]")
	}
	a.Charge = int8(charge)
	if next < len(text) && text[next] == ':' {
		from := next + 1
		label := 0
		if label, next, ok = number(text, from, maxMap); !ok || next == from {
			return bad(next+1, "a colon without an atom map number", "write [CH3:1]")
		}
		a.Map = int32(label)
	}
	if next >= len(text) {
		return bad(len(text), "a bracket that is never closed", "write ] behind it")
	}
	if text[next] != ']' {
		return bad(next+1, fmt.Sprintf("%q inside a bracket where it does not belong", text[next]),
			"the order is isotope, symbol, chirality, hydrogens, charge, :map, as in [13C@@H+:1]")
	}
	p.join(a, at)
	return next + 1, nil
}

// badSymbol is the error about a bracket without an element, from next on.
func (p *Parser) badSymbol(at, next int) (int, error) {
	text := p.text
	to := next
	for to < len(text) && ('a' <= text[to]|0x20 && text[to]|0x20 <= 'z') && to < next+3 {
		to++
	}
	name := text[next:to]
	if name == "" {
		return 0, p.fail(Syntax, at, min(next+1, len(text)), "a bracket without an element", "write the symbol behind [, as in [Na+]")
	}
	known := make([]string, 0, len(elements))
	for _, e := range elements[1:] {
		known = append(known, e.symbol)
	}
	hint := fmt.Sprintf("did you mean [%s]?", nearest.To(name, known))
	if name[0] >= 'a' {
		hint = "aromatic are b c n o p s as se si te; other symbols begin with a capital"
		if capital := strings.ToUpper(name[:1]) + name[1:]; len(name) <= 2 {
			if e, _, _, found := symbol(capital, 0); found && len(e.Symbol()) == len(name) {
				hint = fmt.Sprintf("did you mean [%s]? Aromatic are b c n o p s as se si te", capital)
			}
		}
	}
	return 0, p.fail(Syntax, at, to, fmt.Sprintf("no element %q", name), hint)
}

// number reads digits; none give 0. It is not ok above limit.
func number(text string, at, limit int) (value, next int, ok bool) {
	for ; at < len(text) && digit(text[at]); at++ {
		if value = 10*value + int(text[at]-'0'); value > limit {
			return 0, at + 1, false
		}
	}
	return value, at, true
}

// symbol reads an element inside a bracket, longest first.
func symbol(text string, at int) (e Element, lower bool, next int, found bool) {
	if at >= len(text) {
		return 0, false, at, false
	}
	c := text[at]
	var second byte
	if at+1 < len(text) {
		second = text[at+1]
	}
	switch {
	case c == '*':
		return Wildcard, false, at + 1, true
	case 'A' <= c && c <= 'Z':
		if 'a' <= second && second <= 'z' {
			if e := bySymbol[c-'A'][second-'a'+1]; e != 0 {
				return e, false, at + 2, true
			}
		}
		if e := bySymbol[c-'A'][0]; e != 0 && !('a' <= second && second <= 'z') {
			return e, false, at + 1, true
		}
		return 0, false, at, false
	case c == 's' && second == 'e':
		return Selenium, true, at + 2, true
	case c == 'a' && second == 's':
		return Arsenic, true, at + 2, true
	case c == 't' && second == 'e':
		return Tellurium, true, at + 2, true
	case c == 's' && second == 'i':
		return Silicon, true, at + 2, true
	case 'a' <= second && second <= 'z':
		return 0, false, at, false
	}
	switch c {
	case 'b':
		return Boron, true, at + 1, true
	case 'c':
		return Carbon, true, at + 1, true
	case 'n':
		return Nitrogen, true, at + 1, true
	case 'o':
		return Oxygen, true, at + 1, true
	case 'p':
		return Phosphorus, true, at + 1, true
	case 's':
		return Sulphur, true, at + 1, true
	}
	return 0, false, at, false
}

// chirality reads @, @@ and the classes by name.
func chirality(text string, at int) (c Chirality, next int, ok bool) {
	if at >= len(text) || text[at] != '@' {
		return Achiral, at, true
	}
	at++
	if at < len(text) && text[at] == '@' {
		return Clockwise, at + 1, true
	}
	if at+1 < len(text) {
		limit := 0
		switch text[at : at+2] {
		case "TH", "AL":
			limit = 2
		case "SP":
			limit = 3
		case "TB":
			limit = 20
		case "OH":
			limit = 30
		default:
			return Counterclockwise, at, true
		}
		n, next, ok := number(text, at+2, limit)
		switch {
		case !ok || n == 0:
			return Achiral, next, false
		case text[at:at+2] != "TH":
			return OtherChirality, next, true
		case n == 2:
			return Clockwise, next, true
		}
		return Counterclockwise, next, true
	}
	return Counterclockwise, at, true
}

// chargeOf reads +, -, +n, -n, and signs repeated.
func chargeOf(text string, at int) (charge, next int, ok bool) {
	if at >= len(text) || text[at] != '+' && text[at] != '-' {
		return 0, at, true
	}
	sign := text[at]
	charge = 1
	at++
	if at < len(text) && digit(text[at]) {
		if charge, at, ok = number(text, at, maxCharge); !ok {
			return 0, at, false
		}
	} else {
		for ; at < len(text) && text[at] == sign; at++ {
			if charge++; charge > maxCharge {
				return 0, at, false
			}
		}
	}
	if at < len(text) && (text[at] == '+' || text[at] == '-') {
		return 0, at, false
	}
	if sign == '-' {
		charge = -charge
	}
	return charge, at, true
}
