package smiles

import (
	"fmt"
	"strconv"
)

// Kind says which rule a SMILES breaks.
type Kind uint8

// Kinds of errors.
const (
	Syntax   Kind = iota // not a SMILES
	Valence              // an atom with too many bonds
	Kekulise             // aromatic atoms that no alternating bonds can join
	Limit                // longer or more tangled than the Parser's limits
)

// String gives the kind in lower case.
func (k Kind) String() string {
	switch k {
	case Syntax:
		return "syntax"
	case Valence:
		return "valence"
	case Kekulise:
		return "kekulise"
	case Limit:
		return "limit"
	}
	return "kind " + strconv.Itoa(int(k))
}

// ParseError is a SMILES that cannot be read.
type ParseError struct {
	Kind   Kind
	Text   string // the whole SMILES
	Column int    // byte in Text, from 1; one past the end where something is missing
	Token  string // the part of Text that is wrong; "" at the end
	Reason string // what came and what was expected
	Hint   string // what to do; may be empty
}

// longestQuote bounds what a message quotes of the text.
const longestQuote = 60

// Error gives column, part, reason and hint on one line.
func (e *ParseError) Error() string {
	at := "at the end"
	if e.Token != "" {
		at = strconv.Quote(quote(e.Token))
	}
	out := fmt.Sprintf("smiles: %q: column %d, %s: %s", quote(e.Text), e.Column, at, e.Reason)
	if e.Hint != "" {
		out += "; " + e.Hint
	}
	return out
}

// quote shortens long text.
func quote(s string) string {
	if len(s) > longestQuote {
		return s[:longestQuote] + "..."
	}
	return s
}

// FeatureError is a molecule that a Featuriser has no numbers for.
type FeatureError struct {
	Featuriser string // its name
	Atom       int    // from 0
	Column     int    // of the atom in its SMILES, byte from 1
	Reason     string // what the atom is, and what is known
	Hint       string // what to do
}

// Error gives featuriser, atom, reason and hint on one line.
func (e *FeatureError) Error() string {
	return fmt.Sprintf("smiles: features %s: atom %d (column %d): %s; %s", e.Featuriser, e.Atom, e.Column, e.Reason, e.Hint)
}

// fail makes the error about text[from:to].
func (p *Parser) fail(kind Kind, from, to int, reason, hint string) error {
	from = min(from, len(p.text))
	to = min(max(to, from), len(p.text))
	return &ParseError{Kind: kind, Text: p.text, Column: from + 1, Token: p.text[from:to], Reason: reason, Hint: hint}
}

// failAtom makes the error about an atom as it is written.
func (p *Parser) failAtom(kind Kind, atom int32, reason, hint string) error {
	from := int(p.atoms[atom].Column) - 1
	to := from + 1
	if p.text[from] == '[' {
		for to < len(p.text) && p.text[to-1] != ']' {
			to++
		}
	} else if s := p.atoms[atom].Element.Symbol(); !p.atoms[atom].Lowercase {
		to = from + len(s)
	}
	return p.fail(kind, from, to, reason, hint)
}
