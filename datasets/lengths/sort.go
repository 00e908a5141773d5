package lengths

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// sortAlphabet is the symbols of sort_single, in the order that the task asks for: the first 50 of the official list.
const sortAlphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN"

// The numbers of sort_multi.
const (
	sortLeast = 10
	sortMost  = 9999
)

func sortTasks() []*definition {
	task := func(variant, about string, symbols int, empty func() Record, draw func(drawing) Record, extract func(string) string) *definition {
		return &definition{
			family: "sort", variant: variant, about: about,
			train: Range{2, 8}, test: Range{9, 16}, possible: Range{1, 4096}, symbols: symbols,
			markers: verboseMarkers("For", "is:", "So, the unsorted portion is:"),
			words: append(words("Sort the following list [ ] The sorted is", scratchWords, "minimum of unsorted portion", verboseWords),
				letters(sortAlphabet)...),
			tight: words(". ,"),
			empty: empty, draw: draw, extract: extract,
		}
	}
	return []*definition{
		task("single", "sort symbols by their place in a list of 50; lengths count symbols", len(sortAlphabet),
			func() Record { return new(SortSymbolsRecord) }, drawSortSymbols, extractSymbols),
		task("multi", "sort numbers of up to four digits; lengths count numbers", 0,
			func() Record { return new(SortNumbersRecord) }, drawSortNumbers, extractNumbers),
	}
}

// SortSymbolsRecord is symbols, their ranks and the symbols in order: sort_single.
type SortSymbolsRecord struct {
	Ranks    []int    `json:"token_ids"`
	Source   []string `json:"src_seq"`
	Target   []string `json:"tgt_seq"`
	Category int      `json:"cat"` // how many symbols
}

var _ Record = (*SortSymbolsRecord)(nil)

func drawSortSymbols(d drawing) Record {
	random := d.stream(streamRecord, d.index)
	r := &SortSymbolsRecord{Ranks: make([]int, d.length), Source: make([]string, d.length), Category: d.length}
	for i := range r.Ranks {
		r.Ranks[i] = random.IntN(d.Symbols)
		r.Source[i] = sortAlphabet[r.Ranks[i] : r.Ranks[i]+1]
	}
	r.Target = r.sorted()
	return r
}

// sorted is the symbols in order of rank.
func (r *SortSymbolsRecord) sorted() []string {
	order := make([]int, len(r.Ranks))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return r.Ranks[a] - r.Ranks[b] })
	sorted := make([]string, len(order))
	for i, from := range order {
		sorted[i] = r.Source[from]
	}
	return sorted
}

func (r *SortSymbolsRecord) check(string) error {
	if len(r.Ranks) != len(r.Source) {
		return fmt.Errorf("there are %d token_ids and %d symbols", len(r.Ranks), len(r.Source))
	}
	if err := sameCount(r.Category, len(r.Source), "symbols"); err != nil {
		return err
	}
	if err := inRange(r.Ranks, 0, 1<<20); err != nil {
		return fmt.Errorf("token_ids: %w", err)
	}
	for i, s := range r.Source {
		if s == "" || strings.ContainsAny(s, white+",") {
			return fmt.Errorf("symbol %d is %q: want one without blanks and commas", i+1, s)
		}
	}
	if want := r.sorted(); !slices.Equal(r.Target, want) {
		return fmt.Errorf("tgt_seq is %q, but in order of token_ids it is %q", r.Target, want)
	}
	return nil
}

func (r *SortSymbolsRecord) length() int      { return len(r.Source) }
func (r *SortSymbolsRecord) category() string { return strconv.Itoa(r.Category) }
func (r *SortSymbolsRecord) prompt() string   { return sortPrompt(strings.Join(r.Source, ", ")) }
func (r *SortSymbolsRecord) target() string   { return sortTarget(r.answer()) }
func (r *SortSymbolsRecord) answer() string   { return strings.Join(r.Target, ", ") }
func (r *SortSymbolsRecord) steps(bool) []step {
	return selectionSort(r.Ranks, r.Source)
}

// SortNumbersRecord is numbers, and the numbers in order: sort_multi.
type SortNumbersRecord struct {
	Source   []int `json:"src_seq"`
	Target   []int `json:"tgt_seq"`
	Category int   `json:"cat"` // how many numbers
}

var _ Record = (*SortNumbersRecord)(nil)

func drawSortNumbers(d drawing) Record {
	random := d.stream(streamRecord, d.index)
	r := &SortNumbersRecord{Source: make([]int, d.length), Category: d.length}
	for i := range r.Source {
		r.Source[i] = sortLeast + random.IntN(sortMost+1-sortLeast)
	}
	r.Target = slices.Sorted(slices.Values(r.Source))
	return r
}

func (r *SortNumbersRecord) check(string) error {
	if err := sameCount(r.Category, len(r.Source), "numbers"); err != nil {
		return err
	}
	if err := inRange(r.Source, 0, sortMost); err != nil {
		return err
	}
	if want := slices.Sorted(slices.Values(r.Source)); !slices.Equal(r.Target, want) {
		return fmt.Errorf("tgt_seq is %d, but in order it is %d", r.Target, want)
	}
	return nil
}

func (r *SortNumbersRecord) length() int      { return len(r.Source) }
func (r *SortNumbersRecord) category() string { return strconv.Itoa(r.Category) }
func (r *SortNumbersRecord) prompt() string   { return sortPrompt(joined(r.Source, ", ", spaced)) }
func (r *SortNumbersRecord) target() string   { return sortTarget(joined(r.Target, ", ", spaced)) }
func (r *SortNumbersRecord) answer() string {
	return joined(r.Target, ", ", func(n int64) string { return strconv.FormatInt(n, 10) })
}

func (r *SortNumbersRecord) steps(bool) []step {
	written := make([]string, len(r.Source))
	for i, n := range r.Source {
		written[i] = spaced(int64(n))
	}
	return selectionSort(r.Source, written)
}

func sortPrompt(list string) string { return "Sort the following list [ " + list + " ]. " }
func sortTarget(list string) string { return "The sorted list is [ " + list + " ]." }

// selectionSort takes the least of what is left, the first of several, and puts the front element in its place.
func selectionSort(ranks []int, written []string) []step {
	ranks, written = slices.Clone(ranks), slices.Clone(written)
	var all []step
	for i := range ranks {
		least := i
		for j := i + 1; j < len(ranks); j++ {
			if ranks[j] < ranks[least] {
				least = j
			}
		}
		s := step{input: written[i], computation: "The minimum of the unsorted portion", output: written[least]}
		ranks[i], ranks[least] = ranks[least], ranks[i]
		written[i], written[least] = written[least], written[i]
		s.remaining = "[ " + strings.Join(written[i+1:], ", ") + " ]"
		all = append(all, s)
	}
	return all
}
