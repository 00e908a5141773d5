package tables

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/graft-ml/graft/internal/nearest"
)

// Dialect is how the cells of delimited text are told apart. The zero value is RFC
// 4180 with a delimiter that is found out: the one of comma, semicolon, tab and bar
// that stands equally often in every one of the first lines.
//
// A quote opens a cell that may hold delimiters and line ends, and closes it. Lines
// end in LF or CR LF; blank ones are passed over.
type Dialect struct {
	Comma     rune  // between cells; 0 finds it out
	Quote     Quote // default QuoteDouble
	Backslash bool  // a backslash takes quote, delimiter and backslash literally, in quotes or not, and quotes are not doubled
}

// WikiTables is the dialect of the tables of WikiTableQuestions: \" and \\ in quotes
// and outside.
func WikiTables() Dialect { return Dialect{Comma: ',', Backslash: true} }

// TabFact is the dialect of the tables of TabFact: cells between #, no quotes.
func TabFact() Dialect { return Dialect{Comma: '#', Quote: QuoteNone} }

// Quote is the character that cells are put in to hold delimiters and line ends; in
// itself it is written twice.
type Quote int

const (
	QuoteDouble Quote = iota // "
	QuoteSingle              // '; within a cell that does not begin with one it is an apostrophe
	QuoteNone                // quotes are ordinary characters
)

var quoteNames = []string{"double", "single", "none"}

// String is the name, as in a file of settings: double, single, none.
func (q Quote) String() string { return nearest.Name("Quote", int(q), quoteNames) }

// MarshalText gives the name.
func (q Quote) MarshalText() ([]byte, error) { return nearest.Text("Quote", int(q), quoteNames) }

// UnmarshalText takes a name; the error of another says which there are.
func (q *Quote) UnmarshalText(text []byte) error {
	i, err := nearest.Index("kind of quotes", string(text), quoteNames)
	if err == nil {
		*q = Quote(i)
	}
	return err
}

// char is the quote's byte, or 0.
func (q Quote) char() byte { return [...]byte{'"', '\'', 0}[q] }

// check refuses what cannot be told apart.
func (d Dialect) check() error {
	if _, err := d.Quote.MarshalText(); err != nil {
		return &OptionError{"Quote", err.Error()}
	}
	switch {
	case d.Comma == 0:
		return nil
	case !utf8.ValidRune(d.Comma) || d.Comma == utf8.RuneError:
		return &OptionError{"Comma", fmt.Sprintf("%q is no character", d.Comma)}
	case d.Comma == '\n' || d.Comma == '\r' || d.Comma == rune(d.Quote.char()) || d.Backslash && d.Comma == '\\':
		return &OptionError{"Comma", fmt.Sprintf("%q has another meaning already", d.Comma)}
	}
	return nil
}

// Lines that are looked at to find the delimiter out, and the bytes they are in.
const (
	sniffedLines = 16
	sniffedBytes = 1 << 16
)

// sniff finds the delimiter out from the beginning of a text; whole tells that this
// is all of it.
func sniff(head []byte, whole bool, q Quote) rune {
	candidates := []rune{',', ';', '\t', '|'}
	best, most, even := ',', 0, false
	for _, c := range candidates {
		counts := delimiters(head, whole, byte(c), q.char())
		if len(counts) == 0 || counts[0] == 0 {
			continue
		}
		same := true
		for _, n := range counts {
			same = same && n == counts[0]
		}
		if same && !even || same == even && counts[0] > most {
			best, most, even = c, counts[0], same
		}
	}
	return best
}

// delimiters counts a character outside quotes in each of the first lines that are
// not blank. A last line that may be cut off does not count, unless it is the first.
func delimiters(head []byte, whole bool, c, quote byte) []int {
	var counts []int
	n, quoted, blank := 0, false, true
	for _, b := range head {
		switch {
		case quote != 0 && b == quote:
			quoted, blank = !quoted, false
		case b == '\n' && !quoted:
			if !blank {
				counts = append(counts, n)
			}
			n, blank = 0, true
			if len(counts) == sniffedLines {
				return counts
			}
		case b == c && !quoted:
			n++
			blank = false
		case b != '\r':
			blank = false
		}
	}
	if !blank && (whole || len(counts) == 0) {
		counts = append(counts, n)
	}
	return counts
}

// onlyCR tells that the lines of a text end in CR, as on the Macintosh of old.
func onlyCR(head []byte) bool {
	cr := bytes.IndexByte(head, '\r')
	return cr >= 0 && cr < len(head)-1 && bytes.IndexByte(head, '\n') < 0
}
