package sequences_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/sequences"
)

var toyContinuations = [][]int32{{4, 1}, {}, {7}, {4, 1, 9, 2, 2, 5}, {0}, {12, 12, 12}, {4, 1}}

func score(t testing.TB, m *sequences.Model, prompt []int32, list [][]int32, o sequences.ScoreOptions) []float64 {
	t.Helper()
	out, err := m.Score(context.Background(), prompt, list, o)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestScoreIsTheReference compares with float64 logits of whole sequences.
func TestScoreIsTheReference(t *testing.T) {
	m := newModel(t, toy(encodings.RoPE{}), 2)
	r := newReference(m)
	prompt := []int32{3, 3, 9}
	got := score(t, m, prompt, toyContinuations, sequences.ScoreOptions{})
	for i, c := range toyContinuations {
		want := 0.0
		ids := append([]int32(nil), prompt...)
		for _, id := range c {
			logits := r.logits(ids)[len(ids)-1]
			sum := 0.0
			for _, v := range logits {
				sum += math.Exp(v)
			}
			want += logits[id] - math.Log(sum)
			ids = append(ids, id)
		}
		if math.Abs(got[i]-want) > 1e-4 {
			t.Errorf("continuation %v: %v, want %v", c, got[i], want)
		}
	}
}

// TestScoreWithACache: continuations read behind a kept prompt have the likelihood of whole sequences, for all encodings and
// in batches of any size.
func TestScoreWithACache(t *testing.T) {
	check := func(name string, m *sequences.Model, prompt []int32, places *sequences.Places) {
		t.Helper()
		whole := score(t, m, prompt, toyContinuations, sequences.ScoreOptions{Places: places, Recompute: true})
		for _, size := range []int{0, 1, 2, 3} {
			got := score(t, m, prompt, toyContinuations, sequences.ScoreOptions{Places: places, BatchSize: size})
			for i := range got {
				if math.Abs(got[i]-whole[i]) > 1e-4 {
					t.Errorf("%s, batches of %d, continuation %d: %v with a cache, %v without", name, size, i, got[i], whole[i])
				}
			}
		}
		if whole[1] != 0 || whole[0] != whole[6] || !(whole[3] < whole[0]) {
			t.Errorf("%s: %v", name, whole)
		}
	}
	for _, c := range onSequences {
		check(fmt.Sprintf("%+v", c.encoding), newModel(t, toy(c.encoding), 1), []int32{6, 5, 4, 3, 2, 1, 0, 8}, nil)
	}
	prompts, places := tablePrompts()
	for _, e := range []encodings.Encoding{encodings.TwoOrder{}, encodings.RoPE{}} {
		check("table, "+e.Name(), newModel(t, toy(e), 1), prompts[0], places[0])
	}
	check("points", newModel(t, toy(encodings.Sinusoidal{}), 1), []int32{1, 2, 3, 4}, &sequences.Places{Rank: 2, Coords: []float64{0, 0, 0, 1, 1, 0, 1, 1}})
}

// TestProbabilityOfACompletion is the score of its tokens and of that which stopped it.
func TestProbabilityOfACompletion(t *testing.T) {
	m := newModel(t, toy(encodings.RoPE{}), 1)
	for _, o := range []sequences.Options{{MaxTokens: 5}, {MaxTokens: 9, Temperature: 0.7, TopK: 3, Seed: 3}} {
		plain := generate(t, m, toyPrompts, o)
		o.Probabilities, o.Stop = true, []int32{plain[0].Tokens[2]}
		for i, c := range generate(t, m, toyPrompts, o) {
			tokens := c.Tokens
			if c.Reason == sequences.Stopped {
				tokens = append(tokens, o.Stop[0])
			}
			want := score(t, m, toyPrompts[i], [][]int32{tokens}, sequences.ScoreOptions{})[0]
			if math.Abs(c.LogProbability-want) > 1e-4 || plain[i].LogProbability != 0 {
				t.Errorf("prompt %d: %v, want %v; not asked for: %v", i, c.LogProbability, want, plain[i].LogProbability)
			}
		}
	}
}

func TestScoreRefuses(t *testing.T) {
	c := toy(encodings.RoPE{})
	c.MaxLength = 4
	m := newModel(t, c, 1)
	for _, test := range []struct {
		prompt []int32
		list   [][]int32
		o      sequences.ScoreOptions
		want   string
	}{
		{nil, nil, sequences.ScoreOptions{}, "the prompt: it is empty"},
		{[]int32{1, 2, 3, 4, 5}, nil, sequences.ScoreOptions{}, "1 more than the model reads"},
		{[]int32{1}, [][]int32{{2}, {13}}, sequences.ScoreOptions{}, "continuation 1: token 0 of its tokens is 13"},
		{[]int32{1, 2, 3}, [][]int32{{2, 3}, {4, 4, 4}}, sequences.ScoreOptions{}, "continuation 1: the model would read 5 tokens with it, 1 more"},
		{[]int32{1}, nil, sequences.ScoreOptions{BatchSize: -1}, "BatchSize is -1"},
		{[]int32{1}, nil, sequences.ScoreOptions{Places: &sequences.Places{Rank: 2, Coords: []float64{0, 0}}}, "rope cannot serve"},
	} {
		_, err := m.Score(context.Background(), test.prompt, test.list, test.o)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want %q", test, err, test.want)
		}
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := m.Score(ctx, []int32{1}, [][]int32{{2}}, sequences.ScoreOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its context: %v", err)
	}
	m.Embedding.Table.Data()[0] = float32(math.NaN())
	if _, err := m.Score(context.Background(), []int32{0}, [][]int32{{2}, {3, 4}}, sequences.ScoreOptions{}); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("with parameters that are no numbers: %v", err)
	}
}

// TestRouting is what Inspect shows, and refuses encodings that mix nothing.
func TestRouting(t *testing.T) {
	_, places := tablePrompts()
	example := sequences.Example{Prompt: []int32{9, 1, 2, 1, 2, 0}, Target: []int32{3}, Places: places[1]}
	m := newModel(t, toy(encodings.TwoOrder{Std: 1}), 1)
	b := newBatch(t, m, sequences.BatchOptions{}, example)
	got, err := m.Routing(b)
	if err != nil || len(got) != 2 {
		t.Fatalf("%d layers, %v", len(got), err)
	}
	err = m.Inspect(b, func(a *encodings.Attention, p encodings.Positions) {
		want := p.(encodings.Routed).Routing(a.Layer)
		if fmt.Sprint(want) != fmt.Sprint(got[a.Layer]) {
			t.Errorf("layer %d: %v, want %v", a.Layer, got[a.Layer], want)
		}
	})
	if err != nil {
		t.Error(err)
	}
	m = newModel(t, toy(encodings.RoPE{}), 1)
	if _, err := m.Routing(newBatch(t, m, sequences.BatchOptions{}, example)); err == nil || !strings.Contains(err.Error(), "only two-order does") {
		t.Errorf("rope: %v", err)
	}
}
