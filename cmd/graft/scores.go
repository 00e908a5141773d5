package main

import (
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/train"
)

// scoreTable has a column for each score.
func scoreTable(scores train.Scores) report.Table {
	t := report.Table{Columns: []report.Column{{Key: "run", Hidden: true}, {Key: "epoch", Hidden: true}, {Key: "split"}}}
	for _, s := range scores {
		t.Columns = append(t.Columns, report.Column{Key: s.Name, Right: true})
	}
	return t
}

func addScores(t *report.Table, run string, epoch int, split string, scores train.Scores) {
	row := []any{run, epoch, split}
	for _, s := range scores {
		row = append(row, s.Value)
	}
	if len(scores) > 0 {
		t.Rows = append(t.Rows, row)
	}
}
