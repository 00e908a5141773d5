package smiles

import (
	"fmt"
	"slices"
)

// scanner is the state of reading the line of symbols.
type scanner struct {
	last   int32 // atom that the next one is bonded to; -1 at the beginning of a fragment
	mark   mark  // bond symbol that waits for its other end
	opened bool  // a parenthesis was opened and no atom followed yet
	dot    int   // where the dot is that waits for an atom, -1 for none

	branches []branch
	closures [100]closure      // open ring closures by number; those above in large
	large    map[int32]closure // %(nnn)
	pending  int               // open ring closures
	numbers  []int32           // of each closed ring bond
	closed   []Bond            // ring bonds, later appended to the bonds
	keys     [][2]int32        // of each bond: its place among the bonds of From and of To, in the order of writing
	closeKey [][2]int32        // the same of ring bonds
	order    []int32
	starts   []bool // of each atom: first of its fragment
}

// branch is an opened parenthesis.
type branch struct {
	atom int32
	at   int
}

// mark is a bond symbol.
type mark struct {
	order     uint8 // 0 where the symbol leaves it open: none, / or \
	aromatic  bool  // written :
	direction Direction
	at, until int // where it is written; until is 0 for none
}

// closure is one end of a ring bond.
type closure struct {
	atom int32 // plus 1; 0 for none
	mark mark
	at   int
}

// read turns the text into atoms and bonds.
func (p *Parser) read(maxAtoms, maxRings int) error {
	s := &p.scan
	s.last, s.mark, s.opened, s.dot, s.pending = -1, mark{}, false, -1, 0
	s.branches, s.numbers, s.closed, s.keys, s.closeKey = s.branches[:0], s.numbers[:0], s.closed[:0], s.keys[:0], s.closeKey[:0]
	s.starts = s.starts[:0]
	s.closures = [100]closure{}
	clear(s.large)

	text := p.text
	at := 0
	for at < len(text) && blank(text[at]) {
		at++
	}
	for at < len(text) && !blank(text[at]) {
		var err error
		switch c := text[at]; c {
		case '(':
			at, err = p.openBranch(at)
		case ')':
			at, err = p.closeBranch(at)
		case '.':
			at, err = p.separate(at)
		case '-', '=', '#', '$', ':', '/', '\\':
			at, err = p.bondSymbol(at)
		case '%', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			at, err = p.ringClosure(at, maxRings)
		default:
			if len(p.atoms) >= maxAtoms {
				return p.fail(Limit, at, at+1, fmt.Sprintf("more than %d atoms", maxAtoms), "raise Parser.MaxAtoms if this is a molecule")
			}
			at, err = p.atom(at)
		}
		if err != nil {
			return err
		}
	}
	p.end = at
	return p.ends()
}

// blank bytes end a SMILES.
func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// ends checks that nothing waits for its other half, and orders the bonds.
func (p *Parser) ends() error {
	s := &p.scan
	switch {
	case len(p.atoms) == 0 && s.mark.until == 0:
		return p.fail(Syntax, p.end, p.end, "no molecule: the SMILES is empty", "give at least one atom")
	case s.mark.until != 0:
		return p.fail(Syntax, s.mark.at, s.mark.until, "a bond that leads to no atom", "write the atom behind it or drop the bond")
	case s.dot >= 0:
		return p.fail(Syntax, s.dot, s.dot+1, "a dot with no atom behind it", "drop the dot")
	case len(s.branches) > 0:
		b := s.branches[len(s.branches)-1]
		return p.fail(Syntax, b.at, b.at+1, "a branch that is never closed", "write ) at its end")
	case s.pending > 0:
		number, open := p.firstOpen()
		return p.fail(Syntax, open.at, min(open.at+len(ringText(number)), p.end), fmt.Sprintf("ring closure %d is never closed", number),
			"write the number behind the ring's last atom as well")
	}
	// RDKit numbers ring bonds after all others, by ring number, then by the place
	// of their opening.
	s.order = s.order[:0]
	for i := range s.closed {
		s.order = append(s.order, int32(i))
	}
	slices.SortStableFunc(s.order, func(a, b int32) int { return int(s.numbers[a]) - int(s.numbers[b]) })
	for _, i := range s.order {
		p.bonds = append(p.bonds, s.closed[i])
		s.keys = append(s.keys, s.closeKey[i])
	}
	return nil
}

