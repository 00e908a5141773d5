package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/report"
	"github.com/graft-ml/graft/studies/expressivity"
)

const expressivityManual = `Counts the pairs of graphs that tests tell apart: colour refinement (wl, the
1-WL test, which bounds message passing), the bounds of encodings (rwse, spd
for Graphormer, rrwp for GRIT), pairwise colour refinement (wl2, which is
3-WL), GRIT with random weights (grit), and GRIT trained for each pair by the
protocol of BREC (rpc). It prints a row for each set, or for each category of
its pairs. --list says what tests and sets there are.

The first five are exact: they compute with whole numbers, and never tell a
graph from itself. For those with models "copies apart" counts the graphs, or
for rpc the pairs, for which relabelled copies of a graph looked apart too,
which is rounding; it should be 0.

rpc takes seconds for a pair of small graphs and minutes for one of large
ones: choose some with --pairs, the first of each category, or --categories.

With --out the verdict on each pair is kept in verdicts.jsonl in a folder, and
the same command goes on there after an interruption.

textbook and csl are built in; the other sets are files, see graft datasets
info.

Examples:

   graft bench expressivity
   graft bench expressivity --sets brec --data data --format markdown
   graft bench expressivity --sets brec --tests rrwp --steps 8
   graft bench expressivity --sets brec --categories Basic --tests rpc --pairs 10 --out runs/brec`

// Without options: what is built in, by the tests that are exact.
const (
	defaultSets  = "textbook,csl"
	defaultTests = "wl,rwse,spd,rrwp,wl2"
)

func (p *program) expressivityCommand() *cli.Command {
	return &cli.Command{
		Name: "expressivity", Usage: "count the pairs of graphs that tests, encodings and GRIT tell apart", Description: expressivityManual,
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "list", Usage: "say which tests and sets there are, and test nothing"},
			&cli.StringFlag{Name: "sets", Value: defaultSets, Usage: "`NAMES` with commas between them"},
			&cli.StringFlag{Name: "categories", Usage: "only pairs of these, `NAMES` with commas between them"},
			&cli.IntFlag{Name: "pairs", Usage: "only the first `N` pairs of each set or category"},
			&cli.StringFlag{Name: "tests", Value: defaultTests, Usage: "`NAMES` with commas between them"},
			&cli.IntFlag{Name: "steps", Usage: "`N` walk lengths, from 0, of rwse, rrwp, grit and rpc", DefaultText: fmt.Sprint(expressivity.DefaultSteps)},
			&cli.IntFlag{Name: "seeds", Usage: "`N` models of random weights for grit, or trainings for each pair of rpc", DefaultText: "3 and 1"},
			&cli.IntFlag{Name: "layers", Usage: "`N` layers of the models", DefaultText: "4"},
			&cli.IntFlag{Name: "width", Usage: "`N` features of a node in the models", DefaultText: "32"},
			&cli.IntFlag{Name: "epochs", Usage: "`N` times that rpc sees the copies of a pair", DefaultText: "20"},
			&cli.Float64Flag{Name: "lr", Usage: "learning `RATE` of rpc", DefaultText: "1e-4"},
			dataFlag(),
			&cli.StringFlag{Name: "out", Usage: "`FOLDER` to keep verdicts in and to go on from"},
			formatFlag(),
		},
		Action: p.benchExpressivity, BashComplete: p.completeExpressivity,
	}
}

func (p *program) benchExpressivity(c *cli.Context) error {
	_, format, err := argumentsAndFormat(c, 0, 0)
	if err != nil {
		return err
	}
	if c.Bool("list") {
		return p.listExpressivity(format)
	}
	study, err := expressivityOf(c)
	if err != nil {
		return err
	}
	status := p.watchStudy()
	defer status.Clear()
	study.OnProgress = func(now expressivity.Progress) {
		status.show(func() string {
			return fmt.Sprintf("%s: %s of %s %s", inPart(now.Test, now.Set, now.Category), report.Count(now.Done), report.Count(now.Of), now.What)
		})
	}
	study.OnRow = func(r expressivity.Row) error {
		status.Clear()
		if format != report.JSON {
			if r.Seconds < 1 {
				return nil // the table comes at once
			}
			fmt.Fprintf(p.errOut, "%s: %s of %s pairs apart in %s\n", inPart(r.Test, r.Set, r.Category), report.Count(r.Apart), report.Count(r.Pairs), report.Duration(seconds(r.Seconds)))
			return nil
		}
		one := verdictsTable()
		addVerdicts(&one, r)
		return one.Write(p.out, format)
	}
	rows, err := study.Run(c.Context)
	status.Clear()
	if len(rows) > 0 && format != report.JSON {
		err = errors.Join(err, p.showExpressivity(rows, format))
	}
	return p.endOfStudy(c, err, "all verdicts but that on the pair at hand are saved")
}

