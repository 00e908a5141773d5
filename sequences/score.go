package sequences

import (
	"context"
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// ScoreOptions say how [Model.Score] reads a prompt.
type ScoreOptions struct {
	Places *Places // of the prompt's tokens; nil means one after another
	// Recompute reads the prompt anew with every continuation, rather than once for all. The results are the same but for
	// rounding. Encodings that cannot go on from where a sequence ended are recomputed in any case.
	Recompute bool
	// BatchSize is the number of continuations that are read at a time; 0 means 16.
	BatchSize int
}

// Score returns the logarithm of the probability that the model gives to each of some continuations of a prompt, the sum
// over their tokens. The prompt is read once and its keys and values serve all continuations, where the encoding lets it.
// What makes no sense is refused before anything is computed, with the number of the continuation; an empty one has the
// probability 1.
func (m *Model) Score(ctx context.Context, prompt []int32, continuations [][]int32, o ScoreOptions) ([]float64, error) {
	if o.BatchSize == 0 {
		o.BatchSize = 16
	}
	tape := tensor.NewTape()
	if err := m.checkScore(tape, prompt, continuations, o); err != nil {
		return nil, fmt.Errorf("sequences: score: %w", err)
	}
	s := &scoring{model: m, tape: tape, prompt: placed{ids: prompt, places: o.Places}, continuations: continuations, out: make([]float64, len(continuations))}
	shared := !o.Recompute && (o.Places == nil || o.Places.Rank == 0) && len(continuations) > 1
	if shared && s.begin() != nil {
		shared = false // the encoding does not go on; if it cannot serve whole sequences either, the error of those says more
	}
	for lo := 0; lo < len(continuations); lo += o.BatchSize {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("sequences: score: %w", err)
		}
		hi := min(lo+o.BatchSize, len(continuations))
		if shared && s.goOn(lo, hi) == nil {
			continue
		}
		shared = false
		if err := s.whole(lo, hi); err != nil {
			return nil, fmt.Errorf("sequences: score: %w", err)
		}
	}
	for i, v := range s.out {
		if math.IsNaN(v) {
			return nil, fmt.Errorf("sequences: score: continuation %d: the logits are not finite: the model's parameters, or its activations, no longer are", i)
		}
	}
	return s.out, nil
}

// scoring is the work of Score.
type scoring struct {
	model         *Model
	tape          *tensor.Tape
	prompt        placed
	continuations [][]int32
	out           []float64
	first         []float64 // logarithms of the probabilities of the token after the prompt, [vocabulary]
	cache         *cache    // of the prompt
}

// begin reads the prompt into the cache.
func (s *scoring) begin() error {
	s.cache = newCache(s.model.Config.Layers, 1)
	ids, l, err := s.cache.layout([]placed{s.prompt})
	if err != nil {
		return err
	}
	s.tape.Begin(tensor.Pass{})
	x, _, err := s.model.tokens(s.tape, ids, step{layout: l, cache: s.cache})
	if err != nil {
		return err
	}
	last := s.model.logits(s.tape, x, []int32{int32(len(ids) - 1)}).Value().Row(0)
	s.first = make([]float64, len(last))
	norm := logSum(last)
	for i, v := range last {
		s.first[i] = float64(v) - norm
	}
	s.cache.read[0] = len(ids)
	return nil
}

// goOn reads the continuations lo to hi behind the prompt in the cache.
func (s *scoring) goOn(lo, hi int) error {
	offsets := []int{0}
	var ids []int32
	var longer []int // continuations of which the model has to read something
	for i := lo; i < hi; i++ {
		c := s.continuations[i]
		if len(c) > 1 {
			ids = append(ids, c[:len(c)-1]...)
			offsets, longer = append(offsets, len(ids)), append(longer, i)
		}
	}
	var logits *tensor.Tensor
	if len(longer) > 0 {
		fork := s.cache.fork(len(longer))
		l, err := encodings.ContinuedSequences(offsets, fork.read, fork.memory)
		if err != nil {
			return err
		}
		s.tape.Begin(tensor.Pass{})
		x, _, err := s.model.tokens(s.tape, ids, step{layout: l, cache: fork})
		if err != nil {
			return err
		}
		logits = s.model.logits(s.tape, x, nil).Value()
	}
	for i := lo; i < hi; i++ {
		if c := s.continuations[i]; len(c) > 0 {
			s.out[i] = s.first[c[0]]
		}
	}
	for b, i := range longer {
		for t, id := range s.continuations[i][1:] {
			s.out[i] += logProbability(logits.Row(offsets[b]+t), id)
		}
	}
	return nil
}

// whole reads prompt and continuation together.
func (s *scoring) whole(lo, hi int) error {
	var examples []Example
	var which []int
	for i := lo; i < hi; i++ {
		s.out[i] = 0
		if c := s.continuations[i]; len(c) > 0 {
			examples, which = append(examples, Example{Prompt: s.prompt.ids, Target: c, Places: s.prompt.places}), append(which, i)
		}
	}
	if len(examples) == 0 {
		return nil
	}
	b, err := newBatch(examples, BatchOptions{})
	if err != nil {
		return err
	}
	s.tape.Begin(tensor.Pass{})
	logits, _, err := s.model.Run(s.tape, b)
	if err != nil {
		return err
	}
	row := 0
	for _, i := range which {
		for _, id := range s.continuations[i] {
			s.out[i] += logProbability(logits.Value().Row(row), id)
			row++
		}
	}
	return nil
}

// checkScore reports what makes no sense.
func (m *Model) checkScore(tp *tensor.Tape, prompt []int32, continuations [][]int32, o ScoreOptions) error {
	if o.BatchSize < 0 {
		return fmt.Errorf("BatchSize is %d: want a positive number, or 0 for 16", o.BatchSize)
	}
	options := Options{}
	if o.Places != nil {
		options.Places = []*Places{o.Places}
	}
	if err := m.checkPrompt(tp, prompt, options, 0); err != nil {
		return fmt.Errorf("the prompt: %w", err)
	}
	for i, c := range continuations {
		if err := m.checkIDs("tokens", c); err != nil {
			return fmt.Errorf("continuation %d: %w", i, err)
		}
		if n, limit := len(prompt)+len(c)-1, m.Config.MaxLength; limit > 0 && n > limit {
			return fmt.Errorf("continuation %d: the model would read %d tokens with it, %d more than MaxLength", i, n, n-limit)
		}
	}
	return nil
}

// logProbability is the logarithm of the probability that logits give to a token.
func logProbability(logits []float32, id int32) float64 { return float64(logits[id]) - logSum(logits) }

// logSum is the logarithm of the sum of the exponentials of logits.
func logSum(logits []float32) float64 {
	largest := math.Inf(-1)
	for _, v := range logits {
		largest = max(largest, float64(v))
	}
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v) - largest)
	}
	return largest + math.Log(sum)
}
