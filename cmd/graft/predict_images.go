package main

import (
	"bufio"
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision/images"
)

// readsImages tells whether a model was trained on images.
func readsImages(t *recipes.Trained) bool { return t.Images != nil }

// predictImages answers image files with their classes and the probabilities of all.
func (p *program) predictImages(c *cli.Context, trained *recipes.Trained, paths []string, limit int64) error {
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	for _, flag := range []string{"nodes", "smiles-column"} {
		if c.IsSet(flag) {
			return misuse("graft predict: --%s: the model was trained on images, not on graphs: leave it out", flag)
		}
	}
	if len(paths) == 0 || slices.Contains(paths, "-") {
		return misuse("graft predict: name the image files behind the run: %s", c.Command.ArgsUsage)
	}
	if err := allow(c, &trained.Recipe.Data.Images.Limits); err != nil {
		return err
	}
	memory, err := trained.ImageMemory(len(paths))
	if err != nil {
		return err
	}
	if err := memory.Check(limit); err != nil {
		return overLimit(err)
	}
	j := &imagePredictions{predictions: &predictions{p: p, ctx: c.Context, trained: trained, skipBad: c.Bool("skip-bad")}, people: format.ForPeople()}
	j.table = answersOfImages(trained.Images.Classes, j.people)
	return p.writeTo(c.String("out"), func(out *bufio.Writer, _ func() error) error {
		for batch := range slices.Chunk(paths, trained.Recipe.Train.EvalBatchSize) {
			if err := j.batch(batch); err != nil {
				return err
			}
		}
		if err := j.table.Write(out, format); err != nil {
			return err
		}
		j.summary()
		return nil
	})
}

// imagePredictions is the work of predict for images.
type imagePredictions struct {
	*predictions
	table  report.Table
	people bool // read the table, and not programs
}

// answersOfImages is a table for answers: people get the likeliest class and the one behind it,
// programs the probabilities of all.
func answersOfImages(classes []string, people bool) report.Table {
	t := report.Table{Columns: []report.Column{{Key: "file"}, {Key: "class"}, {Key: "probability", Right: true}}}
	if people {
		t.Columns = append(t.Columns, report.Column{Key: "next", Heading: "or else"}, report.Column{Key: "nextProbability", Heading: "probability", Right: true})
		return t
	}
	for _, class := range classes {
		t.Columns = append(t.Columns, report.Column{Key: "probability_" + class})
	}
	return t
}

// batch answers some files, those that cannot be used left out where that is wanted.
func (j *imagePredictions) batch(paths []string) error {
	read, failed := j.trained.ReadImages(paths)
	var list []*images.Image
	var names []string
	for k, err := range failed {
		if err == nil {
			list, names = append(list, read[k]), append(names, paths[k])
		} else if err := j.bad(err); err != nil {
			return err
		}
	}
	j.used += len(list)
	return j.trained.PredictImages(j.ctx, list, func(first int, scores *tensor.Tensor) error {
		for k := range scores.Rows() {
			j.table.Rows = append(j.table.Rows, j.answer(names[first+k], scores.Row(k)))
		}
		return nil
	})
}

// answer is the row of an image.
func (j *imagePredictions) answer(name string, scores []float32) []any {
	classes, p := j.trained.Images.Classes, j.trained.Images.Probabilities(scores)
	best := slices.Index(p, slices.Max(p))
	row := []any{name, classes[best], probability(p[best])}
	if !j.people {
		for _, v := range p {
			row = append(row, v)
		}
		return row
	}
	next := -1
	for c := range p {
		if c != best && (next < 0 || p[c] > p[next]) {
			next = c
		}
	}
	return append(row, classes[next], probability(p[next]))
}

// probability is one as people and programs read it.
func probability(v float64) report.Cell { return report.Cell{Text: fmt.Sprintf("%.3f", v), Value: v} }
