package tableqa

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/graft-ml/graft/tables"
)

var hitabInfo = Info{
	Name: "hitab", Title: "HiTab: questions about tables with hierarchies of headers", Task: Answering,
	Train: 3_466, Val: 1_658, Test: 1_567,
	Metric:    NumericMatch,
	SplitRule: "as published in December 2021",
	Protocols: []Protocol{PublishedSplit},
	Folder:    "hitab",
	Files:     []string{"data/tables", "data/train_samples.jsonl", "data/dev_samples.jsonl", "data/test_samples.jsonl"},
	Published: []Figure{
		{"MAPO, hierarchical logical forms", "val", 45.5, "HiTab repository, final data"},
		{"MAPO, hierarchical logical forms", "test", 42.3, "HiTab repository, final data"},
		{"MAPO, hierarchical logical forms", "test", 40.7, "as quoted of the paper"},
	},
	Licence: "C-UDA 1.0",
	Origin:  "HiTab (github.com/microsoft/HiTab), as a folder hitab or a zip file of it",
	Notes: "The rows of a hierarchy of headers become one: the names above a column, from the top down, with / between them. " +
		"The final release of February 2022 has 7417, 1671 and 1584 questions and slightly better hierarchies. " +
		"About 72 % of the questions need no aggregation. Training questions whose tables are not there are left out.",
}

func loadHiTab(ctx context.Context, o Options) (*Set, error) {
	a, err := findArchive(o.Dir, hitabInfo, "data/dev_samples.jsonl")
	if err != nil {
		return nil, err
	}
	defer a.Close()
	h := hitab{archive: a, tables: map[string]*hierarchy{}}
	set, missing := new(Set), 0
	for _, part := range []struct {
		source  *Source
		name    string
		missing *int
	}{{&set.Train, "train", &missing}, {&set.Val, "dev", nil}, {&set.Test, "test", nil}} {
		list, err := h.questions(ctx, "data/"+part.name+"_samples.jsonl", part.missing)
		if err != nil {
			return nil, err
		}
		*part.source = list
	}
	if missing > 0 {
		set.Notes = append(set.Notes, fmt.Sprintf("%d training questions are left out because their tables are not there", missing))
	}
	set.Notes = append(set.Notes, "hierarchies of headers are flattened to one row of names")
	return set, nil
}

// hitab reads questions, and each table once.
type hitab struct {
	archive *archive
	tables  map[string]*hierarchy
}

// hierarchy is a flattened table with the number of header rows that became one.
type hierarchy struct {
	*tables.Table
	top int
}

// questions reads one file. Questions whose table is not there are counted, or an error
// where missing is nil.
func (h *hitab) questions(ctx context.Context, file string, missing *int) (Slice, error) {
	text, path, err := h.archive.read(file, maxFile)
	if err != nil {
		return nil, err
	}
	var list Slice
	err = eachLine(path, text, func(line int, text []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		var s hitabSample
		if err := parseLine(path, line, text, &s); err != nil {
			return err
		}
		answers, err := s.answers()
		if err != nil {
			return notPublished(path, line, "question %s: %v", clip(s.ID), err)
		}
		t, err := h.table(s.Table)
		switch {
		case missing != nil && errors.Is(err, fs.ErrNotExist):
			*missing++
			return nil
		case err != nil:
			return withoutTable(path, "question "+clip(s.ID), line, s.Table, err)
		}
		list = append(list, Question{ID: s.ID, Text: s.Question, Table: t.Table, Answers: answers, Label: NoLabel, Cell: s.cell(t)})
		return nil
	})
	return list, err
}

// table reads a table by its id.
func (h *hitab) table(id string) (*hierarchy, error) {
	if t := h.tables[id]; t != nil {
		return t, nil
	}
	text, path, err := h.archive.read("data/tables/raw/"+id+".json", maxTable)
	if err != nil {
		return nil, err
	}
	t, err := parseHierarchy(path, id, text)
	if err != nil {
		return nil, err
	}
	h.tables[id] = t
	return t, nil
}

// HiTab loads HiTab: [Load] of "hitab" with the standard options.
func HiTab(ctx context.Context, dir string) (*Set, error) {
	return Load(ctx, hitabInfo.Name, Options{Dir: dir})
}
