package sequences_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
)

// toy is a small model with numbers large enough that its distributions are not flat.
func toy(encoding encodings.Encoding) sequences.Config {
	return sequences.Config{Vocabulary: 13, Layers: 2, Width: 16, Heads: 4, KVHeads: 2, HeadDim: 4, FeedForwardWidth: 16, InitStd: 0.5, Encoding: encoding}
}

var toyPrompts = [][]int32{{1, 2, 3, 4, 5}, {7}, {3, 3, 9}, {12, 0}, {1, 2, 3, 4, 5}, {6, 5, 4, 3, 2, 1, 0, 8}}

func generate(t testing.TB, m *sequences.Model, prompts [][]int32, o sequences.Options) []sequences.Completion {
	t.Helper()
	out, err := m.Generate(context.Background(), prompts, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestCacheIsRecomputation: what is generated with kept keys and values is what the whole sequence gives, greedy and
// drawn, also where sequences end at different times.
func TestCacheIsRecomputation(t *testing.T) {
	for _, c := range onSequences {
		e := c.encoding
		t.Run(fmt.Sprintf("%+v", e), func(t *testing.T) {
			m := newModel(t, toy(e), 1)
			for _, o := range []sequences.Options{{MaxTokens: 12}, {MaxTokens: 12, Temperature: 0.7, TopP: 0.9, Seed: 5, Stop: []int32{2, 11}, BatchSize: 4}} {
				kept := generate(t, m, toyPrompts, o)
				o.Recompute = true
				if whole := generate(t, m, toyPrompts, o); fmt.Sprint(kept) != fmt.Sprint(whole) {
					t.Errorf("%v with a cache, %v without", kept, whole)
				}
			}
		})
	}
}

// TestGreedyIsTheLikeliest compares with the float64 reference, token by token.
func TestGreedyIsTheLikeliest(t *testing.T) {
	m := newModel(t, toy(encodings.RoPE{}), 2)
	r := newReference(m)
	for i, c := range generate(t, m, toyPrompts, sequences.Options{MaxTokens: 6}) {
		ids := slices.Clone(toyPrompts[i])
		for _, token := range c.Tokens {
			logits := r.logits(ids)
			if best := slices.Index(logits[len(ids)-1], slices.Max(logits[len(ids)-1])); int32(best) != token {
				t.Errorf("prompt %d after %v: token %d, want %d", i, ids, token, best)
			}
			ids = append(ids, token)
		}
		if len(c.Tokens) != 6 || c.Reason != sequences.MaxTokens {
			t.Errorf("prompt %d: %d tokens, %v", i, len(c.Tokens), c.Reason)
		}
	}
}

// TestDrawsAreReplayable: what is drawn for a prompt depends on the seed and its number alone.
func TestDrawsAreReplayable(t *testing.T) {
	m := newModel(t, toy(encodings.RoPE{}), 1)
	o := sequences.Options{MaxTokens: 9, Temperature: 1, Seed: 7, Stop: []int32{4}}
	all := generate(t, m, toyPrompts, o)
	for _, size := range []int{1, 2, 5} {
		o.BatchSize = size
		if got := generate(t, m, toyPrompts, o); fmt.Sprint(got) != fmt.Sprint(all) {
			t.Errorf("in batches of %d: %v, want %v", size, got, all)
		}
	}
	for i := range toyPrompts {
		o.First = uint64(i)
		if got := generate(t, m, toyPrompts[i:i+1], o); fmt.Sprint(got) != fmt.Sprint(all[i:i+1]) {
			t.Errorf("prompt %d alone: %v, want %v", i, got, all[i])
		}
	}
	o.First = 0
	o.Seed = 8
	if got := generate(t, m, toyPrompts, o); fmt.Sprint(got) == fmt.Sprint(all) {
		t.Error("another seed draws the same tokens")
	}
	if fmt.Sprint(all[0]) == fmt.Sprint(all[4]) {
		t.Error("prompts 0 and 4, which are equal, got the same random numbers")
	}
}

func TestReasons(t *testing.T) {
	c := toy(encodings.RoPE{})
	c.MaxLength = 7
	m := newModel(t, c, 1)
	got := generate(t, m, [][]int32{{1, 2, 3}, {1, 2, 3, 4, 5, 6, 7}}, sequences.Options{MaxTokens: 20})
	// Seven tokens are read; the one after them is still chosen.
	if len(got[0].Tokens) != 5 || len(got[1].Tokens) != 1 || got[0].Reason != sequences.MaxLength || got[1].Reason != sequences.MaxLength {
		t.Errorf("up to MaxLength: %v", got)
	}
	stop := got[0].Tokens[2]
	first := slices.Index(got[0].Tokens, stop)
	got = generate(t, m, [][]int32{{1, 2, 3}}, sequences.Options{MaxTokens: 20, Stop: []int32{stop}})
	if len(got[0].Tokens) != first || got[0].Reason != sequences.Stopped {
		t.Errorf("up to token %d: %v", stop, got)
	}
	if s := got[0].Reason.String(); s != "stopped" {
		t.Errorf("the reason is called %q", s)
	}
	if got := generate(t, m, nil, sequences.Options{}); len(got) != 0 {
		t.Errorf("no prompts give %v", got)
	}
	if got := generate(t, m, [][]int32{{1}}, sequences.Options{}); got[0].Reason != sequences.MaxLength {
		t.Errorf("the zero options give %v", got)
	}
}

func TestStreaming(t *testing.T) {
	m := newModel(t, toy(encodings.RoPE{}), 1)
	streamed := make([][]int32, len(toyPrompts))
	o := sequences.Options{MaxTokens: 5, OnToken: func(prompt int, token int32) error {
		streamed[prompt] = append(streamed[prompt], token)
		return nil
	}}
	for i, c := range generate(t, m, toyPrompts, o) {
		if !slices.Equal(c.Tokens, streamed[i]) {
			t.Errorf("prompt %d: streamed %v, returned %v", i, streamed[i], c.Tokens)
		}
	}
	enough := errors.New("enough")
	o.OnToken = func(prompt int, _ int32) error {
		if prompt == 2 {
			return enough
		}
		return nil
	}
	got, err := m.Generate(context.Background(), toyPrompts, o)
	if !errors.Is(err, enough) || !strings.Contains(err.Error(), "prompt 2") || len(got) != len(toyPrompts) || got[0].Reason != sequences.Unfinished {
		t.Errorf("a callback that fails: %v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := m.Generate(ctx, toyPrompts, sequences.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

func TestGenerateErrors(t *testing.T) {
	c := toy(encodings.Learned{MaxLength: 6})
	learned := newModel(t, c, 1)
	c = toy(encodings.RoPE{})
	c.MaxLength = 4
	short := newModel(t, c, 1)
	plain := newModel(t, toy(nil), 1)
	broken := newModel(t, toy(nil), 1)
	for _, p := range nn.Collect(broken).Trainable() {
		if p.Path == "norm.weight" {
			p.Tensor.Data()[3] = float32(math.NaN())
		}
	}
	orders := &sequences.Places{Orders: [][]int32{{0}}}
	for _, e := range []struct {
		name    string
		m       *sequences.Model
		prompts [][]int32
		o       sequences.Options
		want    string
	}{
		{"empty", plain, [][]int32{{1}, {}}, sequences.Options{}, "prompt 1: it is empty: a model needs a token to go on from"},
		{"vocabulary", plain, [][]int32{{1, 13}}, sequences.Options{}, "prompt 0: token 1 of its tokens is 13: want 0 to 12"},
		{"negative", plain, [][]int32{{-1}}, sequences.Options{}, "is -1: want 0 to 12"},
		{"stop", plain, [][]int32{{1}}, sequences.Options{Stop: []int32{40}}, "options: token 0 of its stop list is 40"},
		{"longest", short, [][]int32{{1, 2, 3, 4, 5, 6}}, sequences.Options{}, "prompt 0: it has 6 tokens, 2 more than the model reads (MaxLength)"},
		{"table", learned, [][]int32{{1}, {1, 2, 3, 4, 5, 6, 7}}, sequences.Options{}, "prompt 1: encodings: learned cannot serve sequences: token 6 has place 6"},
		{"growing", learned, [][]int32{{1, 2, 3}}, sequences.Options{}, "encodings: learned cannot serve sequences: token 6 has place 6"},
		{"NaN", broken, [][]int32{{1}}, sequences.Options{}, "prompt 0, token 0: the logit of token 0 is NaN"},
		{"temperature", plain, nil, sequences.Options{Temperature: -1}, "temperature is -1"},
		{"infinite", plain, nil, sequences.Options{Temperature: math.Inf(1)}, "temperature is +Inf"},
		{"top p", plain, nil, sequences.Options{TopP: 1.5}, "TopP is 1.5"},
		{"top k", plain, nil, sequences.Options{TopK: -2}, "TopK is -2"},
		{"tokens", plain, nil, sequences.Options{MaxTokens: -1}, "MaxTokens is -1"},
		{"batch", plain, nil, sequences.Options{BatchSize: -1}, "BatchSize is -1"},
		{"places", plain, [][]int32{{1}, {2}}, sequences.Options{Places: []*sequences.Places{orders}}, "1 Places for 2 prompts"},
		{"unlike", plain, [][]int32{{1}, {2}}, sequences.Options{Places: []*sequences.Places{orders, nil}}, "prompt 1: its places are unlike those of prompt 0"},
		{"beyond", plain, [][]int32{{1}}, sequences.Options{Places: []*sequences.Places{{Orders: [][]int32{{0, 1}}}}}, "places for 2 tokens, of which there are 1"},
		{"no places", plain, [][]int32{{1}}, sequences.Options{Places: []*sequences.Places{{}}}, "0 coordinates of rank 0, and no orders"},
	} {
		out, err := e.m.Generate(context.Background(), e.prompts, e.o)
		if err == nil || !strings.Contains(err.Error(), e.want) || !strings.HasPrefix(err.Error(), "sequences: ") {
			t.Errorf("%s: %v, want %q", e.name, err, e.want)
		}
		if e.name == "growing" && (len(out) != 1 || len(out[0].Tokens) != 4) {
			t.Errorf("%s: the tokens so far are %v", e.name, out)
		}
	}
}
