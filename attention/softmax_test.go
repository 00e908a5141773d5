package attention_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
)

var softCases = []softCase{
	{name: "plain", heads: 2, d: 8, queries: []int{5, 3}},
	{name: "one token", heads: 1, d: 1, queries: []int{1}},
	{name: "nothing", heads: 2, d: 4, queries: []int{}},
	{name: "empty sequences", heads: 2, d: 4, queries: []int{0, 3, 0, 2, 0}},
	{name: "scale 1", heads: 2, d: 4, queries: []int{6}, scale: 1},
	{name: "grouped heads", heads: 6, kv: 2, d: 5, dv: 3, queries: []int{4, 9}},
	{name: "cross", heads: 2, d: 6, dv: 7, queries: []int{3, 5, 0, 2}, keys: []int{70, 1, 4, 0}},
	{name: "causal", heads: 2, d: 8, queries: []int{70, 1, 3}, causal: true},
	{name: "causal decoder", heads: 2, d: 8, queries: []int{3, 5}, keys: []int{69, 5}, causal: true},
	{name: "causal in any order", heads: 2, d: 8, queries: []int{70, 9}, causal: true, scattered: true},
	{name: "window", heads: 1, d: 4, queries: []int{150}, window: &attention.Window{Back: 3, Ahead: 1}},
	{name: "window in any order", heads: 1, d: 4, queries: []int{70}, window: &attention.Window{Back: 3, Ahead: 1}, scattered: true},
	{name: "causal window", heads: 1, d: 4, queries: []int{130}, causal: true, window: &attention.Window{Back: 70, Ahead: 5}},
	{name: "segments", heads: 2, d: 4, queries: []int{80, 7}, segments: true},
	{name: "segments across", heads: 2, d: 4, queries: []int{8, 7}, keys: []int{5, 66}, segments: true},
	{name: "trunk", heads: 2, d: 4, queries: []int{133, 7}, segments: true, trunk: true},
	{name: "trunk across", heads: 2, d: 4, queries: []int{8, 7}, keys: []int{5, 131}, segments: true, trunk: true, causal: true},
	{name: "branches", heads: 2, d: 8, queries: []int{131, 1, 67}, branches: true, causal: true, rotate: "fixed", pairs: 3},
	{name: "branches of many blocks", heads: 1, d: 4, queries: []int{601}, branches: true, causal: true, weights: true},
	{name: "branches with more", heads: 4, kv: 2, d: 7, dv: 5, queries: []int{199, 9}, branches: true, causal: true, relative: true, relativePlaces: 40,
		t5: 4, alibi: true, window: &attention.Window{Back: 60}, allow: true, weights: true},
	{name: "neighbours", heads: 2, d: 4, queries: []int{80, 7, 1}, neighbours: true},
	{name: "allow", heads: 2, d: 4, queries: []int{66, 7}, keys: []int{9, 70}, allow: true},
	{name: "all masks", heads: 2, d: 4, queries: []int{80, 7}, segments: true, neighbours: true, allow: true, causal: true, window: &attention.Window{Back: 30, Ahead: 9}},
	{name: "rotation", heads: 2, d: 8, queries: []int{20, 3}, rotate: "fixed", pairs: 4},
	{name: "rotation, interleaved", heads: 2, d: 8, queries: []int{20, 3}, rotate: "fixed", pairs: 4, interleaved: true},
	{name: "rotation, partial", heads: 2, d: 9, queries: []int{20, 3}, rotate: "fixed", pairs: 3},
	{name: "rotation, partial, interleaved, by head", heads: 4, kv: 2, d: 9, queries: []int{20, 3}, rotate: "fixed", pairs: 4, interleaved: true, apart: true},
	{name: "rotation, learned", heads: 4, kv: 2, d: 6, queries: []int{20, 3}, rotate: "learned", pairs: 3},
	{name: "rotation, learned, by head", heads: 4, kv: 2, d: 7, queries: []int{20, 3}, keys: []int{4, 66}, rotate: "learned", pairs: 3, apart: true, interleaved: true},
	{name: "relative", heads: 2, d: 6, queries: []int{70, 3}, relative: true, relativePlaces: 9},
	{name: "relative, all places", heads: 2, d: 6, queries: []int{70, 3}, relative: true, relativePlaces: 141, relativeQuery: true, causal: true},
	{name: "relative, rotation, scattered", heads: 4, kv: 2, d: 6, queries: []int{70, 3}, relative: true, relativePlaces: 30, rotate: "learned", pairs: 3, scattered: true},
	{name: "dense bias", heads: 3, d: 4, queries: []int{9, 66}, dense: 3},
	{name: "dense bias of all heads", heads: 4, kv: 2, d: 4, queries: []int{9, 66}, dense: 1, causal: true},
	{name: "table bias", heads: 3, d: 4, queries: []int{9, 66}, keys: []int{70, 2}, table: 3},
	{name: "table bias of all heads", heads: 3, d: 4, queries: []int{9, 66}, table: 1},
	{name: "relative bias", heads: 2, d: 4, queries: []int{9, 66}, t5: 2},
	{name: "relative bias of all heads, scattered", heads: 2, d: 4, queries: []int{9, 66}, t5: 1, scattered: true},
	{name: "distance bias", heads: 2, d: 4, queries: []int{9, 66}, alibi: true, causal: true},
	{name: "distance bias, own distances", heads: 2, d: 4, queries: []int{9, 66}, keys: []int{33, 70}, alibi: true, distance: true, scattered: true},
	{name: "cap", heads: 2, d: 4, queries: []int{9, 66}, softCap: 1.5},
	{name: "clamp", heads: 2, d: 4, queries: []int{9, 66}, clamp: 0.7},
	{name: "decay", heads: 2, d: 4, queries: []int{9, 66}, decay: attention.Decay{Window: 4, Factor: 0.9}},
	{name: "decay with risk", heads: 2, d: 4, queries: []int{9, 90}, decay: attention.Decay{Window: 4, Factor: 0.9, Period: 15, Radius: 3, RiskFactor: 0.6, Exempt: 7}},
	{name: "weights", heads: 2, d: 4, queries: []int{9, 70}, causal: true, weights: true},
	{name: "all", heads: 4, kv: 2, d: 7, dv: 5, queries: []int{9, 70}, keys: []int{66, 71}, rotate: "learned", pairs: 3, relative: true, relativePlaces: 12,
		relativeQuery: true, dense: 1, table: 4, t5: 4, alibi: true, causal: true, window: &attention.Window{Back: 50, Ahead: 3}, segments: true, allow: true,
		softCap: 3, clamp: 2.5, decay: attention.Decay{Window: 4, Factor: 0.9, Period: 15, Radius: 3, RiskFactor: 0.6, Exempt: 7}, weights: true},
}

// TestSoftmax holds every combination against the reference.
func TestSoftmax(t *testing.T) {
	for _, c := range softCases {
		t.Run(c.name, func(t *testing.T) {
			s := c.build(rand.New(rand.NewPCG(3, 4)))
			against(t, s)
		})
	}
}

// against holds the kernel against the reference.
func against(t *testing.T, s *softTest) {
	t.Helper()
	want, got := s.ref.run(true), s.run()
	near(t, "out", got.out, want.out, forwardTolerance)
	if s.weights {
		near(t, "weights", got.weights, want.weights, forwardTolerance)
	}
	for name, g := range want.grads {
		if strings.HasPrefix(name, "angles") && s.rotate != "learned" {
			continue
		}
		if len(g) == 0 {
			continue
		}
		nearSum(t, "gradient of "+name, got.grads[name], g, gradientTolerance, want.summed[name])
	}
}
