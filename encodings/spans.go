package encodings

import "fmt"

// WithSpans returns the layout with the cells of its tables marked: of item b the tokens spans[b][0] to spans[b][1],
// counted within the item; the others are text before and after. An item without a table has an empty span.
func (l *Layout) WithSpans(spans [][2]int) (*Layout, error) {
	if l.Kind != Table {
		return nil, fmt.Errorf("encodings: layout: spans of cells in %v: want tables", l)
	}
	if len(spans) != l.Items() {
		return nil, fmt.Errorf("encodings: layout: %d spans of cells for %d tables", len(spans), l.Items())
	}
	for b, s := range spans {
		if n := l.Offsets[b+1] - l.Offsets[b]; s[0] < 0 || s[1] < s[0] || s[1] > n {
			return nil, fmt.Errorf("encodings: layout: the cells of table %d are tokens %d to %d of %d", b, s[0], s[1], n)
		}
	}
	with := *l
	with.Spans = spans
	return &with, nil
}