// firstOpen gives the open ring closure that stands first in the text.
func (p *Parser) firstOpen() (number int32, first closure) {
	s := &p.scan
	for n, c := range s.closures {
		if c.atom != 0 && (first.atom == 0 || c.at < first.at) {
			number, first = int32(n), c
		}
	}
	for n, c := range s.large {
		if first.atom == 0 || c.at < first.at {
			number, first = n, c
		}
	}
	return number, first
}

// ringText is how a ring number is written.
func ringText(number int32) string {
	switch {
	case number < 10:
		return fmt.Sprint(number)
	case number < 100:
		return fmt.Sprintf("%%%d", number)
	}
	return fmt.Sprintf("%%(%d)", number)
}

func (p *Parser) openBranch(at int) (int, error) {
	s := &p.scan
	switch {
	case s.last < 0:
		return 0, p.fail(Syntax, at, at+1, "a branch with no atom before it", "a branch follows the atom that it hangs on, as in C(C)C")
	case s.mark.until != 0:
		return 0, p.fail(Syntax, s.mark.at, at+1, "a bond symbol before a branch", "write it inside: C(=O) rather than C=(O)")
	case s.opened:
		return 0, p.fail(Syntax, at, at+1, "a branch that begins with a branch", "write C(C)(C) or C(C(C))")
	}
	s.branches = append(s.branches, branch{s.last, at})
	s.opened = true
	return at + 1, nil
}

func (p *Parser) closeBranch(at int) (int, error) {
	s := &p.scan
	switch {
	case len(s.branches) == 0:
		return 0, p.fail(Syntax, at, at+1, "a ) without a (", "drop it or open the branch before")
	case s.mark.until != 0:
		return 0, p.fail(Syntax, s.mark.at, at+1, "a bond that leads to no atom", "write the atom behind it or drop the bond")
	case s.dot >= 0:
		return 0, p.fail(Syntax, s.dot, at+1, "a dot with no atom behind it", "drop the dot")
	case s.opened:
		return 0, p.fail(Syntax, s.branches[len(s.branches)-1].at, at+1, "a branch without an atom", "drop the parentheses")
	}
	s.last = s.branches[len(s.branches)-1].atom
	s.branches = s.branches[:len(s.branches)-1]
	return at + 1, nil
}

func (p *Parser) separate(at int) (int, error) {
	s := &p.scan
	switch {
	case s.mark.until != 0:
		return 0, p.fail(Syntax, s.mark.at, at+1, "a bond that leads to no atom", "write the atom behind it or drop the bond")
	case s.last < 0:
		return 0, p.fail(Syntax, at, at+1, "a dot with no atom before it", "a dot stands between two fragments")
	}
	s.last, s.dot, s.opened = -1, at, false
	return at + 1, nil
}

func (p *Parser) bondSymbol(at int) (int, error) {
	s := &p.scan
	next := at + 1
	m := mark{at: at}
	switch p.text[at] {
	case '-':
		m.order = 1
		if next < len(p.text) && p.text[next] == '>' {
			return 0, p.fail(Syntax, at, next+1, "a dative bond, which is no part of OpenSMILES", "write a single bond and charges")
		}
	case '=':
		m.order = 2
	case '#':
		m.order = 3
	case '$':
		m.order = 4
	case ':':
		m.order, m.aromatic = 1, true
	case '/':
		m.direction = Up
	case '\\':
		m.direction = Down
		// Doubled by programs that escape it.
		if next < len(p.text) && p.text[next] == '\\' {
			next++
		}
	}
	switch {
	case s.mark.until != 0:
		return 0, p.fail(Syntax, s.mark.at, next, "two bond symbols in a row", "keep one")
	case s.last < 0:
		return 0, p.fail(Syntax, at, next, "a bond with no atom before it", "a bond symbol stands between two atoms")
	}
	m.until = next
	s.mark = m
	return next, nil
}

