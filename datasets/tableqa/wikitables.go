package tableqa

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/graft-ml/graft/tables"
)

var wikitablesInfo = Info{
	Name: "wikitables", Title: "WikiTableQuestions 1.0.2: questions about tables of Wikipedia", Task: Answering,
	Train: 11_321, Val: 2_831, Test: 4_344,
	Metric:    Denotation,
	SplitRule: "random-split-k-train and -dev of the training questions, by table, k = fold + 1; pristine-unseen-tables, whose tables are in no other split, to test",
	Protocols: []Protocol{PublishedSplit, WholeTraining}, Folds: 5,
	Folder: "wikitablequestions",
	Files: []string{"csv", "data/training.tsv", "data/random-split-1-train.tsv", "data/random-split-1-dev.tsv",
		"data/pristine-unseen-tables.tsv", "tagged/pristine-unseen-tables.tagged"},
	Published: []Figure{
		{"Pasupat and Liang 2015", "test", 37.1, "as quoted in the literature"},
		{"Neural Programmer", "test", 34.2, "as quoted in the literature"},
		{"TAPAS-large", "test", 48.8, "as quoted in the literature"},
		{"TaBERT-large", "test", 51.8, "as quoted in the literature"},
		{"TAPEX-large", "test", 57.2, "its repository"},
		{"TAPEX-large", "val", 58.0, "its repository"},
		{"TAPAS-tiny", "val", 10.4, "google-research/tapas README, reset positions"},
		{"TAPAS-mini", "val", 28.5, "google-research/tapas README, reset positions"},
		{"TAPAS-small", "val", 37.6, "google-research/tapas README, reset positions"},
		{"TAPAS-medium", "val", 43.2, "google-research/tapas README, reset positions"},
		{"TAPAS-base", "val", 46.4, "google-research/tapas README, reset positions"},
		{"TAPAS-large", "val", 51.0, "google-research/tapas README, reset positions"},
	},
	Licence: "CC BY-SA 4.0",
	Origin:  "WikiTableQuestions 1.0.2 (github.com/ppasupat/WikiTableQuestions, release v1.0.2), as a folder wikitablequestions or the zip file itself",
	Notes: "Published models were pre-trained on large corpora of tables. Val is the development split; the test answers " +
		"are judged by the canonical forms of the tagged files, as the official evaluator does.",
}

// testTSV are the questions that are tested on.
const testTSV = "pristine-unseen-tables"

func loadWikiTables(ctx context.Context, o Options) (*Set, error) {
	a, err := findArchive(o.Dir, wikitablesInfo, "data/training.tsv")
	if err != nil {
		return nil, err
	}
	defer a.Close()
	train, val := "training", ""
	if o.Protocol == PublishedSplit {
		train = fmt.Sprintf("random-split-%d-train", o.Fold+1)
		val = fmt.Sprintf("random-split-%d-dev", o.Fold+1)
	}
	w := wikitables{archive: a, tables: map[string]*tables.Table{}}
	set := new(Set)
	for _, part := range []struct {
		source *Source
		name   string
	}{{&set.Train, train}, {&set.Val, val}, {&set.Test, testTSV}} {
		*part.source = Slice(nil)
		if part.name == "" {
			continue
		}
		questions, tagged, err := w.questions(ctx, part.name)
		if err != nil {
			return nil, err
		}
		*part.source = questions
		if !tagged && part.name != train {
			set.Notes = append(set.Notes, withoutFile(part.name+".tagged",
				"its answers are judged by what they look like, so that 12467 is no answer where 12,467 was wanted"))
		}
	}
	if o.Protocol == WholeTraining {
		set.Notes = append(set.Notes, "there is nothing to validate on: all training questions are trained on")
	}
	return set, nil
}

// wikitables reads questions, and each table once.
type wikitables struct {
	archive *archive
	tables  map[string]*tables.Table
}

// sizes of the published files; those of the other random splits differ.
var wikitablesSizes = map[string]int{"training": 14_152, testTSV: 4_344, "random-split-1-train": 11_321, "random-split-1-dev": 2_831}

// questions reads one file of questions with their tables. tagged tells whether canonical
// answers were there.
func (w *wikitables) questions(ctx context.Context, name string) (list Slice, tagged bool, err error) {
	text, path, err := w.archive.read("data/"+name+".tsv", maxFile)
	if err != nil {
		return nil, false, err
	}
	file, err := parseTSV(path, text, "id", "utterance", "context", "targetValue")
	if err != nil {
		return nil, false, err
	}
	if err := checkSize(path, len(file.rows), wikitablesSizes[name], "questions"); err != nil {
		return nil, false, err
	}
	canon, err := w.tagged(name)
	if err != nil {
		return nil, false, err
	}
	seen := map[string]bool{}
	for k, row := range file.rows {
		if err := ctx.Err(); err != nil {
			return nil, false, err
		}
		q, at := wikitablesQuestion(file, row)
		if seen[q.ID] {
			return nil, false, notPublished(path, k+2, "the id %q comes twice", clip(q.ID))
		}
		seen[q.ID] = true
		if q.Table, err = w.table(at); err != nil {
			return nil, false, withoutTable(path, fmt.Sprintf("question %s", clip(q.ID)), k+2, at, err)
		}
		q.Cell = findCell(q.Table, q.Answers)
		if canon != nil {
			if q.Canon = canon[q.ID]; len(q.Canon) != len(q.Answers) {
				return nil, false, notPublished(path, k+2, "%s: %d answers, but %d in the tagged file", clip(q.ID), len(q.Answers), len(q.Canon))
			}
		}
		list = append(list, q)
	}
	return list, canon != nil, nil
}

// wikitablesQuestion gives the question of a line, and the path of its table.
func wikitablesQuestion(file *tsvFile, row []string) (Question, string) {
	field := func(name string) string { return row[file.column(name)] }
	return Question{
		ID: unescape(field("id")), Text: unescape(field("utterance")),
		Answers: unescapeList(field("targetValue")), Label: NoLabel,
	}, unescape(field("context"))
}

// table reads the table at a path such as csv/204-csv/590.csv.
func (w *wikitables) table(at string) (*tables.Table, error) {
	if t := w.tables[at]; t != nil {
		return t, nil
	}
	text, path, err := w.archive.read(at, maxTable)
	if err != nil {
		return nil, err
	}
	t, err := parseTable(path, at, text, tables.WikiTables())
	if err != nil {
		return nil, err
	}
	w.tables[at] = t
	return t, nil
}

// tagged reads the canonical answers to the questions of a file, by id; nil where there is
// no tagged file.
func (w *wikitables) tagged(name string) (map[string][]string, error) {
	var text []byte
	path, err := "", error(nil)
	for _, folder := range []string{"tagged/", "tagged/data/"} {
		if text, path, err = w.archive.read(folder+name+".tagged", maxFile); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return parseTagged(path, text)
}

// parseTagged reads the canonical answers of a tagged file by id.
func parseTagged(path string, text []byte) (map[string][]string, error) {
	file, err := parseTSV(path, text, "id", "targetCanon")
	if err != nil {
		return nil, err
	}
	canon := make(map[string][]string, len(file.rows))
	id, column := file.column("id"), file.column("targetCanon")
	for _, row := range file.rows {
		canon[unescape(row[id])] = unescapeList(row[column])
	}
	return canon, nil
}

// WikiTables loads WikiTableQuestions: [Load] of "wikitables" with the standard options.
func WikiTables(ctx context.Context, dir string) (*Set, error) {
	return Load(ctx, wikitablesInfo.Name, Options{Dir: dir})
}
