package tableqa

import "fmt"

// Tally is how many questions were answered correctly, of all and of the parts that are
// reported on their own.
type Tally struct {
	All     Rate
	OneCell Rate // questions whose answer is exactly one cell
	Simple  Rate // TabFact's simple tables
	Complex Rate // the other tables of TabFact
	Small   Rate // tables of TabFact's small test set
}

// Add judges the answers to a question and counts it.
func (t *Tally) Add(m Metric, q *Question, answers []string) {
	right := m.Correct(q, answers)
	t.All.Add(right)
	if q.OneCell() {
		t.OneCell.Add(right)
	}
	if q.Label == NoLabel {
		return
	}
	if q.Simple {
		t.Simple.Add(right)
	} else {
		t.Complex.Add(right)
	}
	if q.Small {
		t.Small.Add(right)
	}
}

// String writes the shares of all questions and of the parts that there are.
func (t *Tally) String() string {
	s := t.All.String()
	for _, part := range []struct {
		name string
		rate Rate
	}{{"answered by one cell", t.OneCell}, {"simple", t.Simple}, {"complex", t.Complex}, {"small", t.Small}} {
		if part.rate.All > 0 {
			s += fmt.Sprintf(", %s %v", part.name, part.rate)
		}
	}
	return s
}
