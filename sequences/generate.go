package sequences

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/tensor"
)

// Options say how [Model.Generate] goes on from prompts. The zero value takes the likeliest token every time.
type Options struct {
	// MaxTokens is the most tokens to generate after a prompt; 0 means 100.
	MaxTokens int
	// Stop are the tokens that end a sequence, the end-of-text token for instance. They are not part of what is returned.
	Stop []int32

	// Temperature divides the logits before one of the tokens is drawn: 1 draws from the model's own distribution, below
	// that the likely ones gain. 0 always takes the likeliest token, the first of equal ones.
	Temperature float64
	// TopK draws among that many of the likeliest tokens only; 0 means all.
	TopK int
	// TopP draws among the fewest likeliest tokens that have together at least this share of the probability (nucleus
	// sampling, Holtzman and others 2020), after TopK; 0 means 1, all.
	TopP float64
	// Seed names the random numbers. Prompt i draws from stream First + i of them, one number a token, so that what is
	// drawn for it depends on neither the other prompts nor BatchSize.
	Seed, First uint64

	// BatchSize is the number of prompts that are worked on at a time; 0 means 16.
	BatchSize int
	// Recompute runs the model over the whole sequence for every token, rather than keeping keys and values of the tokens
	// that it has read. The results are the same but for rounding. Encodings that cannot go on from where a sequence ended
	// are recomputed in any case.
	Recompute bool
	// Places are those of the prompts' tokens, one for each prompt; nil means one after another.
	Places []*Places
	// Probabilities asks for Completion.LogProbability.
	Probabilities bool
	// OnToken is called for every new token as soon as it is chosen, with the number of its prompt. An error ends the
	// generation.
	OnToken func(prompt int, token int32) error
}

// Completion is what was generated after a prompt.
type Completion struct {
	Tokens []int32
	Reason Reason
	// LogProbability is the logarithm of the probability that the model itself gives, at the temperature 1 and without any
	// cut, to the tokens and to that which stopped them; 0 where Options.Probabilities did not ask for it.
	LogProbability float64
}

// Reason says why a completion ends.
type Reason int

// The reasons.
const (
	Unfinished Reason = iota // an error came before the end
	Stopped                  // a token of Options.Stop was chosen
	MaxTokens                // Options.MaxTokens were generated
	MaxLength                // the model reads no more tokens (Config.MaxLength)
)

// String returns the reason in a few words.
func (r Reason) String() string {
	return nearest.Name("Reason", int(r), []string{"unfinished", "stopped", "max tokens", "max length"})
}

// Generate goes on from prompts, each at least one token long, and returns a completion for each. Prompts are worked on in
// batches of their own lengths; a sequence that has ended leaves its batch.
//
// Options and prompts that make no sense are refused before anything is computed, with the number of the prompt; so are
// prompts that the encoding cannot serve, a learned table that is shorter for instance. Logits that are not finite end the
// generation with an error, as do the end of ctx and an error of OnToken. With such an error come the completions so far.
func (m *Model) Generate(ctx context.Context, prompts [][]int32, o Options) ([]Completion, error) {
	if o.MaxTokens == 0 {
		o.MaxTokens = 100
	}
	if o.BatchSize == 0 {
		o.BatchSize = 16
	}
	tape := tensor.NewTape()
	if err := m.checkGenerate(tape, prompts, o); err != nil {
		return nil, fmt.Errorf("sequences: %w", err)
	}
	out := make([]Completion, len(prompts))
	for lo := 0; lo < len(prompts); lo += o.BatchSize {
		g := m.begin(tape, &o, out)
		for i := lo; i < min(lo+o.BatchSize, len(prompts)); i++ {
			g.add(i, prompts[i])
		}
		if err := g.run(ctx); err != nil {
			return out, fmt.Errorf("sequences: generate: %w", err)
		}
	}
	return out, nil
}

// begin returns a generation without prompts.
func (m *Model) begin(tape *tensor.Tape, o *Options, out []Completion) *generation {
	return &generation{model: m, tape: tape, options: o, out: out, sampler: sampler{temperature: o.Temperature, topK: o.TopK, topP: o.TopP}}
}

// add adds prompt i, with its places and its random numbers.
func (g *generation) add(i int, prompt []int32) {
	o := g.options
	s := &line{prompt: i, placed: placed{ids: slices.Clone(prompt)}}
	if o.Places != nil {
		s.places = o.Places[i]
	}
	if o.Temperature > 0 {
		s.random = rand.New(rand.NewPCG(spread(o.Seed), spread(^(o.First + uint64(i)))))
	}
	g.live = append(g.live, s)
}

// spread is the finaliser of splitmix64 (Steele, Lea, Flood 2014): neighbouring seeds become numbers far apart.
func spread(x uint64) uint64 {
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

// checkGenerate reports the first option or prompt that makes no sense.
func (m *Model) checkGenerate(tp *tensor.Tape, prompts [][]int32, o Options) error {
	switch {
	case o.MaxTokens < 0:
		return fmt.Errorf("MaxTokens is %d: want a positive number, or 0 for 100", o.MaxTokens)
	case o.BatchSize < 0:
		return fmt.Errorf("BatchSize is %d: want a positive number, or 0 for 16", o.BatchSize)
	case !(o.Temperature >= 0) || math.IsInf(o.Temperature, 1):
		return fmt.Errorf("temperature is %v: want a positive number, or 0 for the likeliest token", o.Temperature)
	case o.TopK < 0:
		return fmt.Errorf("TopK is %d: want a positive number, or 0 for all tokens", o.TopK)
	case !(o.TopP >= 0 && o.TopP <= 1):
		return fmt.Errorf("TopP is %v: want a share up to 1, or 0 for all tokens", o.TopP)
	case o.Places != nil && len(o.Places) != len(prompts):
		return fmt.Errorf("there are %d Places for %d prompts: give each prompt its own, or none at all", len(o.Places), len(prompts))
	}
	if err := m.checkIDs("stop list", o.Stop); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	for i, p := range prompts {
		if err := m.checkPrompt(tp, p, o, i); err != nil {
			return fmt.Errorf("prompt %d: %w", i, err)
		}
	}
	return nil
}

func (m *Model) checkPrompt(tp *tensor.Tape, prompt []int32, o Options, i int) error {
	if len(prompt) == 0 {
		return errors.New("it is empty: a model needs a token to go on from; begin with the token that begins every text")
	}
	if limit := m.Config.MaxLength; limit > 0 && len(prompt) > limit {
		return fmt.Errorf("it has %d tokens, %d more than the model reads (MaxLength)", len(prompt), len(prompt)-limit)
	}
	if err := m.checkIDs("tokens", prompt); err != nil {
		return err
	}
	s := placed{ids: prompt}
	if o.Places != nil {
		s.places = o.Places[i]
		if err := alike(o.Places[0], s.places); err != nil {
			return fmt.Errorf("its places are unlike those of prompt 0: %w", err)
		}
		if err := s.places.check(len(prompt)); err != nil {
			return err
		}
	}
	l, err := layout([]placed{s})
	if err != nil {
		return err
	}
	return m.serves(tp, l)
}
