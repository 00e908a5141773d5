package main

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"

	"github.com/graft-ml/graft/motion/reconstruction"
	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
)

// evalClips prints the scores of a split of clips, and how each clip comes back from its tokens.
func (p *program) evalClips(trained *recipes.Trained, plan *recipes.Plan, split datasets.Split, scores *report.Table, run string, format report.Format) error {
	r, err := trained.Reconstruct(plan, split)
	if err != nil {
		return err
	}
	m, err := trained.Tokenizer()
	if err != nil {
		return err
	}
	unit := ""
	if trained.Motion.Unit > 0 {
		unit = " mm"
	}
	t := reportTable(run, trained.Summary.Epoch, split.String(), unit, r)
	if format != report.CSV {
		if err := scores.Write(p.out, format); err != nil {
			return err
		}
	}
	if err := t.Write(p.out, format); err != nil || !format.ForPeople() {
		return err
	}
	_, err = fmt.Fprintln(p.out, reportNote(r, m.Config.TimeStride()))
	return err
}

// reportTable tells, clip by clip, how a split comes back from its tokens, beside what is left of
// it where of as many frames as a step has only one is seen.
func reportTable(run string, epoch int, split, unit string, r *reconstruction.Report) report.Table {
	t := report.Table{Columns: []report.Column{
		{Key: "run", Hidden: true}, {Key: "epoch", Hidden: true}, {Key: "split", Hidden: true}, {Key: "clip"}, {Key: "frames", Right: true},
		{Key: "mpjpe", Heading: "mpjpe" + unit, Right: true}, {Key: "held", Heading: "held", Right: true},
		{Key: "interpolated", Right: true}, {Key: "codes", Right: true}, {Key: "perplexity", Right: true},
	}}
	distance := func(v float64) report.Cell { return report.Cell{Text: oneDecimal(v), Value: v} }
	for _, row := range append(r.Rows, r.All()) {
		t.Add(run, epoch, split, row.Clip, row.Frames, distance(row.MPJPE), distance(row.Held), distance(row.Interpolated), row.Codes, distance(row.Perplexity))
	}
	return t
}

// reportNote explains the columns to people.
func reportNote(r *reconstruction.Report, step int) string {
	return fmt.Sprintf("held: one frame of %d, kept until the next is seen; interpolated: straight lines between them; codes: different ones of %d", step, r.Codebook)
}