// inPart says which test is about which pairs.
func inPart(test, set, category string) string {
	if category != "" {
		set += ", " + category
	}
	return test + " on " + set
}

// expressivityOf makes the study of the options.
func expressivityOf(c *cli.Context) (expressivity.Study, error) {
	study := expressivity.Study{Dir: c.String("out")}
	o := expressivity.Options{LR: c.Float64("lr")}
	pairs, seeds := 0, 0
	for _, n := range []struct {
		flag string
		to   *int
	}{{"steps", &o.Steps}, {"layers", &o.Layers}, {"width", &o.Width}, {"epochs", &o.Epochs}, {"seeds", &seeds}, {"pairs", &pairs}} {
		if *n.to = c.Int(n.flag); c.IsSet(n.flag) && *n.to < 1 {
			return study, misuse("graft bench expressivity: --%s %d: want at least 1", n.flag, *n.to)
		}
	}
	if c.IsSet("lr") && !(o.LR > 0) {
		return study, misuse("graft bench expressivity: --lr %v: want a number above 0", o.LR)
	}
	for seed := range seeds {
		o.Seeds = append(o.Seeds, uint64(seed+1))
	}
	for _, name := range list(c.String("tests")) {
		tests, err := expressivity.TestsByName(name, o)
		if err != nil {
			return study, misuse("graft bench expressivity: %s (graft bench expressivity --list has all tests)", message(err))
		}
		study.Tests = append(study.Tests, tests...)
	}
	for _, name := range list(c.String("sets")) {
		if !slices.Contains(expressivity.SetNames(), name) {
			return study, misuse("graft bench expressivity: %s (graft bench expressivity --list has all sets)", nearest.Unknown("set", name, expressivity.SetNames()))
		}
		set, err := expressivity.Load(c.Context, name, datasets.Options{Dir: c.String("data")})
		if err != nil {
			return study, err
		}
		if c.IsSet("categories") {
			if set, err = set.Only(list(c.String("categories"))...); err != nil {
				return study, misuse("graft bench expressivity: --categories: %s", message(err))
			}
		}
		set = set.First(pairs)
		if n := set.Size(); n > expressivity.MostJudged {
			for _, t := range study.Tests {
				if t.Judge != nil {
					return study, misuse("graft bench expressivity: %s trains a model for each pair, and %s has %s: choose some with --pairs", t.Name, name, report.Count(n))
				}
			}
		}
		study.Sets = append(study.Sets, set)
	}
	return study, nil
}