// join appends an atom and bonds it to the one before.
func (p *Parser) join(a Atom, at int) {
	s := &p.scan
	n := int32(len(p.atoms))
	a.Column = int32(at) + 1
	p.atoms = append(p.atoms, a)
	s.starts = append(s.starts, s.last < 0)
	if s.last >= 0 {
		b := Bond{From: s.last, To: n, Direction: s.mark.direction}
		p.setOrder(&b, s.mark)
		p.bonds = append(p.bonds, b)
		s.keys = append(s.keys, [2]int32{a.Column, 0})
	}
	s.last, s.mark, s.opened, s.dot = n, mark{}, false, -1
}

// setOrder gives a bond the order of its symbol, or the one that its atoms imply.
func (p *Parser) setOrder(b *Bond, m mark) {
	b.Order, b.Aromatic = m.order, m.aromatic
	if m.order == 0 {
		b.Order = 1
		b.Aromatic = p.atoms[b.From].Lowercase && p.atoms[b.To].Lowercase
	}
}

// ringClosure opens or closes a ring bond.
func (p *Parser) ringClosure(at, maxRings int) (int, error) {
	s := &p.scan
	number, next, err := p.ringNumber(at)
	if err != nil {
		return 0, err
	}
	if s.last < 0 || s.opened {
		return 0, p.fail(Syntax, at, next, "a ring closure with no atom before it", "a ring number follows the atom whose ring it opens or closes")
	}
	m := s.mark
	s.mark = mark{}
	open := p.closureAt(number)
	if open.atom == 0 {
		p.setClosure(number, closure{s.last + 1, m, at})
		s.pending++
		return next, nil
	}
	if open.atom-1 == s.last {
		return 0, p.fail(Syntax, open.at, next, fmt.Sprintf("ring closure %d bonds an atom to itself", number), "close the ring at another atom")
	}
	if len(s.closed) >= maxRings {
		return 0, p.fail(Limit, at, next, fmt.Sprintf("more than %d ring closures", maxRings), "raise Parser.MaxRings if this is a molecule")
	}
	p.setClosure(number, closure{})
	s.pending--
	// The first symbol that says an order wins; a direction alone says none.
	b := Bond{From: s.last, To: open.atom - 1, Direction: m.direction}
	keys := [2]int32{int32(at) + 1, int32(open.at) + 1}
	chosen, other := m, open.mark
	if open.mark.order != 0 {
		b.From, b.To = b.To, b.From
		keys[0], keys[1] = keys[1], keys[0]
		chosen, other = open.mark, m
	}
	if b.Direction = chosen.direction; b.Direction == Flat {
		b.Direction = other.direction.turned()
	}
	p.setOrder(&b, chosen)
	s.closed = append(s.closed, b)
	s.closeKey = append(s.closeKey, keys)
	s.numbers = append(s.numbers, number)
	return next, nil
}

func (p *Parser) closureAt(number int32) closure {
	if number < int32(len(p.scan.closures)) {
		return p.scan.closures[number]
	}
	return p.scan.large[number]
}

func (p *Parser) setClosure(number int32, c closure) {
	s := &p.scan
	switch {
	case number < int32(len(s.closures)):
		s.closures[number] = c
	case c.atom == 0:
		delete(s.large, number)
	default:
		if s.large == nil {
			s.large = map[int32]closure{}
		}
		s.large[number] = c
	}
}

// ringNumber reads a digit, %nn or %(n) to %(nnnnn).
func (p *Parser) ringNumber(at int) (number int32, next int, err error) {
	text := p.text
	if text[at] != '%' {
		return int32(text[at] - '0'), at + 1, nil
	}
	if at+1 < len(text) && text[at+1] == '(' {
		next = at + 2
		for next < len(text) && digit(text[next]) && next < at+7 {
			number = 10*number + int32(text[next]-'0')
			next++
		}
		if next > at+2 && next < len(text) && text[next] == ')' {
			return number, next + 1, nil
		}
		return 0, 0, p.fail(Syntax, at, next+1, "a ring number of other than one to five digits in parentheses", "write %(100)")
	}
	if at+2 < len(text) && digit(text[at+1]) && digit(text[at+2]) {
		return 10*int32(text[at+1]-'0') + int32(text[at+2]-'0'), at + 3, nil
	}
	return 0, 0, p.fail(Syntax, at, at+3, "% without two digits", "write %12, or %(123) for larger numbers")
}

func digit(c byte) bool { return '0' <= c && c <= '9' }
