package main

import (
	"fmt"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/report"
)

// nothingCounted refuses options of info that are about sets whose items are counted.
func nothingCounted(c *cli.Context, name, of string) error {
	for _, flag := range []string{"plot", "protocol", "data"} {
		if c.IsSet(flag) {
			return misuse("graft datasets info: --%s is about sets of graphs: of %s, which is one of %s, nothing is counted", flag, name, of)
		}
	}
	return nil
}

// printKnown prints what is known of a set whose items are not counted, and what others measured
// on it: for people two tables, as JSON one object, as CSV the properties.
func (p *program) printKnown(name string, rows []property, figures property, published *report.Table, format report.Format) error {
	switch format {
	case report.JSON:
		t := report.Table{Rows: [][]any{nil}}
		for _, r := range append(rows, figures) {
			t.Columns, t.Rows[0] = append(t.Columns, report.Column{Key: r.key}), append(t.Rows[0], r.value)
		}
		return t.Write(p.out, format)
	case report.CSV:
		t := report.Table{Columns: []report.Column{{Key: "property"}, {Key: "value"}}}
		for _, r := range rows {
			t.Add(r.key, fmt.Sprint(r.value))
		}
		return t.Write(p.out, format)
	}
	t := report.Table{Columns: []report.Column{{Key: "property"}, {Key: "value", Heading: name, Wrap: 72}}}
	for _, r := range rows[1:] {
		if r.told() {
			t.Add(r.heading, r.value)
		}
	}
	if err := t.Write(p.out, format); err != nil || len(published.Rows) == 0 {
		return err
	}
	if _, err := fmt.Fprintln(p.out); err != nil {
		return err
	}
	return published.Write(p.out, format)
}
