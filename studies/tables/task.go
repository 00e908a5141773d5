package tables

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/tableqa"
	"github.com/graft-ml/graft/studies"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tokenize"
)

// makers make the tasks, by the names that datasets/tableqa has for them.
var makers = []struct {
	name string
	make func(tableqa.ProxyOptions) (*tableqa.Proxy, error)
}{
	{"locating-values", tableqa.LocatingValues},
	{"counting-stars", tableqa.CountingStars},
}

// TaskNames lists the tasks that can be studied: locating-values, "which number is so many rows and columns from the
// star?", and counting-stars, "how many stars are in the row and in the column of this number?".
func TaskNames() []string {
	var names []string
	for _, m := range makers {
		names = append(names, m.name)
	}
	return names
}

// questionSeed is the seed of the questions, the same for all models.
const questionSeed = 0x7ab1e

// task makes the questions of a task, for each size by itself.
type task struct {
	*tableqa.Proxy // of all sizes together
	words          *tokenize.Words
	bySize         map[int]*tableqa.Proxy
	length         map[int]int // tokens of an example
}

// newTask prepares a task for tables of some sizes.
func newTask(name string, sizes, testSizes []int) (*task, error) {
	i := slices.Index(TaskNames(), name)
	if i < 0 {
		return nil, &studies.UnknownError{What: "task", Name: name, Known: TaskNames()}
	}
	t := &task{bySize: map[int]*tableqa.Proxy{}, length: map[int]int{}}
	var o tableqa.ProxyOptions
	for _, n := range slices.Concat(sizes, testSizes) {
		o.Sizes = append(o.Sizes, tableqa.Square(n))
	}
	var err error
	if t.Proxy, err = makers[i].make(o); err != nil {
		return nil, fmt.Errorf("tables: %w", err)
	}
	if t.words, err = tokenize.NewWords(t.Words(), tables.MarkNames()); err != nil {
		return nil, fmt.Errorf("tables: %s: %w", name, err)
	}
	for _, size := range o.Sizes {
		p, err := makers[i].make(tableqa.ProxyOptions{Sizes: []tableqa.Size{size}})
		if err != nil {
			return nil, fmt.Errorf("tables: %w", err)
		}
		q := p.At(questionSeed, datasets.Test, 0)
		text := t.words.Append(t.words.Append(nil, q.Text), q.Answers[0])
		t.bySize[size.Rows], t.length[size.Rows] = p, len(text)+tables.Length(tables.Tokens(q.Table, t.words))
	}
	return t, nil
}

// item is a question of a table as the decoder learns it.
func item(q tableqa.Question) decoder.Item {
	return decoder.Item{Table: q.Table, Questions: []decoder.Question{{Text: q.Text, Answers: q.Answers}}}
}

// most is more examples than any step has: step s learns from the examples s*most and the next ones of each size.
const most = 1 << 20

// items returns what a step learns from: the same for all readers.
func (st *study) items(o *opening, step int) []decoder.Item {
	unlocked := st.unlocked(step)
	random := rand.New(rand.NewPCG(o.seed, uint64(step)))
	var list []decoder.Item
	for tokens := 0; tokens < st.BatchTokens && len(list) < most; {
		n := unlocked[len(unlocked)-1]
		if random.Float64() >= st.Focus {
			n = unlocked[random.IntN(len(unlocked))]
		}
		list = append(list, item(o.task.bySize[n].At(o.seed, datasets.Train, step*most+len(list))))
		tokens += o.task.length[n]
	}
	return list
}

// unlocked are the sizes that a step may have: one after the other they join, the last of them when the curriculum ends.
func (st *study) unlocked(step int) []int {
	progress := float64(step) / float64(st.Steps)
	return st.Sizes[:1+min(int(progress/st.Curriculum*float64(len(st.Sizes))), len(st.Sizes)-1)]
}
