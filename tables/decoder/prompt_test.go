package decoder_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
)

// example returns the first sequence of a table with questions.
func example(t testing.TB, m *decoder.Model, o decoder.DataOptions, questions ...decoder.Question) sequences.Example {
	t.Helper()
	d, err := decoder.NewData(m, []decoder.Item{{Table: cities(), Questions: questions}}, o)
	if err != nil {
		t.Fatal(err)
	}
	e, err := d.Example(0)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestSequence: what the model reads, in each reading, and what of it is learned.
func TestSequence(t *testing.T) {
	const (
		before = "<bos> games | "
		rows   = "city | country of | year | <row> - | - | - | <row> oslo | norway | 52 | <row> - | - | - | <row> " +
			"rome | italy | 60 and 61 | <row> - | - | - | <row> bern | switzerland | None | <row> <column> | <column> | <column> | <row> "
		columns = "city - oslo - rome - bern <column> | | | | | | | | country of - norway - italy - switzerland <column> | | | | | | | | " +
			"year - 52 - 60 and 61 - None <column> | | | | | | | | <row> <row> <row> <row> <row> <row> <row> <row> "
		question = "what year ? <answer>"
	)
	q := decoder.Question{Text: "what year ?", Answers: []string{"52", "60 and 61"}}
	for k := range 2 * len(readings) {
		r, c := readings[k/2], small(readings[k/2].encoding, readings[k/2].reading)
		before, question, length := before, question, 3
		if k%2 == 0 { // the question comes first, and its mark again before the answer
			c.Question, before, question, length = decoder.Before, before+"what year ? | ", "<answer>", 7
		}
		m := newModel(t, c)
		e := example(t, m, decoder.DataOptions{}, q)
		table := rows
		if r.reading == decoder.Columns {
			table = columns
		}
		if got := m.Tokenizer.Decode(e.Prompt); got != before+table+question {
			t.Errorf("%s by %v: the prompt is\n%s, want\n%s", r.encoding, r.reading, got, before+table+question)
		}
		if got := m.Tokenizer.Decode(e.Target); got != "52 | 60 and 61 <eos>" || e.Learned != nil {
			t.Errorf("%s by %v: the target is %s", r.encoding, r.reading, got)
		}
		span := [2]int{length, len(e.Prompt) - 4}
		if k%2 == 0 {
			span[1] = len(e.Prompt) - 1
		}
		switch p := e.Places; r.reading {
		case decoder.Both:
			if p.Cells != span || len(p.Orders) != 2 || len(p.Orders[0]) != span[1] || slices.Equal(p.Orders[0], p.Orders[1]) {
				t.Errorf("places %+v, the table is %v", p, span)
			}
		case decoder.Plane:
			if p.Rank != 2 || len(p.Coords) != 2*span[1] || p.Coords[2*length] != float64(length) {
				t.Errorf("places %+v", p)
			}
		default:
			if p != nil {
				t.Errorf("%v: places %+v", r.reading, p)
			}
		}
	}
}

// TestTogether: several questions of a table share a sequence, in which answers alone are learned.
func TestTogether(t *testing.T) {
	var questions []decoder.Question
	for _, year := range []string{"52", "60 and 61", "7"} {
		questions = append(questions, decoder.Question{Text: "what year ?", Answers: []string{year}})
	}
	m := newModel(t, small("two-order", decoder.Served))
	e := example(t, m, decoder.DataOptions{Together: 3}, questions...)
	if got := m.Tokenizer.Decode(e.Target); got != "52 <eos> what year ? <answer> 60 and 61 <eos> what year ? <answer> 7 <eos>" {
		t.Errorf("the target is %s", got)
	}
	var learned []int32
	for i, yes := range e.Learned {
		if yes {
			learned = append(learned, e.Target[i])
		}
	}
	if got := m.Tokenizer.Decode(learned); got != "52 <eos> 60 and 61 <eos> 7 <eos>" {
		t.Errorf("learned is %s", got)
	}
	d, err := decoder.NewData(m, []decoder.Item{{Table: cities(), Questions: questions}, {Table: cities(), Questions: questions[:1]}}, decoder.DataOptions{Together: 2})
	if err != nil || d.Len() != 3 || d.Counts().Questions != 4 || d.Counts().Sequences != 3 {
		t.Errorf("%d sequences, %+v, %v", d.Len(), d.Counts(), err)
	}
	b, err := d.Prepare([]int{0, 2})
	if err != nil || b.Items() != 2 {
		t.Errorf("%v, %v", b, err)
	}
	if got := fmt.Sprint(b.Targets().Rows()); got != "8" { // 52 <eos> 60 and 61 <eos>, 52 <eos>
		t.Errorf("%s tokens are learned", got)
	}
}

// TestLong: a table that is longer than the model reads is refused, cut or left out, exactly where it no longer fits.
func TestLong(t *testing.T) {
	q := decoder.Question{Text: "what year ?", Answers: []string{"52"}}
	whole := newModel(t, small("two-order", decoder.Served))
	e := example(t, whole, decoder.DataOptions{}, q)
	need := len(e.Prompt) + len(e.Target) - 1
	const second = 5 // tokens that are read of what year ? <answer> 52 <eos>
	c := small("two-order", decoder.Served)
	for _, spare := range []int{0, -1, -14, -30, -60} {
		c.MaxTokens = need + spare
		m := newModel(t, c)
		for _, long := range []decoder.Long{decoder.Refuse, decoder.CutRows, decoder.LeaveOut} {
			d, err := decoder.NewData(m, []decoder.Item{{Table: cities(), Questions: []decoder.Question{q, q}}}, decoder.DataOptions{Long: long, Together: 2})
			name := fmt.Sprint(spare, " ", long)
			switch {
			case spare == 0 && (err != nil || d.Counts() != decoder.Counts{Questions: 2, Sequences: 1, Longest: need + second}):
				t.Errorf("%s: %v", name, err)
			case spare == 0:
			case long == decoder.LeaveOut && (err != nil || d.Len() != 0 || d.Counts().LeftOut != 2):
				t.Errorf("%s: %v", name, err)
			case long == decoder.CutRows && spare > -60:
				if err != nil || d.Counts().Cut != 2 || d.Counts().Longest > c.MaxTokens+second {
					t.Fatalf("%s: %v", name, err)
				}
				e, _ := d.Example(0)
				if got := strings.Count(m.Tokenizer.Decode(e.Prompt), "<column>"); got != 3 {
					t.Errorf("%s: the cut table has %d ends of columns", name, got)
				}
			case long == decoder.Refuse || spare == -60 && long == decoder.CutRows:
				if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d more than the %d of the context", -spare, c.MaxTokens)) {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
	}
}

func TestDataRefuses(t *testing.T) {
	m := newModel(t, small("rope", decoder.Rows))
	ok := []decoder.Question{{Text: "year ?", Answers: []string{"52"}}}
	for _, c := range []struct {
		items []decoder.Item
		o     decoder.DataOptions
		want  string
	}{
		{[]decoder.Item{{Questions: ok}}, decoder.DataOptions{}, "item 0 has no table"},
		{[]decoder.Item{{cities(), ok}, {&tables.Table{Name: "odd", Header: []string{"a"}, Rows: [][]string{{"1", "2"}}}, ok}}, decoder.DataOptions{}, "item 1: "},
		{[]decoder.Item{{cities(), []decoder.Question{{Text: "year ?"}}}}, decoder.DataOptions{}, "has no answer to learn"},
		{nil, decoder.DataOptions{Together: -1}, "want a positive number"},
		{nil, decoder.DataOptions{Long: 7}, "want a positive number"},
	} {
		if _, err := decoder.NewData(m, c.items, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	d, err := decoder.NewData(m, nil, decoder.DataOptions{})
	if err != nil || d.Len() != 0 {
		t.Errorf("no items: %v", err)
	}
	if _, err := d.Prepare(nil); err == nil {
		t.Error("a batch of nothing is prepared")
	}
}
