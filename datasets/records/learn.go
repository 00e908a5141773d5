package records

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tokenize"
)

// learn makes the schema from the training rows.
func (t *table) learn(ctx context.Context, splits []datasets.Split, found *answers, seed uint64) (*Schema, error) {
	s := &Schema{Version: SchemaVersion, Others: t.others, MaxText: t.o.MaxText}
	name := t.columns[t.target]
	var err error
	if t.o.TargetBins == 0 {
		s.Target.Name = name
		if s.Target.Classes, err = found.classes(t.path, name); err != nil {
			return nil, err
		}
	}
	tallies, numbers, err := t.tally(ctx, splits, seed)
	if err != nil {
		return nil, err
	}
	if t.o.TargetBins > 0 {
		if s.Target, err = binned(t.path, name, numbers, t.o.TargetBins); err != nil {
			return nil, err
		}
	}
	for _, column := range tallies {
		c, err := column.learn(&t.o)
		if err != nil {
			return nil, err
		}
		s.Columns = append(s.Columns, c)
	}
	if s.tokenizer, err = t.vocabulary(ctx, splits, s); err != nil {
		return nil, err
	}
	if s.Vocabulary, err = s.tokenizer.Marshal(); err != nil {
		return nil, err
	}
	return s, s.arrange()
}

// tally goes through the training rows, and collects the numbers of the target where that
// is to be cut into bins. Of other rows it looks no further than whether cells are numbers.
func (t *table) tally(ctx context.Context, splits []datasets.Split, seed uint64) ([]tally, *sample, error) {
	n, err := t.o.lists()
	if err != nil {
		return nil, nil, err
	}
	tallies := make([]tally, len(t.feature))
	for k, place := range t.feature {
		name := t.columns[place]
		tallies[k] = tally{name: name, wanted: -1, counts: map[string]int{}}
		if kind, ok := n.kinds[name]; ok {
			tallies[k].wanted = kind
		}
		if w := tallies[k].wanted; w < 0 || w == Number {
			tallies[k].numbers = newSample(seed, k+1)
		}
	}
	numbers, rows := newSample(seed, 0), 0
	err = t.each(ctx, func(r *record) error {
		if r.number >= len(splits) {
			return errChanging(t.path)
		}
		switch splits[r.number] {
		case unused:
			return nil
		case datasets.Train:
		default:
			t.features(r, func(k int, cell string) { tallies[k].look(cell) })
			return nil
		}
		rows++
		if x, ok := number(r.target); ok {
			numbers.add(x)
		}
		t.features(r, func(k int, cell string) { tallies[k].add(cell) })
		return nil
	})
	if err == nil && rows == 0 {
		err = &files.FileError{File: t.path, Reason: fmt.Sprintf("none of its %d rows is one to train on", len(splits)), Hint: "more rows are needed, or another split"}
	}
	return tallies, numbers, err
}

// vocabulary makes the tokenizer.
func (t *table) vocabulary(ctx context.Context, splits []datasets.Split, s *Schema) (tokenize.Tokenizer, error) {
	specials := s.specials()
	if !s.texts() {
		return tokenize.NewWords([]string{tables.Empty}, specials) // one word there must be
	}
	texts := func(yield func(string) error) error {
		return t.each(ctx, func(r *record) (err error) {
			if r.number >= len(splits) {
				return errChanging(t.path)
			}
			if splits[r.number] != datasets.Train {
				return nil
			}
			t.features(r, func(k int, cell string) {
				if err == nil && s.Columns[k].Kind == Text && cell != "" {
					err = yield(cell)
				}
			})
			return err
		})
	}
	return tokenize.TrainBPE(ctx, texts, tokenize.BPEOptions{Size: len(specials) + t.o.TextTokens, Special: specials})
}
