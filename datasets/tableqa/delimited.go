package tableqa

import (
	"bytes"

	"github.com/graft-ml/graft/tables"
)

// parseTable reads a table in delimited text. Names of columns stay as they are, the same
// ones and empty ones too, which published tables have; rows of another width are errors.
func parseTable(path, name string, text []byte, d tables.Dialect) (*tables.Table, error) {
	t, err := tables.ReadCSV(path, bytes.NewReader(text), d, tables.Options{Names: tables.NamesKept})
	if err != nil {
		return nil, err
	}
	t.Name = name
	return t, nil
}
