package records

import (
	"fmt"
	"path/filepath"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
)

// Options describe a table whose rows are classified. The zero value of every field is the
// default named in its comment. Lists are text with commas between the names, as files.List
// reads them.
type Options struct {
	// Path is the file: delimited text, packed by gzip if it is called *.gz, or a table of
	// another ending that tables/open knows.
	Path string `yaml:"path"`
	// TargetColumn is the column to predict; empty: the first of target, label and y that
	// there is.
	TargetColumn string `yaml:"targetColumn"`
	// TargetBins makes so many classes of a number to predict, by its quantiles over the
	// training rows; default 0, none.
	TargetBins int `yaml:"targetBins"`
	// SplitColumn says train, val or test of each row; empty: rows are drawn.
	SplitColumn string `yaml:"splitColumn"`
	// Ignore lists columns that are not read.
	Ignore string `yaml:"ignore"`
	// Numeric, Categorical and Text list columns that are so whatever their cells look like.
	Numeric     string `yaml:"numeric"`
	Categorical string `yaml:"categorical"`
	Text        string `yaml:"text"`

	// Bins is the most bins of a number; default 32.
	Bins int `yaml:"bins"`
	// MinCount is how many training rows must have a word for it to get a token; default 2.
	MinCount int `yaml:"minCount"`
	// MaxCategories is the most words of a column that get one; default 1,000.
	MaxCategories int `yaml:"maxCategories"`
	// TextTokens is the size of the vocabulary of texts, of which 256 are bytes; default 2,048.
	TextTokens int `yaml:"textTokens"`
	// MaxText is the most tokens of a text that are read; default 24.
	MaxText int `yaml:"maxText"`

	// Delimiter separates the cells of delimited text.
	Delimiter files.Delimiter `yaml:"delimiter"`
	// SkipBad leaves out rows that cannot be used, such as one without a target, rather than
	// to stop at one.
	SkipBad bool `yaml:"skipBad"`
	// MaxRows is the most rows that are read, from the first; default 0, all of them.
	MaxRows int `yaml:"maxRows"`
	// MaxRow is the most bytes of a row; default 1,048,576.
	MaxRow int `yaml:"maxRow"`
}

// Defaults of Options.
const (
	defaultBins          = 32
	defaultMinCount      = 2
	defaultMaxCategories = 1000
	defaultTextTokens    = 2048
	defaultMaxText       = 24
)

// Limits of options.
const (
	mostBins       = 4096
	mostClasses    = 1000
	mostCategories = 100_000
	bytesOfText    = 256 // tokens that every vocabulary of texts has
)

// WithDefaults returns o with every zero that stands for a default replaced by it.
func (o Options) WithDefaults() Options {
	for _, f := range []struct {
		value    *int
		standard int
	}{{&o.Bins, defaultBins}, {&o.MinCount, defaultMinCount}, {&o.MaxCategories, defaultMaxCategories},
		{&o.TextTokens, defaultTextTokens}, {&o.MaxText, defaultMaxText}, {&o.MaxRow, files.DefaultMaxRow}} {
		if *f.value == 0 {
			*f.value = f.standard
		}
	}
	return o
}

// Request is what to load.
type Request struct {
	// Dir is the folder that paths start from; empty: where the program runs.
	Dir     string
	Options Options
	// Seed draws the splits.
	Seed uint64
	// Limit keeps only the first rows of each split.
	Limit datasets.Limit
}

// path is where the file is.
func (q Request) path() string {
	if q.Dir == "" || filepath.IsAbs(q.Options.Path) {
		return q.Options.Path
	}
	return filepath.Join(q.Dir, q.Options.Path)
}

// Validate reports the first option that makes no sense, as a *files.OptionError. It does
// not look at files.
func (o Options) Validate() error {
	_, err := o.lists()
	if err != nil {
		return err
	}
	o = o.WithDefaults()
	if o.Path == "" {
		return bad("path", "no file: name the table")
	}
	for _, f := range []struct {
		option      string
		value       int
		least, most int
	}{
		{"bins", o.Bins, 2, mostBins}, {"minCount", o.MinCount, 1, 1 << 30}, {"maxCategories", o.MaxCategories, 1, mostCategories},
		{"textTokens", o.TextTokens, bytesOfText, 1 << 20}, {"maxText", o.MaxText, 1, 1 << 16},
		{"maxRows", o.MaxRows, 0, 1 << 31}, {"maxRow", o.MaxRow, 1, 1 << 30},
	} {
		if f.value < f.least || f.value > f.most {
			return bad(f.option, "%d: want %d to %d", f.value, f.least, f.most)
		}
	}
	if o.TargetBins != 0 && (o.TargetBins < 2 || o.TargetBins > mostClasses) {
		return bad("targetBins", "%d: want 2 to %d classes, or 0 for none", o.TargetBins, mostClasses)
	}
	if o.TargetColumn != "" && o.TargetColumn == o.SplitColumn {
		return bad("splitColumn", "%q is the column to predict", o.SplitColumn)
	}
	return nil
}

func bad(option, format string, args ...any) error {
	return &files.OptionError{Option: option, Reason: fmt.Sprintf(format, args...)}
}

// named says what the options do with columns that they name.
type named struct {
	ignore map[string]bool
	kinds  map[string]Kind
	order  []mention // all of them, in the order of the options
}

// mention is a column that an option names.
type mention struct{ option, column string }

// lists reads the lists of columns.
func (o Options) lists() (*named, error) {
	n := &named{ignore: map[string]bool{}, kinds: map[string]Kind{}}
	by := map[string]string{}
	for _, l := range []struct {
		option, text string
		kind         Kind
	}{{"ignore", o.Ignore, -1}, {"numeric", o.Numeric, Number}, {"categorical", o.Categorical, Category}, {"text", o.Text, Text}} {
		names, err := files.List(l.text)
		if err != nil {
			return nil, bad(l.option, "%v", err)
		}
		for _, name := range names {
			if other, twice := by[name]; twice {
				return nil, bad(l.option, "%q is named by %s already", name, other)
			}
			if by[name] = l.option; l.kind < 0 {
				n.ignore[name] = true
			} else {
				n.kinds[name] = l.kind
			}
			n.order = append(n.order, mention{l.option, name})
		}
	}
	return n, nil
}
