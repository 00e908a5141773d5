package expressivity

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/splitmix"
)

// Study is tests applied to sets. Whether a test keeps to what it sees of a graph, rather than of the numbering of its
// nodes, is checked on the way: every graph is also compared with a relabelled copy of itself.
type Study struct {
	Sets  []*Set
	Tests []Test

	// Dir is a folder that keeps the verdict on every pair, in verdicts.jsonl; with "" nothing is kept. Pairs that a model
	// was trained for are not judged again there. Sets of more than 10,000 pairs are counted, and not kept.
	Dir string

	// OnProgress, where it is not nil, is told of every graph and pair that is done, by one goroutine at a time.
	OnProgress func(Progress)
	// OnRow, where it is not nil, is called with every row as soon as it is there. An error ends the study.
	OnRow func(Row) error
}

// Row is what a test says of a set, or of a category of its pairs.
type Row struct {
	Set      string `json:"set"`
	Category string `json:"category"`
	Test     string `json:"test"`
	Setting  string `json:"setting"`
	Seed     uint64 `json:"seed"`
	Pairs    int    `json:"pairs"`
	Apart    int    `json:"apart"` // pairs told apart
	// Copies is the number of graphs that were compared with a relabelled copy, CopiesApart of how many it was told apart:
	// more than 0 is a fault of the test.
	Copies      int `json:"copies"`
	CopiesApart int `json:"copiesApart"`
	// Seconds is the time of the test; that of models whose verdicts were in the folder counts as well.
	Seconds float64 `json:"seconds"`
}

// Progress says how far a study is.
type Progress struct {
	Set, Category, Test string
	Done, Of            int
	What                string // of what: graphs or pairs
}

// MostJudged is the most pairs of a set, or of a category, for which a study trains models.
const MostJudged = 10_000

// mostListed is the largest number of pairs that are listed rather than counted.
const mostListed = 10_000

// Run does the study and gives a row for each test and category of each set, in that order. After an error, that of
// the context's end for one, it gives the rows there are.
func (s Study) Run(ctx context.Context) ([]Row, error) {
	if len(s.Sets) == 0 || len(s.Tests) == 0 {
		return nil, errors.New("expressivity: a study needs sets and tests")
	}
	f, err := openFolder(s.Dir)
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, set := range s.Sets {
		for _, t := range s.Tests {
			for _, part := range set.parts() {
				w := &work{study: &s, folder: f, test: t, part: part}
				row, err := w.do(ctx)
				if err != nil {
					return rows, err
				}
				rows = append(rows, row)
				if s.OnRow != nil {
					if err := s.OnRow(row); err != nil {
						return rows, err
					}
				}
			}
		}
	}
	return rows, nil
}

// part is the pairs of one category of a set.
type part struct {
	*Set
	category string
	size     int
	pairs    []Pair // nil: all of the set, too many to list
}

// parts cuts a set by categories, in the order in which these come first.
func (s *Set) parts() []*part {
	if s.Pairs == nil {
		p := &part{Set: s, size: s.Size()}
		if p.size <= mostListed {
			p.pairs = (&Set{Graphs: s.Graphs}).allPairs()
		}
		return []*part{p}
	}
	var all []*part
	at := map[string]*part{}
	for _, pair := range s.Pairs {
		p := at[pair.Category]
		if p == nil {
			p = &part{Set: s, category: pair.Category}
			at[pair.Category] = p
			all = append(all, p)
		}
		p.pairs = append(p.pairs, pair)
		p.size++
	}
	return all
}

// allPairs lists the pairs of all graphs.
func (s *Set) allPairs() []Pair {
	all := []Pair{}
	for a := range s.Graphs {
		for b := a + 1; b < len(s.Graphs); b++ {
			all = append(all, Pair{A: a, B: b})
		}
	}
	return all
}

// work is one test of one part.
type work struct {
	study  *Study
	folder *folder
	test   Test
	part   *part
	lock   sync.Mutex // of done and OnProgress
	done   int
}

func (w *work) do(ctx context.Context) (Row, error) {
	row := Row{Set: w.part.Name, Category: w.part.category, Test: w.test.Name, Setting: w.test.Setting, Seed: w.test.Seed, Pairs: w.part.size}
	if w.test.Sign == nil {
		return row, w.judgeAll(ctx, &row)
	}
	start := time.Now()
	err := w.signAll(ctx, &row)
	row.Seconds = time.Since(start).Seconds()
	return row, err
}

// step tells of another graph or pair that is done.
func (w *work) step(of int, what string) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.done++
	if w.study.OnProgress != nil {
		w.study.OnProgress(Progress{Set: w.part.Name, Category: w.part.category, Test: w.test.Name, Done: w.done, Of: of, What: what})
	}
}

