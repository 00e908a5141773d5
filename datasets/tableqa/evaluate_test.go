package tableqa

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestEvaluatorGolden compares with outputs of the official evaluator.py, v1.0.2, run under
// Python 2.7: all normalisations and all checks of the file.
func TestEvaluatorGolden(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "evaluator-golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Normalize [][2]string
		Check     [][4]json.RawMessage `json:"check_denotation"` // answers, canonical forms or null, predictions, result
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Normalize) != 29 || len(golden.Check) != 21 {
		t.Fatalf("%d normalisations and %d checks, expected 29 and 21", len(golden.Normalize), len(golden.Check))
	}
	for _, c := range golden.Normalize {
		if got := Normalise(c[0]); got != c[1] {
			t.Errorf("Normalise(%q) = %q, expected %q", c[0], got, c[1])
		}
	}
	for _, c := range golden.Check {
		var answers, canon, predicted []string
		var want bool
		for k, into := range []any{&answers, &canon, &predicted, &want} {
			if err := json.Unmarshal(c[k], into); err != nil {
				t.Fatal(err)
			}
		}
		if got := Evaluate(answers, canon, predicted); got != want {
			t.Errorf("Evaluate(%q, %q, %q) = %v, expected %v", answers, canon, predicted, got, want)
		}
	}
}

// TestValues checks what the golden file does not reach, by the code of evaluator.py.
func TestValues(t *testing.T) {
	for _, c := range []struct {
		text string
		want Value
	}{
		{"12", Value{Kind: Number, Amount: 12}},
		{" +7 ", Value{Kind: Number, Amount: 7}},
		{"-.5", Value{Kind: Number, Amount: -0.5}},
		{"4.9999999", Value{Kind: Number, Amount: 4}}, // int() truncates
		{"٣", Value{Kind: Number, Amount: 3}},         // int(u"٣") is 3
		{"𝟙𝟚", Value{Kind: Number, Amount: 12}},
		{"1_000", Value{}},
		{"0x10", Value{}},
		{"inf", Value{}},
		{"1e999", Value{}},
		{"", Value{}},
		{"1990-5-3", Value{Kind: Date, Year: 1990, Month: 5, Day: 3}},
		{"xxxx-05-XX", Value{Kind: Date, Year: -1, Month: 5, Day: -1}},
		{"1990-xx-xx", Value{Kind: Number, Amount: 1990}},
		{"xx-xx-xx", Value{}},
		{"1990-13-01", Value{}},
		{"1990-1-32", Value{}},
		{"1990-0-1", Value{}},
		{"1-2", Value{}},
		{"a-b-c", Value{}},
	} {
		got := ParseValue(c.text, "")
		got.Normalised = ""
		if got != c.want {
			t.Errorf("ParseValue(%q) = %+v, expected %+v", c.text, got, c.want)
		}
	}
}

func TestEvaluateSets(t *testing.T) {
	for _, c := range []struct {
		answers, predicted []string
		want               bool
	}{
		{[]string{"1", "1.0"}, []string{"1"}, true}, // equal values count once
		{[]string{"a"}, nil, false},
		{nil, nil, true},
		{[]string{"5"}, []string{"5-xx-xx"}, true}, // a year is a number
		{[]string{"a", "b"}, []string{"a", "c"}, false},
		{[]string{"1990-05-03"}, []string{"1990-5-3"}, true},
	} {
		if got := Evaluate(c.answers, nil, c.predicted); got != c.want {
			t.Errorf("Evaluate(%q, nil, %q) = %v, expected %v", c.answers, c.predicted, got, c.want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("one canonical form of two answers did not panic")
		}
	}()
	Evaluate([]string{"a", "b"}, []string{"a"}, nil)
}

func TestMetrics(t *testing.T) {
	for _, c := range []struct {
		metric    Metric
		wanted    []string
		predicted []string
		want      bool
	}{
		{LabelAccuracy, []string{Entailed}, []string{"Entailed "}, true},
		{LabelAccuracy, []string{Entailed}, []string{Refuted}, false},
		{ExactMatch, []string{"3 4"}, []string{"3  4"}, true},
		{ExactMatch, []string{"3 4"}, []string{"4 3"}, false},
		{ExactMatch, []string{"3 4"}, []string{"3 4", "5"}, false},
		{NumericMatch, []string{"0.5"}, []string{".500004"}, true},
		{NumericMatch, []string{"0.5"}, []string{"0.5001"}, false},
		{NumericMatch, []string{"Men", "2"}, []string{" men", "2.0"}, true},
		{NumericMatch, []string{"men", "2"}, []string{"2", "men"}, false},
		{Denotation, []string{"a", "b"}, []string{"b", "A."}, true},
		{WrittenAnswers, []string{"He won."}, []string{"he won."}, true},
	} {
		if got := c.metric.Correct(&Question{Answers: c.wanted}, c.predicted); got != c.want {
			t.Errorf("%v: %q for %q: %v, expected %v", c.metric, c.predicted, c.wanted, got, c.want)
		}
	}
	if got := (Rate{1, 3}).String(); got != "33.3 % of 3" || (Rate{}).Percent() != 0 {
		t.Error(got)
	}
}
