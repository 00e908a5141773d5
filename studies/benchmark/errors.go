package benchmark

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/recipes"
)

// UnknownError is a name that is not known.
type UnknownError struct {
	What  string // "data set", or "model for zinc"
	Name  string
	Known []string
}

// Error gives the name, the nearest known one and all known ones.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("benchmark: unknown %s %q; did you mean %q? (known: %s)", e.What, e.Name, nearest.To(e.Name, e.Known), strings.Join(e.Known, ", "))
}

// ConflictError is a cell that the folder has with other settings than are asked for.
type ConflictError struct {
	Dir     string           // run folder of the cell
	Changes []recipes.Change // From is what the folder has, To what is asked for
	More    int              // further cells that have other settings
}

// Error names the folder and the settings.
func (e *ConflictError) Error() string {
	const most = 4
	var list []string
	for i, c := range e.Changes {
		if i == most {
			list = append(list, fmt.Sprintf("and %d more", len(e.Changes)-most))
			break
		}
		list = append(list, fmt.Sprintf("%s is %s there, %s asked for", c.Path, orNothing(c.From), orNothing(c.To)))
	}
	more := ""
	switch {
	case e.More == 1:
		more = ", and so was one other cell"
	case e.More > 1:
		more = fmt.Sprintf(", and so were %d other cells", e.More)
	}
	return fmt.Sprintf("benchmark: %s was trained with other settings: %s%s; choose another folder, or have them done again", e.Dir, strings.Join(list, ", "), more)
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// placed says in which cell an error came up. Whose package it is from matters no more
// then, and is left out.
func placed(where string, err error) error {
	text := err.Error()
	for _, name := range []string{"benchmark", "recipes", "train", "datasets"} {
		text = strings.TrimPrefix(text, name+": ")
	}
	return &placedError{"benchmark: " + where + ": " + text, err}
}

type placedError struct {
	text string
	err  error
}

func (e *placedError) Error() string { return e.text }
func (e *placedError) Unwrap() error { return e.err }
