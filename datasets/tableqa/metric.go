package tableqa

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Metric is how answers are judged. Figures are the share of questions answered correctly.
type Metric int

// The metrics.
const (
	Denotation     Metric = iota // the official evaluator of WikiTableQuestions, [Evaluate]
	LabelAccuracy                // Entailed or Refuted
	ExactMatch                   // the whole answer, word by word
	NumericMatch                 // HiTab: numbers to 1e-5, text without case, lists in order
	WrittenAnswers               // BLEU and ROUGE of whole texts, which one answer cannot be given
)

var metricNames = [...]string{"denotation accuracy", "accuracy", "exact match", "exact match, numbers to 1e-5", "BLEU and ROUGE"}

// String names the metric.
func (m Metric) String() string {
	if m < Denotation || m > WrittenAnswers {
		return fmt.Sprintf("Metric(%d)", int(m))
	}
	return metricNames[m]
}

// MarshalText gives the name, for JSON.
func (m Metric) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Correct judges the answers given to a question. For WrittenAnswers only a text that is
// the same up to case and white space is correct, which is no figure to report.
func (m Metric) Correct(q *Question, answers []string) bool {
	switch m {
	case Denotation:
		return Evaluate(q.Answers, q.Canon, answers)
	case NumericMatch:
		return slices.EqualFunc(q.Answers, answers, sameNumberOrText)
	case LabelAccuracy, ExactMatch, WrittenAnswers:
		return slices.EqualFunc(q.Answers, answers, sameWords)
	}
	panic(fmt.Sprintf("tableqa: Correct: %v, expected one of the metrics of the package", m))
}

// sameWords compares two texts up to case and the amount of white space.
func sameWords(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// numericTolerance is how near numbers must be in HiTab's exact match.
const numericTolerance = 1e-5

// sameNumberOrText compares one answer as HiTab does.
func sameNumberOrText(want, got string) bool {
	a, errA := strconv.ParseFloat(strings.TrimSpace(want), 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(got), 64)
	if errA == nil && errB == nil {
		return a == b || math.Abs(a-b) <= numericTolerance
	}
	return strings.EqualFold(strings.TrimSpace(want), strings.TrimSpace(got))
}

// Rate is how many of some questions were answered correctly.
type Rate struct {
	Right, All int
}

// Add counts one answer.
func (r *Rate) Add(right bool) {
	r.All++
	if right {
		r.Right++
	}
}

// Percent is the share of right answers, 0 where there were no questions.
func (r Rate) Percent() float64 {
	if r.All == 0 {
		return 0
	}
	return 100 * float64(r.Right) / float64(r.All)
}

// String writes the share and what it is of: "51.2 % of 12779".
func (r Rate) String() string { return fmt.Sprintf("%.1f %% of %d", r.Percent(), r.All) }
