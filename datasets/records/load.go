package records

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
)

// Loaded is what Load gives.
type Loaded struct {
	// Parts are the rows of each split; validation and test may be empty.
	Parts [3]*Rows
	// Schema was learned from the training rows, or is the one that was given.
	Schema *Schema
	// Notes say what a user should know: rows left out, what always guessing the most
	// frequent class comes to.
	Notes []string
}

// unused is the split of rows that a limit leaves out.
const unused = 3

// Load reads a table, checks all that is in it, and cuts it into splits. Where known is nil,
// the schema is learned from the training rows. Else it is that of an earlier Load of the
// same file, which must not have changed since, and gives the very same tokens.
//
// The error is a *files.RowError, a *files.FileError or a *files.OptionError, or that of ctx.
func Load(ctx context.Context, q Request, known *Schema) (*Loaded, error) {
	if err := q.Options.Validate(); err != nil {
		return nil, err
	}
	q.Options = q.Options.WithDefaults()
	t, err := openTable(&q)
	if err != nil {
		return nil, err
	}
	file, err := identify(t.path)
	if err != nil {
		return nil, err
	}
	if known != nil && (known.File.SHA256 != file.SHA256 || known.File.Bytes != file.Bytes) {
		return nil, &files.FileError{File: t.path, Reason: "the file has changed since the model was trained on it", Hint: "put the old one back, or train anew"}
	}
	found := newAnswers()
	splits, err := t.survey(ctx, found)
	if err != nil {
		return nil, err
	}
	if t.split < 0 {
		draw(splits, q.Seed)
	}
	limited(splits, q.Limit)
	l := &Loaded{Schema: known}
	if known == nil {
		if l.Schema, err = t.learn(ctx, splits, found, q.Seed); err != nil {
			return nil, err
		}
		l.Schema.File = file
	} else if err := t.matches(known); err != nil {
		return nil, err
	}
	if err := t.encode(ctx, splits, l); err != nil {
		return nil, err
	}
	l.notes(t)
	return l, nil
}

// survey counts rows and classes, and notes the split of each row where a column says it.
func (t *table) survey(ctx context.Context, found *answers) (splits []datasets.Split, err error) {
	err = t.each(ctx, func(r *record) error {
		splits = append(splits, r.split)
		found.add(r.target, r.line)
		return nil
	})
	if err == nil && len(splits) == 0 {
		return nil, &files.FileError{File: t.path, Reason: "there are no rows below the names of the columns", Hint: "was the file cut off below its first line?"}
	}
	return splits, err
}

// draw cuts rows at random: 80 % to train on, 10 % to choose by, 10 % to report on.
func draw(splits []datasets.Split, seed uint64) {
	order := rand.New(rand.NewPCG(seed, 0x7265636f726473)).Perm(len(splits))
	train, val := len(order)*8/10, len(order)*9/10
	for k, i := range order {
		switch {
		case k < train:
			splits[i] = datasets.Train
		case k < val:
			splits[i] = datasets.Val
		default:
			splits[i] = datasets.Test
		}
	}
}

// limited leaves out all rows but the first of each split.
func limited(splits []datasets.Split, limit datasets.Limit) {
	most := [3]int{limit.Train, limit.Val, limit.Test}
	var n [3]int
	for i, s := range splits {
		if n[s]++; most[s] > 0 && n[s] > most[s] {
			splits[i] = unused
		}
	}
}

// matches tells whether the table has the columns of a schema.
func (t *table) matches(s *Schema) error {
	same := len(t.feature) == len(s.Columns) && t.columns[t.target] == s.Target.Name
	for k := 0; same && k < len(s.Columns); k++ {
		same = t.columns[t.feature[k]] == s.Columns[k].Name
	}
	if !same {
		return &files.FileError{File: t.path, Line: 1, Reason: "options name other columns than when the model was trained", Hint: "train anew"}
	}
	return nil
}

// encode makes tokens of all rows that are used.
func (t *table) encode(ctx context.Context, splits []datasets.Split, l *Loaded) error {
	var count [unused + 1]int
	for _, s := range splits {
		count[s]++
	}
	for s := range l.Parts {
		l.Parts[s] = newRows(l.Schema, count[s])
	}
	return t.each(ctx, func(r *record) error {
		if r.number >= len(splits) {
			return errChanging(t.path)
		}
		s := splits[r.number]
		if s == unused {
			return nil
		}
		class, ok := l.Schema.class(r.target)
		if !ok {
			return errChanging(t.path)
		}
		return l.Parts[s].add(l.Schema, t.path, r.line, r.cells, t.feature, class)
	})
}

func errChanging(path string) error {
	return &files.FileError{File: path, Reason: "the file changes while it is read", Hint: "try again when it is whole"}
}

// notes says what a user should know.
func (l *Loaded) notes(t *table) {
	if t.skipped > 0 {
		l.Notes = append(l.Notes, fmt.Sprintf("%s: %d rows that cannot be used were left out", t.path, t.skipped))
	}
	if t.cut {
		l.Notes = append(l.Notes, fmt.Sprintf("%s: the rows after the first %d were left out (data.table.maxRows)", t.path, t.o.MaxRows))
	}
	counts := l.count(datasets.Train)
	most := 0
	for c, n := range counts {
		if n > counts[most] {
			most = c
		}
		if n == 0 {
			l.Notes = append(l.Notes, fmt.Sprintf("no training row is of class %q: it will not be predicted", clip(l.Schema.Target.Classes[c])))
		}
	}
	text := fmt.Sprintf("always guessing %q, the most frequent class, is right for %s of the training rows", clip(l.Schema.Target.Classes[most]), share(counts[most], l.Parts[datasets.Train].Len()))
	for _, s := range []datasets.Split{datasets.Val, datasets.Test} {
		if n := l.Parts[s].Len(); n > 0 {
			text += fmt.Sprintf(", %s of %v", share(l.count(s)[most], n), s)
		}
	}
	l.Notes = append(l.Notes, text)
}

// count counts the rows of each class in a split.
func (l *Loaded) count(s datasets.Split) []int {
	counts := make([]int, len(l.Schema.Target.Classes))
	for _, c := range l.Parts[s].classes {
		counts[c]++
	}
	return counts
}

func share(n, of int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of)) }
