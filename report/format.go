package report

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/internal/nearest"
)

// Format says whom a table is written for.
type Format int

// Text is for people, JSON for programs: one object a line. Markdown is for people who will read it on a page, CSV for
// programs that know columns, with the keys in its first line.
const (
	Text Format = iota
	JSON
	Markdown
	CSV
)

// FormatNames lists the names that [ParseFormat] knows.
func FormatNames() []string { return []string{"text", "json", "markdown", "csv"} }

// ParseFormat gives the format of a name. The error names the nearest one.
func ParseFormat(name string) (Format, error) {
	names := FormatNames()
	if i := slices.Index(names, name); i >= 0 {
		return Format(i), nil
	}
	return Text, fmt.Errorf("report: unknown format %q; did you mean %q? (known: %s)", name, nearest.To(name, names), join(names))
}

// ForPeople tells whether the format has headings, and values as people read them.
func (f Format) ForPeople() bool { return f == Text || f == Markdown }

// String gives the name.
func (f Format) String() string { return FormatNames()[f] }
