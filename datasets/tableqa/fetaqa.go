package tableqa

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/graft-ml/graft/tables"
)

var fetaqaInfo = Info{
	Name: "fetaqa", Title: "FeTaQA: questions about tables of Wikipedia, answered in sentences", Task: FreeAnswer,
	Train: 7_326, Val: 1_001, Test: 2_003,
	Metric:    WrittenAnswers,
	SplitRule: "as published",
	Protocols: []Protocol{PublishedSplit},
	Folder:    "fetaqa",
	Files:     []string{"fetaQA-v1_train.jsonl", "fetaQA-v1_dev.jsonl", "fetaQA-v1_test.jsonl"},
	Published: []Figure{
		{"T5-small", "test, BLEU", 21.6, "as quoted in the literature"},
		{"T5-base", "test, BLEU", 28.1, "as quoted in the literature"},
		{"T5-large", "test, BLEU", 30.5, "as quoted in the literature"},
	},
	Licence: "CC BY-SA 4.0",
	Origin:  "FeTaQA (github.com/Yale-LILY/FeTaQA), as a folder fetaqa or a zip file of it",
	Notes:   "Without the training file the train split is empty, which a note of the loaded set says.",
}

func loadFeTaQA(ctx context.Context, o Options) (*Set, error) {
	a, err := findArchive(o.Dir, fetaqaInfo, "fetaQA-v1_dev.jsonl")
	if err != nil {
		return nil, err
	}
	defer a.Close()
	set := &Set{Train: Slice(nil)}
	for _, part := range []struct {
		source *Source
		name   string
		want   int
	}{{&set.Train, "train", fetaqaInfo.Train}, {&set.Val, "dev", fetaqaInfo.Val}, {&set.Test, "test", fetaqaInfo.Test}} {
		text, path, err := a.read("fetaQA-v1_"+part.name+".jsonl", maxFile)
		if part.name == "train" && errors.Is(err, fs.ErrNotExist) {
			set.Notes = append(set.Notes, withoutFile("fetaQA-v1_train.jsonl", "there is nothing to train on"))
			continue
		}
		if err != nil {
			return nil, err
		}
		list, err := parseFeTaQA(ctx, path, text)
		if err != nil {
			return nil, err
		}
		if err := checkSize(path, len(list), part.want, "questions"); err != nil {
			return nil, err
		}
		*part.source = list
	}
	return set, nil
}

// parseFeTaQA reads questions with their tables, one a line.
func parseFeTaQA(ctx context.Context, path string, text []byte) (Slice, error) {
	var list Slice
	err := eachLine(path, text, func(line int, text []byte) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		var s struct {
			ID       int64      `json:"feta_id"`
			Page     string     `json:"table_page_title"`
			Section  string     `json:"table_section_title"`
			Table    [][]string `json:"table_array"` // the header first
			Question string     `json:"question"`
			Answer   string     `json:"answer"`
		}
		if err := parseLine(path, line, text, &s); err != nil {
			return err
		}
		id := fmt.Sprintf("feta-%d", s.ID)
		if len(s.Table) == 0 {
			return notPublished(path, line, "question %s has no table", id)
		}
		t := &tables.Table{Name: id, Title: s.Page, Header: s.Table[0], Rows: s.Table[1:]}
		if s.Section != "" {
			t.Title += " / " + s.Section
		}
		if err := t.Check(); err != nil {
			return damaged(path, line, err)
		}
		list = append(list, Question{ID: id, Text: s.Question, Table: t, Answers: []string{s.Answer}, Label: NoLabel, Cell: noCell()})
		return nil
	})
	return list, err
}

// FeTaQA loads FeTaQA: [Load] of "fetaqa" with the standard options.
func FeTaQA(ctx context.Context, dir string) (*Set, error) {
	return Load(ctx, fetaqaInfo.Name, Options{Dir: dir})
}
