package tables

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/studies"
	"github.com/graft-ml/graft/tables/decoder"
)

// Reader is a way to read tables that is under study.
type Reader struct {
	Name     string // in results: lower-case letters, digits and -.,:=@
	Encoding string // as encodings.ByName knows it, with settings
	Reading  decoder.Reading
}

// The readers that [ReaderByName] knows without a reading.
var readerNames = []string{"rows", "columns", "axial", "two-order"}

// ReaderNames lists the readers of a study: rows and columns, which flatten the table into one line with RoPE, axial,
// which has rotations by row and by column, and two-order, the routed pair of 2D-TPE, without the entropy of the router in
// the loss where its name has no setting of it: see the overview.
func ReaderNames() []string { return append([]string(nil), readerNames...) }

var readerName = regexp.MustCompile(`^[a-z0-9][-.,:=@a-z0-9]*$`)

// ReaderByName gives one of [ReaderNames], with settings of its encoding behind colons if need be, "rows:base=100" or
// "two-order:entropy-weight=1"; or any encoding of encodings.ByName in a reading that is named behind an @,
// "mixed-rope@plane", "alibi@columns". The error of a name that nothing has is a [*studies.UnknownError] or an
// [*encodings.UnknownError].
func ReaderByName(text string) (Reader, error) {
	r := Reader{Name: text}
	encoding, reading, asked := strings.Cut(text, "@")
	name, settings, _ := strings.Cut(encoding, ":")
	switch {
	case asked:
		r.Encoding = encoding
		if err := r.Reading.UnmarshalText([]byte(reading)); err != nil {
			return r, fmt.Errorf("tables: %s: %w", text, err)
		}
	case name == "rows":
		r.Encoding, r.Reading = "rope", decoder.Rows
	case name == "columns":
		r.Encoding, r.Reading = "rope", decoder.Columns
	case name == "axial":
		r.Encoding, r.Reading = "axial-rope", decoder.Plane
	case name == "two-order":
		r.Encoding, r.Reading = "two-order", decoder.Both
	default:
		return r, &studies.UnknownError{What: "reader", Name: name, Known: readerNames}
	}
	if settings != "" && !asked {
		r.Encoding += ":" + settings
	}
	if name == "two-order" && !strings.Contains(settings, "entropy") {
		r.Encoding += ":no-entropy"
	}
	return r, r.check()
}

func (r Reader) check() error {
	if !readerName.MatchString(r.Name) {
		return fmt.Errorf("tables: %q is no name for a reader: want lower-case letters, digits and -.,:=@", r.Name)
	}
	if err := (decoder.Config{Encoding: r.Encoding, Reading: r.Reading}).Validate(); err != nil {
		return fmt.Errorf("tables: %s: %w", r.Name, err)
	}
	return nil
}

// setting is what the reader is set to, to tell it from others of the same name.
func (r Reader) setting() string {
	e, err := encodings.ByName(r.Encoding)
	if err != nil {
		panic("tables: setting: " + err.Error()) // check has let it pass
	}
	return fmt.Sprintf("%T%+v, %v", e, e, r.Reading)
}

// routed tells whether the reader weighs two orders, and flat whether it reads the table in one line.
func routed(r decoder.Reading) bool { return r == decoder.Both }
func flat(r decoder.Reading) bool   { return r == decoder.Rows || r == decoder.Columns }