// list parts names at commas.
func list(text string) []string {
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

// verdictsTable is the table for programs: a row for a test and a set or category.
func verdictsTable() report.Table {
	return report.Table{Columns: []report.Column{
		{Key: "set"}, {Key: "category"}, {Key: "test"}, {Key: "setting"}, {Key: "seed"}, {Key: "pairs"}, {Key: "apart"},
		{Key: "copies"}, {Key: "copiesApart"}, {Key: "seconds"},
	}}
}

func addVerdicts(t *report.Table, r expressivity.Row) {
	t.Add(r.Set, r.Category, r.Test, r.Setting, r.Seed, r.Pairs, r.Apart, r.Copies, r.CopiesApart, r.Seconds)
}

// showExpressivity prints the rows in a format that needs all of them.
func (p *program) showExpressivity(rows []expressivity.Row, format report.Format) error {
	if !format.ForPeople() {
		t := verdictsTable()
		for _, r := range rows {
			addVerdicts(&t, r)
		}
		return t.Write(p.out, format)
	}
	t := report.Table{Title: "Pairs of graphs told apart", Columns: []report.Column{{Key: "set"}, {Key: "category"}, {Key: "pairs", Right: true}}}
	tests := columnsOf(rows)
	for _, name := range tests {
		t.Columns = append(t.Columns, report.Column{Key: name, Right: true})
	}
	t.Columns = append(t.Columns, report.Column{Key: "copies apart", Right: true}, report.Column{Key: "time", Right: true})
	for _, line := range linesOf(rows) {
		values := []any{line.set, line.category, report.Cell{Text: report.Count(line.pairs), Value: line.pairs}}
		for _, name := range tests {
			apart, done := line.apart[name]
			if !done {
				values = append(values, nil)
				continue
			}
			values = append(values, apartCell(apart, line.pairs))
		}
		t.Add(append(values, line.copiesApart, seconds(line.seconds))...)
	}
	return t.Write(p.out, format)
}

// apartCell writes a number of pairs, and where there are very many that of the others.
func apartCell(apart, pairs int) report.Cell {
	if equal := pairs - apart; pairs > 1_000_000 && equal < pairs/100 {
		return report.Cell{Text: "all but " + report.Count(equal), Value: apart}
	}
	return report.Cell{Text: report.Count(apart), Value: apart}
}

// testLine is a line for people: all tests of a set or a category.
type testLine struct {
	set, category      string
	pairs, copiesApart int
	apart              map[string]int // by column
	seconds            float64
}

// columnName is that of the test of a row; trainings of several seeds have one each.
func columnName(r expressivity.Row, seeds bool) string {
	if r.Seed > 0 && seeds {
		return fmt.Sprintf("%s %d", r.Test, r.Seed)
	}
	return r.Test
}

func severalSeeds(rows []expressivity.Row) bool {
	return slices.ContainsFunc(rows, func(r expressivity.Row) bool { return r.Seed > 1 })
}

// columnsOf lists the columns of tests in their order.
func columnsOf(rows []expressivity.Row) []string {
	var names []string
	for _, r := range rows {
		if name := columnName(r, severalSeeds(rows)); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// linesOf puts the tests of each set and category together, with a sum below the categories of a set.
func linesOf(rows []expressivity.Row) []*testLine {
	var lines []*testLine
	find := func(set, category string) *testLine {
		for _, l := range lines {
			if l.set == set && l.category == category {
				return l
			}
		}
		l := &testLine{set: set, category: category, apart: map[string]int{}}
		lines = append(lines, l)
		return l
	}
	add := func(l *testLine, r expressivity.Row) {
		l.apart[columnName(r, severalSeeds(rows))] += r.Apart
		l.copiesApart += r.CopiesApart
		l.seconds += r.Seconds
	}
	var sets []string
	for _, r := range rows {
		if !slices.Contains(sets, r.Set) {
			sets = append(sets, r.Set)
		}
	}
	for _, set := range sets {
		begin := len(lines)
		for _, r := range rows {
			if r.Set == set {
				l := find(r.Set, r.Category)
				l.pairs = r.Pairs
				add(l, r)
			}
		}
		if parts := lines[begin:]; len(parts) > 1 {
			sum := find(set, "all")
			for _, l := range parts {
				sum.pairs += l.pairs
			}
			for _, r := range rows {
				if r.Set == set {
					add(sum, r)
				}
			}
		}
	}
	return lines
}

// listExpressivity prints what there is.
func (p *program) listExpressivity(format report.Format) error {
	t := report.Table{Columns: []report.Column{{Key: "kind"}, {Key: "name"}, {Key: "about", Wrap: 60}}}
	for _, name := range expressivity.TestNames() {
		t.Add("test", name, expressivity.About(name))
	}
	for _, name := range expressivity.SetNames() {
		t.Add("set", name, expressivity.AboutSet(name))
	}
	return t.Write(p.out, format)
}

// completeExpressivity completes tests behind --tests, sets behind --sets, and options.
func (p *program) completeExpressivity(c *cli.Context) {
	switch p.wordBefore() {
	case "--tests", "-tests":
		fmt.Fprintln(c.App.Writer, strings.Join(expressivity.TestNames(), "\n"))
	case "--sets", "-sets":
		fmt.Fprintln(c.App.Writer, strings.Join(expressivity.SetNames(), "\n"))
	case "--categories", "-categories":
		fmt.Fprintln(c.App.Writer, strings.Join(datasets.BRECCategories(), "\n"))
	default:
		p.completeFlags(c)
	}
}
