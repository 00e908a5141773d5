package recipes

import (
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/internal/nearest"
)

var scheduleNames = []string{"cosine", "linear", "constant"}

// dataNames lists the names of kinds of data in their order.
func dataNames() []string {
	var names []string
	for _, k := range dataKinds {
		names = append(names, k.name)
	}
	return names
}

// kindNames lists the names of kinds of models in their order.
func kindNames() []string {
	var names []string
	for _, k := range modelKinds {
		names = append(names, k.name)
	}
	return names
}

// String gives the name used in configuration files.
func (k DataKind) String() string { return nearest.Name("DataKind", int(k), dataNames()) }

// MarshalText gives the name.
func (k DataKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (k *DataKind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("data kind", string(text), dataNames())
	*k = DataKind(i)
	return err
}

// Files is the kind of files that hold graphs; of other kinds of data it panics.
func (k DataKind) Files() files.Kind {
	if k < CSVFile || k > JSONLinesFile {
		panic("recipes: Files: " + k.String() + " is no kind of file with graphs")
	}
	return files.Kind(k - CSVFile)
}

// String gives the name used in configuration files.
func (k Kind) String() string { return nearest.Name("Kind", int(k), kindNames()) }

// MarshalText gives the name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText accepts a name; the error of an unknown one tells the nearest.
func (k *Kind) UnmarshalText(text []byte) error {
	i, err := nearest.Index("model kind", string(text), kindNames())
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
