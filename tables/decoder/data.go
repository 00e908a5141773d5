package decoder

import (
	"errors"
	"fmt"
	"slices"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
)

// Item is a table with questions to learn from.
type Item struct {
	Table     *tables.Table
	Questions []Question
}

// Long says what is done with a table that is longer than the model reads.
type Long int

// What is done.
const (
	Refuse   Long = iota // it is an error, a *[tables.LongError]
	CutRows              // the last rows are left out until it fits
	LeaveOut             // the question is left out, and counted
)

// DataOptions say how questions become sequences.
type DataOptions struct {
	// Together is the most questions of one table that share a sequence, so that the table is read once for all; 0 means
	// 1. Each is what it is when it is asked alone: it sees the table and itself, nothing of the other questions and their
	// answers, and its places begin behind the table, see sequences.Example.Branches. So it is the table with each question
	// for itself that is held to Config.MaxTokens, and questions whose tables are cut differently do not share. More than
	// one want Config.Question to be After, and an encoding that serves branches.
	Together int
	// Long is what is done with a table that is longer than the model reads.
	Long Long
}

// Data makes batches of questions of tables, for training and evaluation. It is a train.Data, and safe for concurrent
// use. The loss on its batches is nn.CrossEntropy, the mean over the tokens of all answers. Its items are sequences of one
// table with one question, or as many as DataOptions.Together says.
type Data struct {
	model   *Model
	lessons []*lesson
	counts  Counts
	served  bool // the encoding serves the longest sequences, with one question and with several
}

// lesson is a sequence in the making.
type lesson struct {
	sheet
	turns  []turn
	tokens int // that the model reads
	reach  int // the same of the table with the longest question: how far places go
}

// Counts are what became of the questions of [NewData].
type Counts struct {
	Questions int // that are in the data
	Sequences int // that they make
	Cut       int // questions whose table lost rows
	LeftOut   int // questions whose table is too long
	Longest   int // tokens of the longest sequence
}

// NewData returns the data of items for m. It keeps the tokens and no more of them. The error says which item and question
// cannot be used, and why: a table that is no rectangle, a question without an answer, a [*tables.LongError].
func NewData(m *Model, items []Item, o DataOptions) (*Data, error) {
	if o.Together > 1 && m.Config.Question != After {
		return nil, fmt.Errorf("decoder: %d questions together want to stand after the table: set Config.Question to %v", o.Together, After)
	}
	if o.Together < 0 || o.Long < Refuse || o.Long > LeaveOut {
		return nil, fmt.Errorf("decoder: %d questions together, %d for long tables: want a positive number, or 0 for 1, and one of Refuse, CutRows and LeaveOut", o.Together, o.Long)
	}
	d := &Data{model: m}
	seen := map[*tables.Table]*sheet{}
	for i, item := range items {
		s := seen[item.Table]
		if s == nil {
			if item.Table == nil {
				return nil, fmt.Errorf("decoder: item %d has no table", i)
			}
			if err := item.Table.Check(); err != nil {
				return nil, fmt.Errorf("decoder: item %d: %w", i, err)
			}
			s = m.sheet(item.Table)
			seen[item.Table] = s
		}
		if err := d.add(s, item, max(o.Together, 1), o.Long); err != nil {
			return nil, fmt.Errorf("decoder: item %d: %w", i, err)
		}
	}
	d.counts.Sequences = len(d.lessons)
	if err := d.serve(); err != nil {
		return nil, err
	}
	return d, nil
}

// add adds the questions of an item.
func (d *Data) add(s *sheet, item Item, together int, long Long) error {
	limit := d.model.Config.MaxTokens
	open := map[int]*lesson{} // that may take more questions, by the rows of the table that they have
	for k, q := range item.Questions {
		if len(q.Answers) == 0 {
			return fmt.Errorf("question %d, %q, has no answer to learn", k, q.Text)
		}
		prefix, suffix := d.model.asked(s, q.Text)
		t := turn{suffix, d.model.answered(q.Answers)}
		more := len(t.question) + len(t.answer)
		b := tables.Budget{Limit: limit, Text: len(prefix) + more - 1, Truncate: long == CutRows} // the last token is not read
		part, cells, err := b.Fit(item.Table, s.cells)
		switch {
		case err != nil && long == LeaveOut:
			d.counts.LeftOut++
			continue
		case err != nil:
			return fmt.Errorf("question %d: %w", k, err)
		case part != item.Table:
			d.counts.Cut++
		}
		n := b.Text + tables.Length(cells)
		l := open[len(cells)]
		if l != nil && len(l.turns) < together {
			l.turns, l.tokens, l.reach = append(l.turns, t), l.tokens+more-1, max(l.reach, n)
		} else {
			l = &lesson{sheet{prefix, cells}, []turn{t}, n, n}
			open[len(cells)] = l
			d.lessons = append(d.lessons, l)
		}
		d.count(l)
	}
	return nil
}

// count counts a question that has joined a lesson.
func (d *Data) count(l *lesson) {
	d.counts.Questions++
	d.counts.Longest = max(d.counts.Longest, l.tokens)
}

// serve reports whether the encoding serves the sequence whose places go farthest, and one of several questions.
func (d *Data) serve() error {
	if len(d.lessons) == 0 {
		return nil
	}
	try := []int{0}
	for i, l := range d.lessons {
		if l.reach > d.lessons[try[0]].reach {
			try[0] = i
		}
	}
	if i := slices.IndexFunc(d.lessons, func(l *lesson) bool { return len(l.turns) > 1 }); i >= 0 {
		try = append(try, i)
	}
	for _, i := range try {
		if _, err := d.Prepare([]int{i}); err != nil {
			if len(d.lessons[i].turns) > 1 {
				err = fmt.Errorf("%w; or put each question in a sequence of its own (DataOptions.Together)", err)
			}
			return err
		}
	}
	d.served = true
	return nil
}

// Len returns the number of sequences.
func (d *Data) Len() int { return len(d.lessons) }

// Counts returns what became of the questions.
func (d *Data) Counts() Counts { return d.counts }

// Example returns sequence i.
func (d *Data) Example(i int) (sequences.Example, error) {
	l := d.lessons[i]
	return d.model.example(&l.sheet, l.turns)
}

// Prepare returns a *[sequences.Batch] of the sequences of the given numbers.
func (d *Data) Prepare(items []int) (nn.Batch, error) {
	if len(items) == 0 {
		return nil, errors.New("decoder: a batch of nothing")
	}
	list := make([]sequences.Example, len(items))
	for k, i := range items {
		var err error
		if list[k], err = d.Example(i); err != nil {
			return nil, fmt.Errorf("decoder: sequence %d: %w", i, err)
		}
	}
	b, err := sequences.NewBatch(d.model.Decoder, list, sequences.BatchOptions{Served: d.served})
	if err != nil {
		return nil, fmt.Errorf("decoder: %w", err)
	}
	return b, nil
}
