package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	tablefiles "github.com/graft-ml/graft/tables/open"
	"github.com/graft-ml/graft/train"
)

// tableFlags are the options of commands that read a table of the user's for a model.
func tableFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "delimiter", DefaultText: "found out", Usage: "`CHARACTER` between the cells of delimited text; tab for the tabulator"},
		&cli.StringFlag{Name: "quote", Value: tables.QuoteDouble.String(), Usage: "`QUOTE` around cells of delimited text: double, single or none"},
		&cli.StringFlag{Name: "sheet", DefaultText: "the first", Usage: "sheet of a workbook: `NAME`"},
		&cli.BoolFlag{Name: "no-header", Usage: "the first row is data"},
		&cli.StringFlag{Name: "ragged", Value: tables.RaggedRefuse.String(), Usage: "rows of another width than the header: `WAY`, refuse, pad (short ones) or fit (long ones too)"},
		&cli.IntFlag{Name: "rows", DefaultText: "all", Usage: "read the first `N` rows only"},
		&cli.BoolFlag{Name: "truncate", Usage: "leave out the last rows of a table that is longer than the model reads"},
	}
}

// tableOptions are what the options say.
func tableOptions(c *cli.Context) (o tablefiles.Options, err error) {
	o.Workbook.Sheet = c.String("sheet")
	o.Rows.NoHeader, o.Rows.MaxRows = c.Bool("no-header"), c.Int("rows")
	if c.IsSet("rows") && o.Rows.MaxRows < 1 {
		return o, misuse("%s: --rows is %d: want a positive number", commandPath(c), o.Rows.MaxRows)
	}
	if err := o.Rows.Ragged.UnmarshalText([]byte(c.String("ragged"))); err != nil {
		return o, misuse("%s: --ragged: %s", commandPath(c), err)
	}
	if err := o.Dialect.Quote.UnmarshalText([]byte(c.String("quote"))); err != nil {
		return o, misuse("%s: --quote: %s", commandPath(c), err)
	}
	switch text := c.String("delimiter"); {
	case text == "tab" || text == `\t`:
		o.Dialect.Comma = '\t'
	case utf8.RuneCountInString(text) > 1:
		return o, misuse("%s: --delimiter is %q: want one character, or tab", commandPath(c), text)
	case text != "":
		o.Dialect.Comma, _ = utf8.DecodeRuneInString(text)
	}
	return o, nil
}

// shortestRow is the fewest tokens of a row: a cell with its bar, the end of the row, a dash with its bar, its end.
const shortestRow = 6

// longTable is a table of which only the rows are held that could fit into what a model reads.
type longTable struct {
	*tables.Table
	rows   int // of the file, those that are not held included
	tokens int // of the rows that are not held
}

// readTable reads the table in a file for a model. Rows beyond those that the model could read are counted, or with
// truncate not even looked at, and never held: the file may be of any length.
func readTable(path string, o tablefiles.Options, m *decoder.Model, truncate bool) (*longTable, error) {
	s, err := tablefiles.NewStream(path, o)
	if err != nil {
		return nil, err
	}
	defer s.Close() // only read from: closing cannot lose anything
	t := &longTable{Table: &tables.Table{Name: path, Header: slices.Clone(s.Header())}}
	most := m.Config.MaxTokens/shortestRow + 1
	for {
		cells, err := s.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if t.rows++; t.rows <= most {
			t.Rows = append(t.Rows, slices.Clone(cells))
			continue
		}
		if truncate {
			t.rows = most
			break
		}
		t.tokens += m.RowTokens(cells)
	}
	t.Notes = s.Notes()
	return t, nil
}

// explain completes the error of a table that is too long.
func (t *longTable) explain(err error) error {
	var long *tables.LongError
	if !errors.As(err, &long) {
		return err
	}
	whole := *long
	whole.Tokens, whole.Rows = long.Tokens+t.tokens, t.rows
	if whole.Fit == 0 {
		return &whole
	}
	return fmt.Errorf("%w (--truncate does so, --rows N takes fewer)", &whole)
}

// openTableRun opens a model that reads tables: of a run folder, or of one that decoder.Save has written.
func openTableRun(c *cli.Context, dir string) (*decoder.Model, error) {
	if !exists(filepath.Join(dir, train.ConfigName)) && exists(filepath.Join(dir, decoder.FileName)) {
		return decoder.Load(dir)
	}
	trained, err := open(c, dir)
	if err != nil {
		return nil, err
	}
	m, ok := trained.Model.(*decoder.Model)
	if !ok {
		return nil, fmt.Errorf("the run %s learned from %s (%s), and %s wants a model that answers questions of tables: name the run of one, or train one (graft configs lists what there is)", dir, trained.Recipe.Data.Title(), trained.Recipe.Data.Items(), commandPath(c))
	}
	return m, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// tableQuestion is what ask and explain begin with: a model, a table and a question.
type tableQuestion struct {
	model    *decoder.Model
	table    *longTable
	question string
	options  decoder.AskOptions
}

func (p *program) tableQuestion(c *cli.Context, args []string) (*tableQuestion, error) {
	o, err := tableOptions(c)
	if err != nil {
		return nil, err
	}
	q := &tableQuestion{question: strings.TrimSpace(args[2]), options: decoder.AskOptions{CutRows: c.Bool("truncate")}}
	if q.question == "" {
		return nil, misuse("%s: the question is empty; put it in quotes behind the table", commandPath(c))
	}
	if q.model, err = openTableRun(c, args[0]); err != nil {
		return nil, err
	}
	if q.table, err = readTable(args[1], o, q.model, q.options.CutRows); err != nil {
		return nil, err
	}
	p.tellNotes(q)
	return q, nil
}

// tellNotes tells what was repaired of the table, and which words of the question the model does not know.
func (p *program) tellNotes(q *tableQuestion) {
	for _, note := range q.table.Notes {
		fmt.Fprintf(p.errOut, "graft: %s: %s\n", q.table.Name, note)
	}
	if closed, ok := q.model.Tokenizer.(interface{ Missing(text string) []string }); ok {
		if words := closed.Missing(q.question); len(words) > 0 {
			fmt.Fprintf(p.errOut, "graft: the model has never seen, and cannot tell apart: %s\n", strings.Join(words, ", "))
		}
	}
}

// tellRows tells of how many rows were read, where it was not all.
func (p *program) tellRows(q *tableQuestion, rows int) {
	if rows < len(q.table.Rows) {
		fmt.Fprintf(p.errOut, "graft: %s: the first %d rows were read, more do not fit\n", q.table.Name, rows)
	}
}
