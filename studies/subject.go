package studies

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Subject is an encoding under study.
type Subject struct {
	Name     string // in results: lower-case letters, digits and -.:=@
	Encoding encodings.Encoding
	Reading  Reading // how the encoding sees a grid
}

var subjectName = regexp.MustCompile(`^[a-z0-9][-.:=@a-z0-9]*$`)

func (s Subject) check() error {
	if !subjectName.MatchString(s.Name) {
		return fmt.Errorf("studies: %q is no name for an encoding: want lower-case letters, digits and -.:=@", s.Name)
	}
	if s.Encoding == nil {
		return fmt.Errorf("studies: %s: there is no Encoding", s.Name)
	}
	if s.Reading < InLine || s.Reading > InOrders {
		return fmt.Errorf("studies: %s: there is no %v", s.Name, s.Reading)
	}
	return nil
}

// setting is what the encoding is set to, to tell it from others of the same name.
func (s Subject) setting() string { return fmt.Sprintf("%T%+v", s.Encoding, s.Encoding) }

// Reading is how an encoding is told where the tokens of a two-dimensional task are. Tasks without a grid are read in a
// line by all.
type Reading int

const (
	// InLine numbers tokens one after another.
	InLine Reading = iota
	// OnPlane gives them two coordinates, row and column. Tokens off the grid follow the rule of M-RoPE (Qwen2-VL, see
	// [encodings.MRoPE]): both coordinates of a token of text are one more than the largest before it, and a grid begins
	// there with its first row and column. The mark that ends a row has the column behind its last cell.
	OnPlane
	// InClip is OnPlane with a frame before row and column, the same for the whole grid, as M-RoPE has it.
	InClip
	// InOrders gives two orders, row by row and column by column, as 2D-TPE has them.
	InOrders
)

var readingNames = []string{"line", "plane", "clip", "orders"}

// String returns the name that stands behind the @ of [SubjectByName].
func (r Reading) String() string {
	if r < InLine || r > InOrders {
		return fmt.Sprintf("Reading(%d)", int(r))
	}
	return readingNames[r]
}

// TwoDimensional reports whether the reading tells of a grid's columns.
func (r Reading) TwoDimensional() bool { return r != InLine }

// Readings lists the readings that an encoding serves in a decoder of usual sizes; none for those of graphs.
func Readings(e encodings.Encoding) []Reading {
	var served []Reading
	for r := InLine; r <= InOrders; r++ {
		if serves(e, r) == nil {
			served = append(served, r)
		}
	}
	return served
}

// serves returns the error of an encoding that is shown a small grid in a reading.
func serves(e encodings.Encoding, r Reading) error {
	enc, err := e.New(encodings.Dims{Width: 128, Heads: 4, Layers: 2}, nn.NewInit(0))
	if err != nil {
		return err
	}
	l, err := sample(r)
	if err != nil {
		return err
	}
	_, err = enc.Begin(tensor.NewTape(), l)
	return err
}

// sample is a grid of two rows and columns in a reading.
func sample(r Reading) (*encodings.Layout, error) {
	offsets := []int{0, 4}
	switch r {
	case OnPlane:
		return encodings.AtPoints(offsets, 0, 2, []float64{0, 0, 0, 1, 1, 0, 1, 1})
	case InClip:
		return encodings.AtPoints(offsets, 0, 3, []float64{0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1})
	case InOrders:
		return encodings.InOrders(offsets, []int32{0, 1, 2, 3}, []int32{0, 2, 1, 3})
	}
	return encodings.Sequences(offsets)
}

// SubjectByName gives the encoding that encodings.ByName knows by a name, with settings behind it if need be, in the first
// reading that it serves, or in that which is named behind an @: "alibi", "rope:partial=0.5", "sinusoidal@plane". The
// error of an unknown name is an [*encodings.UnknownError] or an [*UnknownError].
func SubjectByName(name string) (Subject, error) {
	plain, reading, asked := strings.Cut(name, "@")
	e, err := encodings.ByName(plain)
	if err != nil {
		return Subject{}, fmt.Errorf("studies: %w", err)
	}
	s := Subject{Name: name, Encoding: e}
	if asked {
		i := slices.Index(readingNames, reading)
		if i < 0 {
			return s, &UnknownError{What: "reading", Name: reading, Known: readingNames}
		}
		s.Reading = Reading(i)
		return s, s.check()
	}
	served := Readings(e)
	if len(served) == 0 {
		return s, fmt.Errorf("studies: %s is not for decoders of sequences, points or tables: %w", name, serves(e, InLine))
	}
	s.Reading = served[0]
	return s, s.check()
}

// DefaultSubjects lists the encodings that a task is studied with: the published five, the rotation of all channels beside
// that of a quarter, which the paper calls rotary, and for a task on a grid encodings of two dimensions.
func DefaultSubjects(twoDimensional bool) []Subject {
	names := []string{"none", "t5-bias-causal", "alibi", "rope-quarter", "sinusoidal-halves", "rope"}
	if twoDimensional {
		names = append(names, "axial-rope", "mixed-rope", "comrope-ld", "md-lrpe", "two-order")
	}
	var list []Subject
	for _, name := range names {
		s, err := SubjectByName(name)
		if err != nil {
			panic("studies: DefaultSubjects: " + err.Error()) // the names are those above
		}
		list = append(list, s)
	}
	return list
}

// UnknownError is a name that nothing has.
type UnknownError struct {
	What  string // that was asked for: "task"
	Name  string
	Known []string
}

// Error gives the name, the nearest known one and all known ones.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("studies: unknown %s %q; did you mean %q? (known: %s)", e.What, e.Name, nearest.To(e.Name, e.Known), strings.Join(e.Known, ", "))
}

var errNoGrid = errors.New("it wants rows and columns, and the task has no grid: take an encoding of one dimension, or the task locate")
