package attention_test

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// refuses fails the test unless f panics with a message that has text in it.
func refuses(t *testing.T, text string, f func()) {
	t.Helper()
	if message := panics(f); !strings.Contains(message, text) {
		t.Errorf("the panic is %q, want one with %q", message, text)
	}
}

// TestSoftmaxRefusals holds what the panics for shapes that do not fit say.
func TestSoftmaxRefusals(t *testing.T) {
	type in = attention.SoftmaxInput
	v := func(shape ...int) *tensor.Var { return tape.Const(tensor.New(shape...)) }
	good := func() in { return in{Queries: []int{0, 2, 5}, Query: v(5, 8), Key: v(5, 8), Value: v(5, 6)} }
	for text, c := range map[string]struct {
		op  attention.Softmax
		set func(i *in)
	}{
		"3 heads of queries and 2 of keys":                     {attention.Softmax{Heads: 3, KVHeads: 2}, nil},
		"0 heads":                                              {attention.Softmax{}, nil},
		"heads 3 do not divide":                                {attention.Softmax{Heads: 3}, nil},
		"dropout 1 is outside":                                 {attention.Softmax{Heads: 2, Dropout: 1}, nil},
		"a negative limit":                                     {attention.Softmax{Heads: 2, Clamp: -1}, nil},
		"want query, key and value":                            {set: func(i *in) { i.Key = nil }},
		"the 2 offsets Queries do not rise from 0 to 5":        {set: func(i *in) { i.Queries = []int{0, 4} }},
		"offsets Keys do not rise":                             {set: func(i *in) { i.Keys = []int{0, 5} }},
		"key has shape [5 6], want [5 8]":                      {set: func(i *in) { i.Key = v(5, 6) }},
		"value has shape [5 7], want [5, 2 times":              {set: func(i *in) { i.Value = v(5, 7) }},
		"QueryIndex has 4 entries, want 5":                     {set: func(i *in) { i.QueryIndex = make([]int32, 4) }},
		"RotateKey turns 3 pairs of channels, but heads are 4": {set: func(i *in) { i.RotateKey = &attention.Rotation{Angles: v(5, 3), Pairs: 3} }},
		"RotateQuery has angles of shape [4 2], want [5 2]":    {set: func(i *in) { i.RotateQuery = &attention.Rotation{Angles: v(4, 2), Pairs: 2} }},
		"RotateQuery wants either Cos and Sin or Angles":       {set: func(i *in) { i.RotateQuery = &attention.Rotation{Pairs: 2} }},
		"cosines of shape [5 2] and sines of shape [5 4]": {set: func(i *in) {
			i.RotateQuery = &attention.Rotation{Cos: tensor.New(5, 2), Sin: tensor.New(5, 4), Pairs: 2}
		}},
		"relative keys have shape [3 4], want [places, 8]":     {set: func(i *in) { i.Relative = &attention.RelativeKeys{Keys: v(3, 4)} }},
		"query of the relative keys has shape [4 8]":           {set: func(i *in) { i.Relative = &attention.RelativeKeys{Keys: v(3, 8), Query: v(4, 8)} }},
		"values of a dense bias has shape [12 2], want [13 2]": {set: func(i *in) { i.Biases = []attention.Bias{attention.DenseBias{Values: v(12, 2)}} }},
		"has 12 entries, want one for each of 13 pairs": {set: func(i *in) {
			i.Biases = []attention.Bias{attention.TableBias{Table: v(3, 2), Index: make([]int32, 12)}}
		}},
		"names row 3 at 0, but the table has 3 rows":             {set: func(i *in) { i.Biases = []attention.Bias{attention.RelativeBias{Table: v(3, 1), Rows: []int32{3}}} }},
		"a relative bias has no Rows":                            {set: func(i *in) { i.Biases = []attention.Bias{attention.RelativeBias{Table: v(3, 1)}} }},
		"the slopes of a distance bias have shape [3], want [2]": {set: func(i *in) { i.Biases = []attention.Bias{attention.DistanceBias{Slopes: v(3)}} }},
		"a distance bias has a list of no distances":             {set: func(i *in) { i.Biases = []attention.Bias{attention.DistanceBias{Slopes: v(2), Distance: []float32{}}} }},
		"bias 0 is a <nil>":                                      {set: func(i *in) { i.Biases = []attention.Bias{nil} }},
		"the window {Back:-1 Ahead:0} has a negative side":       {set: func(i *in) { i.Mask.Window = &attention.Window{Back: -1} }},
		"KeySegments without QuerySegments":                      {set: func(i *in) { i.Mask.KeySegments = make([]int32, 5) }},
		"Trunk without QuerySegments":                            {set: func(i *in) { i.Mask.Trunk = true }},
		"QuerySegments of 5 queries cannot stand for the 6 keys'": {set: func(i *in) {
			i.Keys, i.Key, i.Value, i.Mask.QuerySegments = []int{0, 3, 6}, v(6, 8), v(6, 6), make([]int32, 5)
		}},
		"Neighbours are of items [0 5]":                      {set: func(i *in) { i.Mask.Neighbours = attention.FullPairs([]int{0, 5}) }},
		"Allow has 9 entries, want one for each of 13 pairs": {set: func(i *in) { i.Mask.Allow = make([]bool, 9) }},
		"sequence 0 has 2 queries without QueryIndex":        {set: func(i *in) { i.Keys, i.Key, i.Value, i.KeyIndex = []int{0, 1, 5}, v(5, 8), v(5, 6), make([]int32, 5) }},
	} {
		tape.Begin(tensor.Pass{})
		i, op := good(), c.op
		if c.set != nil {
			op = attention.Softmax{Heads: 2}
			c.set(&i)
		}
		refuses(t, text, func() { op.Apply(tape, i) })
	}
	tape.Begin(tensor.Pass{Grad: true})
	refuses(t, "a cache cannot serve a pass that records gradients", func() {
		i := good()
		i.Cache = &attention.Cache{}
		attention.Softmax{Heads: 2}.Apply(tape, i)
	})
	tape.Begin(tensor.Pass{})
	refuses(t, "a cache of 2 sequences with 2 heads of 4 and 3 came with a batch of 1", func() {
		i := good()
		i.Cache = &attention.Cache{}
		attention.Softmax{Heads: 2}.Apply(tape, i)
		i.Queries = []int{0, 5}
		attention.Softmax{Heads: 2}.Apply(tape, i)
	})
	refuses(t, "attention: Rotation: heads 3 do not divide width 8", func() { (&attention.Rotation{}).Apply(tape, v(5, 8), 3) })
}