// judgeAll judges pair by pair.
func (w *work) judgeAll(ctx context.Context, row *Row) error {
	if w.part.size > MostJudged {
		return fmt.Errorf("expressivity: %s trains a model for each pair, and %s has %d: choose fewer with Set.First", w.test.Name, w.part.Name, w.part.size)
	}
	for _, p := range w.part.pairs {
		e := w.entry(p)
		if old, ok := w.folder.find(e); ok {
			e.answer = old
		} else {
			start := time.Now()
			v, err := w.test.Judge(ctx, w.part.Graphs[p.A], w.part.Graphs[p.B])
			if err != nil {
				return w.failed(err, p.A, p.B)
			}
			e.answer = answer{v, time.Since(start).Seconds()}
			if err := w.folder.add(e); err != nil {
				return err
			}
		}
		row.count(e.Verdict)
		row.Copies++
		row.Seconds += e.Seconds
		w.step(w.part.size, "pairs")
	}
	return nil
}

func (row *Row) count(v Verdict) {
	if v.Apart {
		row.Apart++
	}
	if v.CopyApart {
		row.CopiesApart++
	}
}

// signAll signs every graph, and counts the pairs with different signatures.
func (w *work) signAll(ctx context.Context, row *Row) error {
	used := w.part.used()
	signs, err := w.sign(ctx, used, row)
	if err != nil {
		return err
	}
	if w.part.pairs == nil {
		equal, err := equalPairs(ctx, signs)
		row.Apart = w.part.size - equal
		return err
	}
	var entries []entry
	for _, p := range w.part.pairs {
		e := w.entry(p)
		e.Apart = signs[p.A].Apart(signs[p.B])
		row.count(e.Verdict)
		if _, ok := w.folder.find(e); !ok {
			entries = append(entries, e)
		}
	}
	return w.folder.add(entries...)
}

// used lists the graphs of the part's pairs.
func (p *part) used() []int {
	in := make([]bool, len(p.Graphs))
	for _, pair := range p.pairs {
		in[pair.A], in[pair.B] = true, true
	}
	var used []int
	for i := range in {
		if in[i] || p.pairs == nil {
			used = append(used, i)
		}
	}
	return used
}

// sign signs some graphs, on all processors, and a relabelled copy of each. Signatures are in the places of their graphs.
func (w *work) sign(ctx context.Context, used []int, row *Row) ([]Signature, error) {
	signs, copyApart, errs := make([]Signature, len(w.part.Graphs)), make([]bool, len(used)), make([]error, len(used))
	parallel.For(len(used), 1, parallel.Func(func(lo, hi int) {
		for k := lo; k < hi; k++ {
			i := used[k]
			if signs[i], copyApart[k], errs[k] = w.signWithCopy(ctx, w.part.Graphs[i]); errs[k] == nil {
				w.step(len(used), "graphs")
			}
		}
	}))
	for k, err := range errs {
		if err != nil {
			return nil, w.failed(err, used[k])
		}
		if row.Copies++; copyApart[k] {
			row.CopiesApart++
		}
	}
	return signs, nil
}

func (w *work) signWithCopy(ctx context.Context, g *graphs.Graph) (sign Signature, copyApart bool, err error) {
	if sign, err = w.test.Sign(ctx, g); err != nil {
		return nil, false, err
	}
	rng := rand.New(rand.NewPCG(splitmix.Mix(uint64(g.Nodes)), uint64(len(g.Edges))))
	again, err := w.test.Sign(ctx, g.Permute(rng.Perm(g.Nodes)))
	if err != nil {
		return nil, false, err
	}
	return sign, sign.Apart(again), nil
}

// failed names the graphs of an error, but for the end of the context.
func (w *work) failed(err error, which ...int) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	names := ""
	for _, i := range which {
		name := w.part.Graphs[i].ID
		if name == "" {
			name = fmt.Sprint("number ", i)
		}
		if names != "" {
			names += " and "
		}
		names += name
	}
	return fmt.Errorf("expressivity: %s: graph %s: %w", w.part.Name, names, err)
}

// equalPairs counts the pairs of signatures that are not apart. Colours are grouped; others are compared one with
// another.
func equalPairs(ctx context.Context, signs []Signature) (int, error) {
	equal := 0
	groups := map[Colour]int{}
	for a, s := range signs {
		if c, ok := s.(Colour); ok {
			equal += groups[c]
			groups[c]++
			continue
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		for _, other := range signs[:a] {
			if !s.Apart(other) {
				equal++
			}
		}
	}
	return equal, nil
}
