package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// lossName is the name of the loss among the scores.
const lossName = "loss"

// Score is a measured value with its name.
type Score struct {
	Name  string
	Value float64
}

// Scores are what was measured on a split: the loss, called "loss", then the metrics. As JSON they are an object in
// this order, with null for NaN and strings for infinities.
type Scores []Score

// Value returns the score of this name, and NaN where there is none.
func (s Scores) Value(name string) float64 {
	for _, x := range s {
		if x.Name == name {
			return x.Value
		}
	}
	return math.NaN()
}

// Has tells whether there is a score of this name.
func (s Scores) Has(name string) bool {
	for _, x := range s {
		if x.Name == name {
			return true
		}
	}
	return false
}

// String prints the scores as name value, name value.
func (s Scores) String() string {
	var b []byte
	for i, x := range s {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = fmt.Appendf(b, "%s %.6g", x.Name, x.Value)
	}
	return string(b)
}

// MarshalJSON writes the scores as an object, in their order.
func (s Scores) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, x := range s {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(x.Name)
		if err != nil {
			return nil, err
		}
		b = append(append(b, name...), ':')
		b = appendNumber(b, x.Value)
	}
	return append(b, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (s *Scores) UnmarshalJSON(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	tok, err := dec.Token()
	if err != nil {
		return err
	}
	if tok == nil {
		*s = nil
		return nil
	}
	if tok != json.Delim('{') {
		return fmt.Errorf("scores are a JSON object, this begins with %v", tok)
	}
	out := Scores{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		var x number
		if err := dec.Decode(&x); err != nil {
			return fmt.Errorf("score %v: %w", key, err)
		}
		out = append(out, Score{key.(string), float64(x)})
	}
	*s = out
	return nil
}

// number is a float64 that JSON can hold whatever its value is; it comes back with the same bits, NaN excepted.
type number float64

func (x number) MarshalJSON() ([]byte, error) { return appendNumber(nil, float64(x)), nil }

func (x *number) UnmarshalJSON(data []byte) error {
	switch text := string(data); text {
	case "null":
		*x = number(math.NaN())
	case `"+Inf"`:
		*x = number(math.Inf(1))
	case `"-Inf"`:
		*x = number(math.Inf(-1))
	default:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("%s is no number", text)
		}
		*x = number(v)
	}
	return nil
}

func appendNumber(b []byte, x float64) []byte {
	switch {
	case math.IsNaN(x):
		return append(b, "null"...)
	case math.IsInf(x, 0):
		return fmt.Appendf(b, `"%+v"`, x)
	}
	text, err := json.Marshal(x)
	if err != nil {
		panic(fmt.Sprintf("train: number %v: %v", x, err)) // every finite number has a JSON form
	}
	return append(b, text...)
}

// tally sums up a split: its loss and its metrics.
type tally struct {
	hasLoss     bool
	loss, count float64 // sum of batch losses times targets, and number of targets
	names       []string
	meters      []Meter
	parts       []partSum // losses of the model's own
}

// partSum sums up a loss of the model's own as tally does the loss.
type partSum struct {
	Name  string `json:"name"`
	Sum   number `json:"sum"`
	Count number `json:"count"`
}

func newTally(loss nn.Loss, metrics []Metric) *tally {
	t := &tally{hasLoss: loss != nil}
	for _, m := range metrics {
		t.names = append(t.names, m.Name())
		t.meters = append(t.meters, m.New())
	}
	return t
}

// add takes a batch and returns the number of its targets. Its loss, a mean, counts as often, so that the mean over a
// split does not depend on how it is cut into batches.
func (t *tally) add(loss float64, pred, target *tensor.Tensor) (n int) {
	for _, x := range target.Data() {
		if x == x { // not missing
			n++
		}
	}
	if n > 0 {
		t.loss += loss * float64(n)
		t.count += float64(n)
	}
	for _, m := range t.meters {
		m.Add(pred, target)
	}
	return n
}

// addParts takes the losses of the model's own in a batch of n targets. A loss that only some batches have is the mean
// over those.
func (t *tally) addParts(parts []nn.LossPart, n int) {
	for _, part := range parts {
		k := slices.IndexFunc(t.parts, func(s partSum) bool { return s.Name == part.Name })
		if k < 0 {
			k = len(t.parts)
			t.parts = append(t.parts, partSum{Name: part.Name})
		}
		if n > 0 {
			t.parts[k].Sum += number(part.Value * float64(n))
			t.parts[k].Count += number(n)
		}
	}
}

// meanParts returns the means of those losses; nil where there were none.
func (t *tally) meanParts() Scores {
	var s Scores
	for _, p := range t.parts {
		s = append(s, Score{p.Name, float64(p.Sum / p.Count)})
	}
	return s
}

func (t *tally) meanLoss() float64 { return t.loss / t.count }

func (t *tally) scores() Scores {
	var s Scores
	if t.hasLoss {
		s = append(s, Score{lossName, t.meanLoss()})
	}
	for i, m := range t.meters {
		s = append(s, Score{t.names[i], m.Value()})
	}
	return s
}
