package sequences

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// line is a sequence in the making.
type line struct {
	placed     // the prompt and what came after it
	prompt int // its number
	random *rand.Rand
}

// generation works on a batch of prompts until all have ended.
type generation struct {
	model   *Model
	options *Options
	out     []Completion
	live    []*line
	sampler sampler
	tape    *tensor.Tape
	cache   *cache // nil where all is recomputed
}

func (g *generation) run(ctx context.Context) error {
	if places := g.live[0].places; !g.options.Recompute && (places == nil || places.Rank == 0) {
		g.cache = newCache(g.model.Config.Layers, len(g.live))
	}
	for len(g.live) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		logits, err := g.logits()
		if err != nil {
			return err
		}
		var stay []int
		for i, s := range g.live {
			ended, err := g.extend(s, logits.Row(i))
			if err != nil {
				return fmt.Errorf("prompt %d, token %d: %w", s.prompt, len(g.out[s.prompt].Tokens), err)
			}
			if !ended {
				stay = append(stay, i)
			}
		}
		g.keep(stay)
	}
	return nil
}

// extend chooses the next token of a sequence and tells whether it has ended.
func (g *generation) extend(s *line, logits []float32) (ended bool, err error) {
	o, out := g.options, &g.out[s.prompt]
	token, err := g.sampler.pick(logits, s.random)
	if err != nil {
		return false, err
	}
	if o.Probabilities {
		out.LogProbability += logProbability(logits, token)
	}
	if slices.Contains(o.Stop, token) {
		out.Reason = Stopped
		return true, nil
	}
	out.Tokens = append(out.Tokens, token)
	if o.OnToken != nil {
		if err := o.OnToken(s.prompt, token); err != nil {
			return false, err
		}
	}
	switch limit := g.model.Config.MaxLength; {
	case len(out.Tokens) == o.MaxTokens:
		out.Reason = MaxTokens
	case limit > 0 && len(s.ids) == limit:
		out.Reason = MaxLength
	default:
		s.ids = append(s.ids, token)
		return false, nil
	}
	return true, nil
}

// keep goes on with the sequences of the given numbers.
func (g *generation) keep(stay []int) {
	if len(stay) == len(g.live) {
		return
	}
	live := make([]*line, len(stay))
	for k, i := range stay {
		live[k] = g.live[i]
	}
	g.live = live
	if g.cache != nil {
		g.cache.keep(stay)
	}
}

// logits returns those of the token after each sequence: [live, vocabulary].
func (g *generation) logits() (*tensor.Tensor, error) {
	list := make([]placed, len(g.live))
	for i, s := range g.live {
		list[i] = s.placed
	}
	if g.cache != nil {
		ids, l, err := g.cache.layout(list)
		if err == nil {
			var logits *tensor.Tensor
			if logits, err = g.last(ids, l); err == nil {
				for b, s := range list {
					g.cache.read[b] = len(s.ids)
				}
				return logits, nil
			}
		}
		// The encoding cannot go on, from here or at all. If it cannot serve the whole sequences either, the error of
		// those says more.
		g.cache = nil
	}
	var ids []int32
	for _, s := range list {
		ids = append(ids, s.ids...)
	}
	l, err := layout(list)
	if err != nil {
		return nil, err
	}
	return g.last(ids, l)
}

// last runs the model and returns the logits of the last token of every item.
func (g *generation) last(ids []int32, l *encodings.Layout) (*tensor.Tensor, error) {
	rows := make([]int32, l.Items())
	for b := range rows {
		rows[b] = int32(l.Offsets[b+1] - 1)
	}
	g.tape.Begin(tensor.Pass{})
	x, _, err := g.model.tokens(g.tape, ids, step{layout: l, cache: g.cache})
	if err != nil {
		return nil, err
	}
	return g.model.logits(g.tape, x, rows).Value(), nil
}
