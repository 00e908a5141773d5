package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/recipes"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// mapSide is about how many pixels high and wide the picture of a map is.
const mapSide = 320

// explainImage shows which parts of a picture the answer of a model comes from.
func (p *program) explainImage(c *cli.Context, run, path string, format report.Format) error {
	out := c.String("out")
	if out != "" && !strings.EqualFold(filepath.Ext(out), ".png") {
		return misuse("graft explain: --out is %q: the map of a picture is one too: want a file that ends in .png", out)
	}
	trained, err := open(c, run)
	if err != nil {
		return err
	}
	if !readsImages(trained) {
		wants := "what is shown of a model is how it reads a table with a question, or an image"
		if trained.Recipe.Data.Kind == recipes.TableSet {
			wants = "its tables want a question behind them"
		}
		return misuse("graft explain: the run %s learned from %s (%s), not from images: %s; usage: %s %s",
			run, trained.Recipe.Data.Title(), trained.Recipe.Data.Items(), wants, commandPath(c), c.Command.ArgsUsage)
	}
	for _, f := range c.Command.Flags {
		if name := f.Names()[0]; c.IsSet(name) && !slices.Contains([]string{"out", "checkpoint", "format"}, name) && !isLimit(name) {
			return misuse("graft explain: --%s is about tables, and the run %s learned from images: leave it out", name, run)
		}
	}
	if err := allow(c, &trained.Recipe.Data.Images.Limits); err != nil {
		return err
	}
	m, err := trained.ReadImage(path)
	if err != nil {
		return err
	}
	maps, err := trained.Relevance([]*images.Image{m})
	if err != nil {
		return err
	}
	t, err := relevanceTable(c, trained, path, m, maps[0])
	if err != nil {
		return err
	}
	if err := t.Write(p.out, format); err != nil || out == "" {
		return err
	}
	return report.WriteOverlay(out, overlay(m, maps[0]))
}

// relevanceTable tells the answer, and what it comes from most and least.
func relevanceTable(c *cli.Context, trained *recipes.Trained, path string, m *images.Image, r vision.Relevance) (*report.Table, error) {
	t := &report.Table{Columns: []report.Column{
		{Key: "file"}, {Key: "class"}, {Key: "probability", Right: true}, {Key: "patches"}, {Key: "row", Heading: "most from row", Right: true}, {Key: "column", Right: true},
		{Key: "largest", Heading: "its share", Right: true}, {Key: "least", Heading: "least share", Right: true},
	}}
	most := slices.Index(r.Values, slices.Max(r.Values))
	err := trained.PredictImages(c.Context, []*images.Image{m}, func(_ int, scores *tensor.Tensor) error {
		p := trained.Images.Probabilities(scores.Row(0))
		best := slices.Index(p, slices.Max(p))
		t.Add(path, trained.Images.Classes[best], probability(p[best]), fmt.Sprintf("%d by %d", r.Grid.Height, r.Grid.Width),
			most/r.Grid.Width, most%r.Grid.Width, patchShare(r.Values[most]), patchShare(slices.Min(r.Values)))
		return nil
	})
	return t, err
}

// patchShare is the share of a patch as people and programs read it.
func patchShare(v float32) report.Cell {
	return report.Cell{Text: fmt.Sprintf("%.2f %%", 100*v), Value: float64(v)}
}

// overlay is the map over the picture, both enlarged to be seen.
func overlay(m *images.Image, r vision.Relevance) report.Overlay {
	by := max(mapSide/max(m.Height, m.Width), 1)
	r.Cell.Height, r.Cell.Width = by*r.Cell.Height, by*r.Cell.Width
	size := tensor.Size{Height: by * m.Height, Width: by * m.Width}
	return report.Overlay{Picture: m.Resize(size.Height, size.Width, images.Nearest).Standard(), Values: r.Resize(size)}
}
