package files

import (
	"fmt"
	"slices"
)

// roles are the columns of nodes and edges that are no features.
type roles struct {
	ignored, others      []string // others are targets and splits, of nodes only
	categorical, numeric []string
}

// rolesOf reads the lists of the options, and checks that the columns are there.
func rolesOf(o *Options, h *headers, file string, others []string) (*roles, error) {
	r := &roles{others: others}
	r.ignored, _ = List(o.Ignore) // Validate has seen the lists
	r.categorical, _ = List(o.Categorical)
	r.numeric, _ = List(o.Numeric)
	for _, name := range slices.Concat(r.ignored, r.categorical, r.numeric) {
		if h.node.find(name) < 0 && h.edge.find(name) < 0 {
			return nil, &FileError{File: file, Reason: fmt.Sprintf("neither nodes nor edges have a column %q; nodes have %s, edges %s", clip(name), columnsOr(h.node.names), columnsOr(h.edge.names))}
		}
	}
	for _, name := range r.categorical {
		if slices.Contains(r.numeric, name) {
			return nil, option("numeric", "%q is in the list of categorical columns too", clip(name))
		}
	}
	return r, nil
}

func columnsOr(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return quoted(names)
}

// kind is what a column is, as far as the options and the file say.
func (r *roles) kind(name string, of columnKind) columnKind {
	switch {
	case slices.Contains(r.categorical, name):
		return categorical
	case slices.Contains(r.numeric, name):
		return numeric
	}
	return of
}

// fit learns the features of nodes, or of edges, from the training graphs, but for the
// columns to skip.
func (r *roles) fit(o *Options, h *header, file string, skip []string, train []*draft, of func(*draft) *cells) (Features, error) {
	var f Features
	for k, name := range h.names {
		if slices.Contains(skip, name) {
			continue
		}
		c, err := fitColumn(o, r.kind(name, h.kinds[k]), name, func(yield func(text string, number float32, given bool)) {
			for _, d := range train {
				rows := of(d)
				if k >= len(rows.text) {
					continue
				}
				for _, cell := range rows.text[k] {
					yield(cell, 0, false)
				}
				for _, v := range rows.numbers[k] {
					yield("", v, true)
				}
			}
		})
		if err != nil {
			return f, inFile(err, file)
		}
		f.Columns = append(f.Columns, c)
	}
	return f, nil
}

// inFile names the file of an error that does not.
func inFile(err error, file string) error {
	if e, ok := err.(*FileError); ok && e.File == "" {
		e.File = file
	}
	return err
}

// fitColumn learns one column; each calls its argument with every value of the
// training split, a text or a number.
func fitColumn(o *Options, kind columnKind, name string, each func(yield func(text string, number float32, given bool))) (Column, error) {
	c := Column{Name: name}
	values, numbers, isNumber := 0, false, true
	each(func(text string, _ float32, given bool) {
		if numbers = numbers || given; given {
			values++
			return
		}
		if missingNumber(text) {
			return
		}
		values++
		if _, ok := number(text); !ok {
			isNumber = false
		}
	})
	if kind == undecided {
		if kind = categorical; isNumber && values > 0 {
			kind = numeric
		}
	}
	if kind == numeric {
		if values == 0 {
			return c, &FileError{Reason: fmt.Sprintf("the column %q has no values in the training split", clip(name)), Hint: "leave it out with data.files.ignore"}
		}
		var m moments
		each(func(text string, v float32, given bool) {
			if x := float64(v); given {
				m.add(x)
			} else if x, ok := number(text); ok {
				m.add(x)
			}
		})
		c.Mean, c.SD = m.scale()
		return c, nil
	}
	if numbers {
		return c, &FileError{Reason: fmt.Sprintf("the column %q holds real features", clip(name)), Hint: "categories must be given as type ids"}
	}
	counts := map[string]int{}
	each(func(text string, _ float32, _ bool) {
		if text != "" {
			counts[text]++
		}
	})
	c.Unknown = o.Unknown == UnknownRow || o.Impute == ImputeZero
	c.Categories = []string{}
	for word, n := range counts {
		if n > 1 || o.Unknown != UnknownRow {
			c.Categories = append(c.Categories, word)
		}
	}
	switch {
	case len(c.Categories) > mostCategories:
		return c, &FileError{Reason: fmt.Sprintf("the column %q has %d categories, the limit is %d", clip(name), len(c.Categories), mostCategories), Hint: "leave it out with data.files.ignore"}
	case c.size() == 0:
		return c, &FileError{Reason: fmt.Sprintf("the column %q has no values in the training split", clip(name)), Hint: "leave it out with data.files.ignore"}
	}
	sortWords(c.Categories)
	most := 0
	for id, word := range c.Categories {
		if counts[word] > most {
			c.Common, most = id, counts[word]
		}
	}
	return c, nil
}
