package lengths

import (
	"slices"
	"strconv"
	"strings"
)

func reverseTasks() []*definition {
	var all []*definition
	for _, v := range [][2]string{
		{"mc", "write a sequence backwards"},
		{"mc2x", "write a sequence backwards twice"},
		{"mcrv", "write a sequence backwards, then forwards"},
	} {
		all = append(all, &definition{
			family: "reverse", variant: v[0], about: v[1] + "; lengths count symbols",
			train: copyTrain, test: copyTest, possible: copyPossible,
			separator: separatorWord, symbols: len(letters(alphabet)),
			words: append(words("Reverse: [SEP] [NEXT]"), letters(alphabet)...),
			empty: func() Record { return new(ReverseRecord) }, draw: drawReverse, extract: extractWhole,
		})
	}
	return all
}

// ReverseRecord is a sequence and what to write for it.
type ReverseRecord struct {
	Repeat   int    `json:"repeat"`  // symbols in the sequence
	Source   string `json:"src_seq"` // symbols with blanks between them
	Target   string `json:"tgt_seq"`
	Category int    `json:"cat"`
}

var _ Record = (*ReverseRecord)(nil)

func drawReverse(d drawing) Record {
	r := &ReverseRecord{Repeat: d.length, Category: d.length}
	r.Source = drawSymbols(d.stream(streamRecord, d.index).IntN, letters(alphabet)[:d.Symbols], d.length)
	r.Target = r.wanted(d.variant)
	return r
}

// wanted is the target of a variant.
func (r *ReverseRecord) wanted(variant string) string {
	symbols := strings.Fields(r.Source)
	slices.Reverse(symbols)
	backwards := strings.Join(symbols, " ")
	switch variant {
	case "mc2x":
		return backwards + " [NEXT] " + backwards
	case "mcrv":
		return backwards + " [NEXT] " + r.Source
	}
	return backwards
}

func (r *ReverseRecord) check(variant string) error {
	if err := checkSymbols(r.Source, r.Repeat, r.Category); err != nil {
		return err
	}
	return checkTarget(r.Target, r.wanted(variant))
}

func (r *ReverseRecord) length() int       { return r.Repeat }
func (r *ReverseRecord) category() string  { return strconv.Itoa(r.Category) }
func (r *ReverseRecord) prompt() string    { return "Reverse: " + r.Source + " " }
func (r *ReverseRecord) target() string    { return r.Target }
func (r *ReverseRecord) answer() string    { return r.Target }
func (r *ReverseRecord) steps(bool) []step { return nil }
