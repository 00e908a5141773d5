package sequences_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/sequences"
	"pgregory.net/rapid"
)

// kept returns the tokens that may be drawn, by sorting all of them.
func kept(logits []float32, temperature, topP float64, topK int) map[int32]bool {
	type token struct {
		id int32
		p  float64
	}
	largest := float64(slices.Max(logits))
	var all []token
	for i, v := range logits {
		if p := math.Exp((float64(v) - largest) / temperature); p > 0 {
			all = append(all, token{int32(i), p})
		}
	}
	slices.SortStableFunc(all, func(a, b token) int {
		switch {
		case a.p > b.p:
			return -1
		case a.p < b.p:
			return 1
		}
		return 0
	})
	if topK > 0 {
		all = all[:min(topK, len(all))]
	}
	total := 0.0
	for _, t := range all {
		total += t.p
	}
	out, sum := map[int32]bool{}, 0.0
	for _, t := range all {
		out[t.id] = true
		if sum += t.p; topP > 0 && topP < 1 && sum >= topP*total*(1-1e-12) {
			break
		}
	}
	return out
}

func TestCutAgainstSorting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logits := rapid.SliceOfN(rapid.Float32Range(-30, 30), 1, 60).Draw(t, "logits")
		temperature := rapid.Float64Range(0.05, 5).Draw(t, "temperature")
		topP := rapid.SampledFrom([]float64{0, 0.1, 0.5, 0.9, 0.999, 1}).Draw(t, "top p")
		topK := rapid.IntRange(0, 8).Draw(t, "top k")
		got, err := sequences.Pick(logits, temperature, topP, topK)
		if err != nil {
			t.Fatal(err)
		}
		want := kept(logits, temperature, topP, topK)
		if len(got) != len(want) {
			t.Fatalf("may draw %v, want %v", got, want)
		}
		for _, id := range got {
			if !want[id] {
				t.Fatalf("may draw %v, want %v", got, want)
			}
		}
	})
}

// TestDrawsFollowTheDistribution: 20,000 draws have each token as often as its probability says.
func TestDrawsFollowTheDistribution(t *testing.T) {
	logits := []float32{1, 3, 2, -1, 2.5}
	const temperature, draws = 1.3, 20000
	var want [5]float64
	total := 0.0
	for i, v := range logits {
		want[i] = math.Exp(float64(v) / temperature)
		total += want[i]
	}
	counts := sequences.Draws(logits, temperature, draws, rand.New(rand.NewPCG(1, 2)))
	for i := range want {
		p := want[i] / total
		if d := math.Abs(float64(counts[int32(i)])/draws - p); d > 4*math.Sqrt(p*(1-p)/draws) {
			t.Errorf("token %d was drawn %d times of %d, its probability is %v", i, counts[int32(i)], draws, p)
		}
	}
}

func TestPickErrors(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		logits []float32
		want   string
	}{
		{[]float32{1, nan}, "the logit of token 1 is NaN"},
		{[]float32{nan, 1}, "the logit of token 0 is NaN"},
		{[]float32{1, 2, inf}, "the logit of token 2 is +Inf"},
		{[]float32{-inf, -inf}, "all logits are -Inf"},
	} {
		for _, temperature := range []float64{0, 1} {
			if _, err := sequences.Pick(c.logits, temperature, 0, 0); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v: %v, want %q", c.logits, err, c.want)
			}
		}
	}
	got, err := sequences.Pick([]float32{-inf, 2, -inf, 1}, 1, 0, 0)
	if err != nil || fmt.Sprint(got) != "[1 3]" {
		t.Errorf("tokens of weight 0: may draw %v, %v", got, err)
	}
}
