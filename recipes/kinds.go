package recipes

import (
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/internal/nearest"
)

var (
	kindNames     = []string{"grit", "gps"}
	scheduleNames = []string{"cosine", "linear", "constant"}
	dataNames     = append([]string{"set"}, files.KindNames()...)
)

// String gives the name used in configuration files.
func (k DataKind) String() string { return nearest.Name("DataKind", int(k), dataNames) }

// MarshalText gives the name.
func (k DataKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (k *DataKind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("data kind", string(text), dataNames)
	*k = DataKind(i)
	return err
}

// Files is the kind of files, for data that is no named set; of one that is it panics.
func (k DataKind) Files() files.Kind {
	if k == NamedSet {
		panic("recipes: Files: a named data set is no kind of file")
	}
	return files.Kind(k - CSVFile)
}

// String gives the name used in configuration files.
func (k Kind) String() string { return nearest.Name("Kind", int(k), kindNames) }

// MarshalText gives the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (k *Kind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("model kind", string(text), kindNames)
	*k = Kind(i)
	return err
}

// String gives the name used in configuration files.
func (k ScheduleKind) String() string { return nearest.Name("ScheduleKind", int(k), scheduleNames) }

// MarshalText gives the name.
func (k ScheduleKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (k *ScheduleKind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("schedule", string(text), scheduleNames)
	*k = ScheduleKind(i)
	return err
}
