package tableqa

import (
	"encoding/json"
	"fmt"
	"strings"
)

// statementRecord is what a file of statements has about one table.
type statementRecord struct {
	statements []string
	labels     []int // one for each
	caption    string
}

// parseStatements reads [[statement, ...], [label, ...], caption].
func parseStatements(text []byte) (r statementRecord, err error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(text, &parts); err != nil {
		return r, err
	}
	if len(parts) != 3 {
		return r, fmt.Errorf("%d parts in the record, expected statements, labels and caption", len(parts))
	}
	for k, into := range []any{&r.statements, &r.labels, &r.caption} {
		if err := json.Unmarshal(parts[k], into); err != nil {
			return r, err
		}
	}
	if len(r.statements) != len(r.labels) {
		return r, fmt.Errorf("%d statements with %d labels", len(r.statements), len(r.labels))
	}
	for i, label := range r.labels {
		if label != 0 && label != 1 {
			return r, fmt.Errorf("statement %d has the label %d, expected 0 or 1", i, label)
		}
	}
	return r, nil
}

// placeholder stands in place of a refuted statement that was never written.
const placeholder = "borries-ileigh"

// pairRecord is one entailed and one refuted statement about a table.
type pairRecord struct {
	path, table       string
	number            int // in the file
	entailed, refuted string
}

// readPairs reads all pairs, without those that lack their refuted statement.
func (f *tabfact) readPairs() ([]pairRecord, error) {
	text, path, err := f.archive.read(pairsFile, maxFile)
	if err != nil {
		return nil, err
	}
	return parsePairs(path, text)
}

// parsePairs reads [[table, entailed, refuted], ...].
func parsePairs(path string, text []byte) ([]pairRecord, error) {
	var entries [][]string
	if err := parseJSON(path, text, &entries); err != nil {
		return nil, err
	}
	var pairs []pairRecord
	for n, e := range entries {
		if len(e) != 3 {
			return nil, notPublished(path, 0, "pair %d has %d parts, expected table, entailed and refuted statement", n, len(e))
		}
		if strings.TrimSpace(e[2]) == placeholder {
			continue
		}
		pairs = append(pairs, pairRecord{path, e[0], n, e[1], e[2]})
	}
	return pairs, nil
}
