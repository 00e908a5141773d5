package tableqa

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/tables"
)

// hitabSample is one line of a file of questions.
type hitabSample struct {
	ID          string            `json:"id"`
	Table       string            `json:"table_id"`
	Question    string            `json:"question"`
	Answer      []json.RawMessage `json:"answer"`
	Aggregation []string          `json:"aggregation"`
	Linked      struct {
		Quantity map[string]map[string]any `json:"quantity_link"`
	} `json:"linked_cells"`
}

// answers are texts, numbers as they stand. A list of one answer is that answer.
func (s *hitabSample) answers() ([]string, error) {
	var list []string
	for _, raw := range s.Answer {
		for strings.HasPrefix(string(raw), "[") {
			var inner []json.RawMessage
			if err := json.Unmarshal(raw, &inner); err != nil || len(inner) != 1 {
				return nil, fmt.Errorf("an answer is a list of %d, expected one text or number", len(inner))
			}
			raw = inner[0]
		}
		var text string
		var number json.Number
		switch {
		case json.Unmarshal(raw, &text) == nil:
		case json.Unmarshal(raw, &number) == nil:
			text = number.String()
		default:
			return nil, fmt.Errorf("the answer %s is no text and no number", clip(string(raw)))
		}
		list = append(list, text)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no answer")
	}
	return list, nil
}

// cell is the cell that annotators linked to the one answer, where nothing was computed
// from it.
func (s *hitabSample) cell(t *hierarchy) [2]int {
	answer := s.Linked.Quantity["[ANSWER]"]
	if len(answer) != 1 || len(s.Answer) != 1 || len(s.Aggregation) != 1 || s.Aggregation[0] != "none" {
		return noCell()
	}
	for place := range answer {
		var r, c int
		if n, err := fmt.Sscanf(place, "(%d, %d)", &r, &c); n == 2 && err == nil &&
			r >= t.top && r-t.top < len(t.Rows) && c >= 0 && c < t.Columns() {
			return [2]int{r - t.top + 1, c}
		}
	}
	return noCell()
}

// hitabTable is a file of one table.
type hitabTable struct {
	Title  string     `json:"title"`
	Texts  [][]string `json:"texts"` // [rows][columns], headers included
	Merged []struct {
		FirstRow    int `json:"first_row"`
		LastRow     int `json:"last_row"`
		FirstColumn int `json:"first_column"`
		LastColumn  int `json:"last_column"`
	} `json:"merged_regions"`
	Top  int `json:"top_header_rows_num"`
	Left int `json:"left_header_columns_num"`
}

// parseHierarchy reads a table and makes one header row of its hierarchy.
func parseHierarchy(path, id string, text []byte) (*hierarchy, error) {
	var raw hitabTable
	if err := parseJSON(path, text, &raw); err != nil {
		return nil, err
	}
	if raw.Top < 1 || raw.Top > len(raw.Texts) || raw.Left < 0 {
		return nil, notPublished(path, 0, "%d header rows and %d header columns in a table of %d rows", raw.Top, raw.Left, len(raw.Texts))
	}
	for r, row := range raw.Texts {
		if len(row) != len(raw.Texts[0]) {
			return nil, notPublished(path, 0, "row %d has %d cells, expected %d as in the first", r+1, len(row), len(raw.Texts[0]))
		}
	}
	if !raw.spread() {
		return nil, notPublished(path, 0, "its %d merged regions overlap", len(raw.Merged))
	}
	t := &tables.Table{Name: id, Title: raw.Title, Header: make([]string, len(raw.Texts[0])), Rows: raw.Texts[raw.Top:]}
	for c := range t.Header {
		t.Header[c] = raw.path(c)
	}
	if err := t.Check(); err != nil {
		return nil, damaged(path, 0, err)
	}
	return &hierarchy{t, raw.Top}, nil
}

// spread writes the text of merged header cells, which stands in the first only, into all
// of them. Regions that reach out of the table, as some published ones do, end at its edge.
// It gives up on regions that lie upon one another again and again, which no table has.
func (t *hitabTable) spread() bool {
	left := 4 * len(t.Texts) * len(t.Texts[0])
	for _, m := range t.Merged {
		if m.FirstRow < 0 || m.FirstColumn < 0 || m.FirstRow >= len(t.Texts) || m.FirstColumn >= len(t.Texts[0]) {
			continue
		}
		text := t.Texts[m.FirstRow][m.FirstColumn]
		for r := m.FirstRow; r <= min(m.LastRow, len(t.Texts)-1); r++ {
			last := min(m.LastColumn, len(t.Texts[r])-1)
			if left -= max(last-m.FirstColumn+1, 1); left < 0 {
				return false
			}
			for c := m.FirstColumn; c <= last; c++ {
				if (r < t.Top || c < t.Left) && t.Texts[r][c] == "" {
					t.Texts[r][c] = text
				}
			}
		}
	}
	return true
}

// path is the names above a column, from the top down, each once.
func (t *hitabTable) path(column int) string {
	var names []string
	for _, row := range t.Texts[:t.Top] {
		if name := row[column]; name != "" && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " / ")
}
