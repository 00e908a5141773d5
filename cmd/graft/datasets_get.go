package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/fetch"
	"github.com/graft-ml/graft/report"
)

const getManual = `Fetches data sets from the addresses where their authors put them, into the
folder where graft looks for data: $XDG_CACHE_HOME/graft (on Linux mostly
~/.cache/graft), or DIR of --data, which is then to be named with --data or
GRAFT_DATA later on too.

What is there already is hashed and not fetched again; a download that was
cut off goes on where it stopped; nothing is opened before its size and hash
are right, where these are published: the table says for each set how far
that is so. Archives of graphs are unpacked, and pickles written in the form
that graft reads. graft datasets get --list shows what can be fetched; of other
sets it says what to get, and where to put it.

Without network, put the files where the error message says; the command
then checks and unpacks them. --mirror URL asks a copy of such a folder
first, on whatever web server.

Licences differ: see graft datasets info NAME.

Examples:

   graft datasets get esol mutag
   graft datasets get --data data zinc`

func (p *program) datasetsGetCommand() *cli.Command {
	return &cli.Command{
		Name: "get", Usage: "fetch data sets from their official addresses", ArgsUsage: "NAME...", Description: getManual,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "data", Usage: "put the files below `DIR` (default: graft in the user's cache folder)"},
			&cli.BoolFlag{Name: "force", Usage: "fetch everything again, whatever is there"},
			&cli.BoolFlag{Name: "offline", Usage: "ask no server: check and unpack what is there, and say what is missing"},
			&cli.StringFlag{Name: "mirror", Usage: "ask `URL`, a copy of a data folder, before the official addresses"},
			&cli.BoolFlag{Name: "list", Usage: "list what can be fetched, and how far it is verified"},
			formatFlag(),
		},
		Action:       p.datasetsGet,
		BashComplete: p.completeNames(fetch.Names),
	}
}

func (p *program) datasetsGet(c *cli.Context) error {
	least, most := 1, len(c.Args().Slice())
	if c.Bool("list") {
		least, most = 0, 0
	}
	args, format, err := argumentsAndFormat(c, least, most)
	if err != nil {
		return err
	}
	if c.Bool("list") {
		return p.listItems(format)
	}
	if c.Bool("force") && c.Bool("offline") {
		return misuse("graft datasets get: --force fetches everything again, --offline nothing: choose one")
	}
	var items []fetch.Item
	for _, name := range args {
		item, err := p.findItem(name, c.String("data"))
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	t := report.Table{Columns: []report.Column{
		{Key: "name"}, {Key: "state"}, {Key: "files", Right: true}, {Key: "size", Right: true}, {Key: "folder"}, {Key: "verified", Wrap: 50},
	}}
	for _, item := range items {
		show := newTransfers(p)
		result, err := fetch.Cache{Dir: c.String("data")}.Get(c.Context, item, fetch.Options{
			Progress: show.progress, Force: c.Bool("force"), Offline: c.Bool("offline"), Mirror: c.String("mirror"),
		})
		show.bar.Clear()
		if err != nil {
			return fetchError(err)
		}
		state, size := "was there", int64(0)
		switch {
		case result.Fetched > 0:
			state = "fetched"
		case result.Changed:
			state = "checked"
		}
		for _, f := range result.Files {
			size += f.Size
		}
		t.Add(item.Name, state, len(result.Files), report.Cell{Text: report.Bytes(size), Value: size}, result.Dir, item.Verified)
	}
	return t.Write(p.out, format)
}

// findItem explains of a data set why it cannot be fetched.
func (p *program) findItem(name, dir string) (fetch.Item, error) {
	item, err := fetch.Find(name)
	if err == nil {
		return item, nil
	}
	if s, unknown := p.otherSet(name); unknown == nil {
		return item, s.unfetched(dir)
	}
	info, known := datasets.Describe(name)
	switch {
	case known != nil:
		return item, misuse("%s", strings.TrimPrefix(err.Error(), "fetch: "))
	case info.Generated:
		return item, generatedSet(name)
	}
	return item, misuse("%s has no address from which it could be fetched; get %s", name, info.Origin)
}

// fetchError leaves out the package in front of each of several errors.
func fetchError(err error) error {
	var several interface{ Unwrap() []error }
	if !errors.As(err, &several) {
		return &fetchFailed{strings.TrimPrefix(err.Error(), "fetch: "), err}
	}
	var lines []string
	for _, e := range several.Unwrap() {
		lines = append(lines, strings.TrimPrefix(e.Error(), "fetch: "))
	}
	return &fetchFailed{strings.Join(lines, "\ngraft: "), err}
}

// fetchFailed is an error in the words of the command.
type fetchFailed struct {
	text string
	err  error
}

func (e *fetchFailed) Error() string { return e.text }
func (e *fetchFailed) Unwrap() error { return e.err }

// listItems prints the catalogue.
func (p *program) listItems(format report.Format) error {
	t := report.Table{Columns: []report.Column{{Key: "name"}, {Key: "title", Heading: "about", Wrap: 40}, {Key: "files", Right: true}, {Key: "verified", Wrap: 60}}}
	for _, name := range fetch.Names() {
		item, err := fetch.Find(name)
		if err != nil {
			return err
		}
		t.Add(item.Name, item.Title, len(item.Files), item.Verified)
	}
	return t.Write(p.out, format)
}

// transfers shows the progress of one data set: a bar on a terminal, a line for each
// file elsewhere.
type transfers struct {
	p    *program
	bar  *report.Transfer
	told string // the last line
}

func newTransfers(p *program) *transfers { return &transfers{p: p, bar: report.NewTransfer(p.errOut)} }

func (t *transfers) progress(g fetch.Progress) {
	name := g.Item
	if g.File != "" {
		name += ": " + g.File
	}
	switch g.Stage {
	case fetch.Waiting, fetch.Retrying:
		t.bar.Clear()
		fmt.Fprintf(t.p.errOut, "%s: %s %s\n", name, map[fetch.Stage]string{fetch.Waiting: "waiting", fetch.Retrying: "trying again:"}[g.Stage], g.Note)
	case fetch.Connecting:
		line := fmt.Sprintf("%s: from %s", name, g.Note)
		if g.Done > 0 {
			line += ", from " + report.Bytes(g.Done) + " on"
		}
		if !t.bar.Terminal() {
			t.once(line)
		}
		t.bar.Show(line, g.Done, g.Total)
	case fetch.Downloading:
		t.bar.Show(name, g.Done, g.Total)
	default:
		t.bar.Show(fmt.Sprintf("%s: %s", name, g.Stage), g.Done, g.Total)
	}
}

// once prints a line that was not the last one.
func (t *transfers) once(line string) {
	if line != t.told {
		fmt.Fprintln(t.p.errOut, line)
		t.told = line
	}
}
