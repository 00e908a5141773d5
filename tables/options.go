package tables

import "github.com/graft-ml/graft/internal/nearest"

// Options say how the rows of a file become a table. They hold for every format; the
// zero value refuses whatever is not a table already.
type Options struct {
	NoHeader bool   // the first row is data; columns are called "column 1" and so on
	Names    Names  // of columns: default NamesUnique
	Ragged   Ragged // rows of another width than the header: default RaggedRefuse
	MaxRows  int    // rows after the first so many are left out, which a note tells; 0 means all are read

	// Limits, beyond which a file is refused before memory is taken; 0 means the default.
	MaxRow     int // bytes of a row: DefaultMaxRow
	MaxCell    int // bytes of a cell: DefaultMaxCell
	MaxColumns int // DefaultMaxColumns
}

// Limits of Options.
const (
	DefaultMaxRow     = 1 << 20
	DefaultMaxCell    = 1 << 16
	DefaultMaxColumns = 1 << 14 // what a sheet of a workbook may have
)

// withDefaults checks the options and fills the limits in.
func (o Options) withDefaults() (Options, error) {
	for _, limit := range []struct {
		name     string
		value    *int
		standard int
	}{{"MaxRows", &o.MaxRows, 0}, {"MaxRow", &o.MaxRow, DefaultMaxRow}, {"MaxCell", &o.MaxCell, DefaultMaxCell}, {"MaxColumns", &o.MaxColumns, DefaultMaxColumns}} {
		if *limit.value < 0 {
			return o, &OptionError{limit.name, "it is below 0; 0 means the default"}
		}
		if *limit.value == 0 {
			*limit.value = limit.standard
		}
	}
	if _, err := o.Names.MarshalText(); err != nil {
		return o, &OptionError{"Names", err.Error()}
	}
	if _, err := o.Ragged.MarshalText(); err != nil {
		return o, &OptionError{"Ragged", err.Error()}
	}
	return o, nil
}

// Ragged says what becomes of rows that have more or fewer cells than the header.
type Ragged int

const (
	RaggedRefuse Ragged = iota // they are errors
	RaggedPad                  // short rows get empty cells at their end; long ones are errors
	RaggedFit                  // as RaggedPad, and of long rows the cells beyond the header are cut off
)

var raggedNames = []string{"refuse", "pad", "fit"}

// String is the name, as in a file of settings: refuse, pad, fit.
func (r Ragged) String() string { return nearest.Name("Ragged", int(r), raggedNames) }

// MarshalText gives the name.
func (r Ragged) MarshalText() ([]byte, error) { return nearest.Text("Ragged", int(r), raggedNames) }

// UnmarshalText takes a name; the error of another says which there are.
func (r *Ragged) UnmarshalText(text []byte) error {
	i, err := nearest.Index("way with ragged rows", string(text), raggedNames)
	if err == nil {
		*r = Ragged(i)
	}
	return err
}

// Names says what becomes of the names in a header.
type Names int

const (
	NamesUnique   Names = iota // blanks around them are cut off, an empty third one becomes "column 3", one that comes twice is an error
	NamesNumbered              // as NamesUnique, but the second "name" becomes "name (2)"
	NamesKept                  // they stay as they stand
)

var namesNames = []string{"unique", "numbered", "kept"}

// String is the name, as in a file of settings: unique, numbered, kept.
func (n Names) String() string { return nearest.Name("Names", int(n), namesNames) }

// MarshalText gives the name.
func (n Names) MarshalText() ([]byte, error) { return nearest.Text("Names", int(n), namesNames) }

// UnmarshalText takes a name; the error of another says which there are.
func (n *Names) UnmarshalText(text []byte) error {
	i, err := nearest.Index("way with names", string(text), namesNames)
	if err == nil {
		*n = Names(i)
	}
	return err
}
