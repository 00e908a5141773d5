package lengths

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// pcfgFunctions are the functions of PCFG SET, as the official count of them has it.
const pcfgFunctions = "copy reverse shift swap repeat echo append prepend remove_first remove_second swap_first_last"

func pcfgTasks() []*definition {
	vocabulary := words("Solve: ,", pcfgFunctions)
	for letter := 'A'; letter <= 'Z'; letter++ {
		for n := 1; n <= 20; n++ {
			vocabulary = append(vocabulary, string(letter)+strconv.Itoa(n))
		}
	}
	return []*definition{{
		family: "pcfg", about: "apply functions to lists of symbols (records are read); lengths count functions",
		train: Range{1, 8}, test: Range{9, 35}, possible: Range{1, 4096},
		separator: separatorWord,
		words:     vocabulary,
		tight:     words("[SEP]"),
		empty:     func() Record { return new(PCFGRecord) }, extract: extractWhole,
	}}
}

// PCFGRecord is an expression of PCFG SET (Hupkes et al., Compositionality Decomposed, arXiv 1908.08351) and the list that
// it makes.
type PCFGRecord struct {
	Source   string `json:"source"`   // "swap_first_last append A1 B2 , C3"
	Target   string `json:"target"`   // "C3 B2 A1"
	Category int    `json:"category"` // how many functions
}

var _ Record = (*PCFGRecord)(nil)

func (r *PCFGRecord) check(string) error {
	functions, known := 0, strings.Fields(pcfgFunctions)
	for _, word := range strings.Fields(r.Source) {
		if slices.Contains(known, word) {
			functions++
		}
	}
	list := strings.Fields(r.Target)
	if len(list) == 0 {
		return errors.New("the target is empty: is a key missing?")
	}
	if r.Target != strings.Join(list, " ") {
		return fmt.Errorf("the target %q: want one blank between symbols", r.Target)
	}
	if err := withoutSeparator(r.Target); err != nil {
		return err
	}
	return sameCount(r.Category, functions, "functions in the source")
}

func (r *PCFGRecord) length() int       { return r.Category }
func (r *PCFGRecord) category() string  { return strconv.Itoa(r.Category) }
func (r *PCFGRecord) prompt() string    { return "Solve: " + r.Source }
func (r *PCFGRecord) target() string    { return r.Target }
func (r *PCFGRecord) answer() string    { return r.Target }
func (r *PCFGRecord) steps(bool) []step { return nil }
