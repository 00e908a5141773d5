package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/tables/decoder"
)

const explainManual = `Shows how a model weighs the two orders in which it reads a table. A model
with the encoding two-order (2D-TPE) reads every table row by row and column
by column at once, and a router in each layer decides for every token and
head how much of either it takes. This prints the mean weight of the column
order over the cells, for each layer and head: 0 is rows alone, 1 columns
alone.

--out draws the weight of every cell, and of the tokens of the question, as
a picture (.png), of the layer and head that are asked for or of their mean,
or as a page (.html) on which layer and head can be chosen. Layers and heads
count from 0.

Of a model of images it shows which parts of a picture the answer comes from,
by attention rollout: how much of what the last layer reads comes from which
patch, by the attention weights of all layers. --out draws the picture, and
beside it in gray under the map in orange (.png). --max-pixels, --max-file
and --max-decoded allow larger pictures than in training.

Examples:

   graft explain runs/locating table.csv "value +1 rows down +2 columns right of * ?"
   graft explain --layer 1 --head 0 --out map.png runs/wtq cities.csv "which city had the games in 1960 ?"
   graft explain --out map.png runs/fashion shoe.png
   graft explain --out map.html runs/wtq cities.csv "which city had the games in 1960 ?"`

func (p *program) explainCommand() *cli.Command {
	return &cli.Command{
		Name: "explain", Usage: "show how a model reads a table, or a picture", Description: explainManual, ArgsUsage: "RUN TABLE QUESTION, or RUN IMAGE",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "out", Aliases: []string{"o"}, Usage: "draw a heat map into `FILE`, .png, or of a table .html"},
			&cli.IntFlag{Name: "layer", DefaultText: "the mean over all", Usage: "draw layer `N`, from 0"},
			&cli.IntFlag{Name: "head", DefaultText: "the mean over all", Usage: "draw head `N`, from 0"},
			checkpointFlag(), formatFlag(),
		}, append(tableFlags(), limitFlags()...)...),
		Action: p.explain,
	}
}

func (p *program) explain(c *cli.Context) error {
	args, format, err := argumentsAndFormat(c, 2, 3)
	if err != nil {
		return err
	}
	if len(args) == 2 {
		return p.explainImage(c, args[0], args[1], format)
	}
	if err := noLimits(c); err != nil {
		return err
	}
	out := c.String("out")
	ending := strings.ToLower(filepath.Ext(out))
	switch {
	case out != "" && ending != ".png" && ending != ".html":
		return misuse("graft explain: --out is %q: want a file that ends in .png or .html", out)
	case out == "" && (c.IsSet("layer") || c.IsSet("head")):
		return misuse("graft explain: --layer and --head choose what is drawn: say where to with --out")
	}
	q, err := p.tableQuestion(c, args)
	if err != nil {
		return err
	}
	layer, err := chosen(c, "layer", q.model.Config.Layers)
	if err != nil {
		return err
	}
	head, err := chosen(c, "head", q.model.Config.Heads)
	if err != nil {
		return err
	}
	x, err := q.model.Explain(c.Context, q.table.Table, q.question, q.options)
	if err != nil {
		return q.table.explain(err)
	}
	p.tellRows(q, len(x.Table.Rows))
	if err := weightTable(x).Write(p.out, format); err != nil || out == "" {
		return err
	}
	h := heatMap(x, layer, head)
	if ending == ".png" {
		err = report.WriteHeatMap(out, h)
	} else {
		err = report.WriteHeatMapPage(out, h)
	}
	return err
}

// chosen is the layer or head that is asked for.
func chosen(c *cli.Context, name string, n int) (int, error) {
	if !c.IsSet(name) {
		return decoder.All, nil
	}
	k := c.Int(name)
	if k < 0 || k >= n {
		return 0, misuse("graft explain: --%s is %d: the model has %d, want 0 to %d", name, k, n, n-1)
	}
	return k, nil
}

// weightTable has the mean weights of the cells, a row a layer.
func weightTable(x *decoder.Explanation) *report.Table {
	t := &report.Table{Title: "mean weight of the column order over the cells", Columns: []report.Column{{Key: "layer"}}}
	for h := range x.Heads {
		t.Columns = append(t.Columns, report.Column{Key: fmt.Sprint("head", h), Heading: fmt.Sprint("head ", h), Right: true})
	}
	t.Columns = append(t.Columns, report.Column{Key: "mean", Right: true})
	row := func(name string, layer int) {
		values := []any{name}
		for h := range x.Heads {
			values = append(values, weight(x.Mean(layer, h)))
		}
		t.Add(append(values, weight(x.Mean(layer, decoder.All)))...)
	}
	for l := range x.Layers {
		row(strconv.Itoa(l), l)
	}
	row(meanName, decoder.All)
	return t
}

// weight is a weight as people and programs read it.
func weight(v float64) report.Cell { return report.Cell{Text: fmt.Sprintf("%.3f", v), Value: v} }

// meanName stands for the mean over all layers or heads.
const meanName = "mean"

// heatMap is an explanation as a picture, with the view that is asked for in front.
func heatMap(x *decoder.Explanation, layer, head int) report.HeatMap {
	h := report.HeatMap{
		Title: x.Question, Note: filepath.Base(x.Table.Name), Low: "row by row", High: "column by column",
		Cells: x.Table.Cells(), By: []string{"layer", "head"},
	}
	for _, t := range x.Tokens {
		h.Words = append(h.Words, t.Text)
	}
	for _, l := range first(layer, x.Layers) {
		for _, k := range first(head, x.Heads) {
			v := report.HeatView{At: []string{named(l), named(k)}, Values: x.Map(l, k)}
			for t := range x.Tokens {
				v.Words = append(v.Words, x.Weight(t, l, k))
			}
			h.Views = append(h.Views, v)
		}
	}
	return h
}

// first lists the mean and all numbers below n, k in front.
func first(k, n int) []int {
	list := []int{k}
	for other := decoder.All; other < n; other++ {
		if other != k {
			list = append(list, other)
		}
	}
	return list
}

// named is a layer or a head as people read it.
func named(k int) string {
	if k == decoder.All {
		return meanName
	}
	return strconv.Itoa(k)
}
