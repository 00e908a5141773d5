package lengths

import (
	"fmt"
	"slices"
	"strings"
)

// legoVariables are the names that variables can have.
const legoVariables = "abcdefghijklmnopqrstuvwxyz"

func legoTasks() []*definition {
	var all []*definition
	for _, v := range [][2]string{
		{"", "follow a chain of assignments"},
		{"perm", "follow a chain of assignments that stand in any order"},
	} {
		all = append(all, &definition{
			family: "lego", variant: v[0], about: v[1] + "; lengths count variables",
			train: Range{4, 8}, test: Range{9, 16}, possible: Range{2, len(legoVariables)},
			markers: verboseMarkers("For variable", "==", "So, the rest is:"),
			words: append(words("If = +1 -1 + - Then what is the value of", answerWords, scratchWords, verboseWords, "variable"),
				letters(legoVariables)...),
			tight: words(". , ?"),
			empty: func() Record { return new(LegoRecord) }, draw: drawLego, extract: extractWord, folded: true,
		})
	}
	return all
}

// LegoRecord is a chain of assignments of +1 or -1, after Zhang et al., Unveiling Transformers with LEGO (arXiv
// 2206.04301), and the variable that is asked for.
type LegoRecord struct {
	Clauses []string `json:"clauses"` // "b = -1", "f = - b", ...
	// TruthValues are pairs of a variable and "1" for +1 or "0" for -1, in order of the chain whatever that of the clauses.
	TruthValues [][]string `json:"truth_values"`
	Query       string     `json:"query"`
	Category    []int      `json:"cat"` // how many variables, and which of them is asked for, from 0
}

var _ Record = (*LegoRecord)(nil)

// drawLego draws a chain and asks for one variable of its second half; the variables of that take turns, of the same
// chain.
func drawLego(d drawing) Record {
	n := d.length
	queries := n / 2
	query := n - queries + d.index%queries
	random := d.stream(streamRecord, d.index/queries)
	names := random.Perm(len(legoVariables))[:n]
	r := &LegoRecord{TruthValues: make([][]string, n), Category: []int{n, query}}
	for i, name := range names {
		r.TruthValues[i] = []string{legoVariables[name : name+1], []string{"0", "1"}[random.IntN(2)]}
	}
	r.Query = r.TruthValues[query][0]
	r.Clauses = r.chain()
	if d.variant == "perm" {
		d.stream(streamClauses, d.index).Shuffle(n, func(i, j int) { r.Clauses[i], r.Clauses[j] = r.Clauses[j], r.Clauses[i] })
	}
	return r
}

// chain writes the clauses in order.
func (r *LegoRecord) chain() []string {
	clauses := make([]string, len(r.TruthValues))
	for i := range clauses {
		if i == 0 {
			clauses[i] = r.TruthValues[i][0] + " = " + r.value(i)
		} else {
			clauses[i] = r.TruthValues[i][0] + " = " + r.relation(i)
		}
	}
	return clauses
}

// value writes the value of variable i.
func (r *LegoRecord) value(i int) string {
	if r.TruthValues[i][1] == "1" {
		return "+1"
	}
	return "-1"
}

// sign tells how variable i comes from the one before.
func (r *LegoRecord) sign(i int) string {
	if r.TruthValues[i][1] == r.TruthValues[i-1][1] {
		return "+ "
	}
	return "- "
}

// relation writes variable i by the one before.
func (r *LegoRecord) relation(i int) string { return r.sign(i) + r.TruthValues[i-1][0] }

func (r *LegoRecord) check(variant string) error {
	if len(r.Category) != 2 {
		return fmt.Errorf("the category has %d numbers: want how many variables and which is asked for", len(r.Category))
	}
	if err := sameCount(r.Category[0], len(r.TruthValues), "truth values"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, pair := range r.TruthValues {
		if len(pair) != 2 || len(pair[0]) != 1 || !strings.Contains(legoVariables, pair[0]) || pair[1] != "0" && pair[1] != "1" {
			return fmt.Errorf("truth value %d is %q: want a letter and 0 or 1", i+1, pair)
		}
		if seen[pair[0]] {
			return fmt.Errorf("the variable %s has two truth values", pair[0])
		}
		seen[pair[0]] = true
	}
	if q := r.Category[1]; q < 0 || q >= len(r.TruthValues) || r.TruthValues[q][0] != r.Query {
		return fmt.Errorf("the query %q is not variable %d of the chain, as the category says", r.Query, q)
	}
	got, want := r.Clauses, r.chain()
	if variant == "perm" {
		got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("the clauses are %q, but the truth values make %q: is it a record of lego_perm?", r.Clauses, r.chain())
	}
	return nil
}

func (r *LegoRecord) length() int      { return len(r.TruthValues) }
func (r *LegoRecord) category() string { return fmt.Sprintf("[%d, %d]", r.Category[0], r.Category[1]) }
func (r *LegoRecord) target() string   { return "The answer is " + r.answer() + "." }
func (r *LegoRecord) answer() string   { return r.value(r.Category[1]) }
func (r *LegoRecord) prompt() string {
	return "If " + strings.Join(r.Clauses, ", ") + ". Then, what is the value of " + r.Query + "? "
}

// steps walks the chain up to the variable that is asked for. What is left are the other clauses in the order of the
// prompt.
func (r *LegoRecord) steps(bool) []step {
	var all []step
	rest := slices.Clone(r.Clauses)
	for i := range r.Category[1] + 1 {
		name := r.TruthValues[i][0]
		rest = slices.DeleteFunc(rest, func(clause string) bool { return strings.HasPrefix(clause, name) })
		s := step{input: name, output: r.value(i), remaining: strings.Join(rest, ", ")}
		if i > 0 {
			s.computation = r.relation(i) + " = " + r.sign(i) + r.value(i-1)
		}
		all = append(all, s)
	}
	return all
}
