package sequences

import (
	"context"
	"io"
	"math/rand/v2"

	"github.com/graft-ml/graft/tensor"
)

// KeepsCache generates for the prompts and tells whether keys and values were kept to the end.
func KeepsCache(m *Model, prompts [][]int32, o Options) (bool, error) {
	g := m.begin(tensor.NewTape(), &o, make([]Completion, len(prompts)))
	for i, p := range prompts {
		g.add(i, p)
	}
	err := g.run(context.Background())
	return g.cache != nil, err
}

// Pick returns the tokens among which one was drawn.
func Pick(logits []float32, temperature, topP float64, topK int) ([]int32, error) {
	s := sampler{temperature: temperature, topP: topP, topK: topK}
	_, err := s.pick(logits, rand.New(rand.NewPCG(1, 1)))
	return s.kept, err
}

// Draws counts the tokens of a number of draws.
func Draws(logits []float32, temperature float64, draws int, random *rand.Rand) map[int32]int {
	s := sampler{temperature: temperature}
	counts := map[int32]int{}
	for range draws {
		token, err := s.pick(logits, random)
		if err != nil {
			panic(err)
		}
		counts[token]++
	}
	return counts
}

// ReadIndex reads the index of a sharded file of weights.
func ReadIndex(r io.Reader) (map[string]string, error) { return readIndex(r) }
