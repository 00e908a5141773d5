package lengths

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// alphabet is what copy and reverse draw from: the characters with which the official list begins, then 21 letters in
// place of what the official code takes from the vocabulary of T5.
const alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!$%&()*+,-./:;<=>" + "αβγδεζηθικλμξπρστφχψω"

// The lengths of copy and reverse.
var (
	copyTrain, copyTest = Range{2, 20}, Range{21, 40}
	copyPossible        = Range{1, 4096}
)

func copyTasks() []*definition {
	var all []*definition
	for _, v := range [][2]string{
		{"cmc", "write a sequence again"},
		{"cmc2x", "write a sequence twice"},
		{"rsc", "write a symbol as often as it stands there"},
		{"rdc", "replace a symbol by another, as often as it stands there"},
		{"rsc2x", "write a symbol twice as often as it stands there"},
	} {
		all = append(all, &definition{
			family: "copy", variant: v[0], about: v[1] + "; lengths count symbols",
			train: copyTrain, test: copyTest, possible: copyPossible,
			separator: separatorWord, symbols: len(letters(alphabet)),
			words: append(words("Copy: Replace with in [SEP] [NEXT]"), letters(alphabet)...),
			empty: func() Record { return new(CopyRecord) }, draw: drawCopy, extract: extractWhole,
		})
	}
	return all
}

// CopyRecord is a sequence and what to write for it. Its two single symbols are there in the variants with one symbol:
// rsc and rsc2x have the second, rdc both.
type CopyRecord struct {
	Repeat       int    `json:"repeat"` // symbols in the sequence
	SourceSymbol string `json:"source_char,omitempty"`
	TargetSymbol string `json:"target_char,omitempty"`
	Source       string `json:"src_seq"` // symbols with blanks between them
	Target       string `json:"tgt_seq"`
	Category     int    `json:"cat"`
}

var _ Record = (*CopyRecord)(nil)

func drawCopy(d drawing) Record {
	random, symbols := d.stream(streamRecord, d.index), letters(alphabet)
	r := &CopyRecord{Repeat: d.length, Category: d.length}
	switch d.variant {
	case "cmc", "cmc2x":
		r.Source = drawSymbols(random.IntN, symbols[:d.Symbols], d.length)
	case "rdc":
		a, b := random.IntN(d.Symbols), random.IntN(d.Symbols-1)
		if b >= a {
			b++ // one of the others
		}
		r.SourceSymbol, r.TargetSymbol = symbols[a], symbols[b]
		r.Source = repeated(r.SourceSymbol, d.length)
	default:
		r.TargetSymbol = symbols[random.IntN(d.Symbols)]
		r.Source = repeated(r.TargetSymbol, d.length)
	}
	r.Target = r.wanted(d.variant)
	return r
}

// drawSymbols draws n symbols with blanks between them.
func drawSymbols(below func(n int) int, symbols []string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(symbols[below(len(symbols))])
	}
	return b.String()
}

// repeated writes a symbol n times with blanks between.
func repeated(symbol string, n int) string {
	return strings.TrimSuffix(strings.Repeat(symbol+" ", n), " ")
}

// wanted is the target of a variant.
func (r *CopyRecord) wanted(variant string) string {
	switch variant {
	case "cmc2x":
		return r.Source + " [NEXT] " + r.Source
	case "rdc":
		return repeated(r.TargetSymbol, r.Repeat)
	case "rsc2x":
		return repeated(r.TargetSymbol, 2*r.Repeat)
	}
	return r.Source
}

func (r *CopyRecord) check(variant string) error {
	if err := checkSymbols(r.Source, r.Repeat, r.Category); err != nil {
		return err
	}
	single := r.TargetSymbol // what the sequence repeats
	if variant == "rdc" {
		single = r.SourceSymbol
	}
	one := func(s string) bool { return s != "" && !strings.ContainsAny(s, white) }
	switch variant {
	case "rdc", "rsc", "rsc2x":
		if variant == "rdc" != (r.SourceSymbol != "") || !one(single) || !one(r.TargetSymbol) || r.Source != repeated(single, r.Repeat) {
			return fmt.Errorf("the sequence %q does not repeat the symbol that the record of a single one (%s) names", r.Source, variant)
		}
	default:
		if r.SourceSymbol != "" || r.TargetSymbol != "" {
			return errors.New("source_char or target_char in a record of several symbols: is it of rsc, rsc2x or rdc?")
		}
	}
	return checkTarget(r.Target, r.wanted(variant))
}

// checkSymbols refuses a sequence that is not as long as the record says or has other than single blanks.
func checkSymbols(source string, repeat, category int) error {
	symbols := strings.Fields(source)
	if err := sameCount(category, len(symbols), "symbols in src_seq"); err != nil {
		return err
	}
	if repeat != category {
		return fmt.Errorf("repeat is %d, but there are %d symbols", repeat, len(symbols))
	}
	if source != strings.Join(symbols, " ") {
		return fmt.Errorf("src_seq %q: want one blank between symbols", source)
	}
	return nil
}

// checkTarget refuses another target than the one wanted.
func checkTarget(got, want string) error {
	if got != want {
		return fmt.Errorf("the target is %q, but the source asks for %q: is it another variant's record?", got, want)
	}
	return withoutSeparator(got)
}

// withoutSeparator refuses a target in which the answer would end too early.
func withoutSeparator(target string) error {
	if mark := strings.TrimSpace(separatorWord); strings.Contains(target, mark) {
		return fmt.Errorf("the target %q has the separator %s in it", target, mark)
	}
	return nil
}

func (r *CopyRecord) length() int       { return r.Repeat }
func (r *CopyRecord) category() string  { return strconv.Itoa(r.Category) }
func (r *CopyRecord) target() string    { return r.Target }
func (r *CopyRecord) answer() string    { return r.Target }
func (r *CopyRecord) steps(bool) []step { return nil }

func (r *CopyRecord) prompt() string {
	if r.SourceSymbol != "" {
		return "Replace " + r.SourceSymbol + " with " + r.TargetSymbol + " in " + r.Source + " "
	}
	return "Copy: " + r.Source + " "
}
