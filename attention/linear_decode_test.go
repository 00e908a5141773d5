package attention_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// decoder is a causal attention that decodes with a state.
type decoder struct {
	name   string
	layer  *layer
	decode func(tp *tensor.Tape, s *attention.RecurrentState, offsets []int, leaf func(string) *tensor.Var) *tensor.Var
}

// decoders are attentions over sequences of the lengths of decodeLengths.
func decoders() (all []decoder) {
	for _, c := range linearCases() {
		if !c.op.Causal {
			continue
		}
		c.queries = decodeLengths
		all = append(all, decoder{c.String(), c.layer(1), func(tp *tensor.Tape, s *attention.RecurrentState, offsets []int, leaf func(string) *tensor.Var) *tensor.Var {
			return c.op.Decode(tp, s, attention.LinearInput{Queries: offsets, Query: leaf("query"), Key: leaf("key"), Value: leaf("value")})
		}})
	}
	for _, c := range additiveCases() {
		c.lengths = decodeLengths
		c.drift, c.jump = min(c.drift, 1), min(c.jump, 10) // z of hundreds has fewer digits
		all = append(all, decoder{fmt.Sprintf("%+v", c), c.layer(1), func(tp *tensor.Tape, s *attention.RecurrentState, offsets []int, leaf func(string) *tensor.Var) *tensor.Var {
			return c.op.Decode(tp, s, attention.AdditiveInput{Offsets: offsets, Query: leaf("query"), Key: leaf("key"), Value: leaf("value"), KeyFactor: leaf("factor")})
		}})
	}
	return all
}

var decodeLengths = []int{90, 0, 30, 7}

// steps decodes all sequences, of each so many tokens at a step, and returns the results in the order of the batch.
func (d *decoder) steps(s *attention.RecurrentState, of func(step, sequence int) int) []float32 {
	offsets := joined(decodeLengths...)
	results := make([][]float32, len(decodeLengths))
	done := make([]int, len(decodeLengths))
	for step := 0; !slices.Equal(done, decodeLengths); step++ {
		var rows []int32
		now := []int{0}
		for b, n := range decodeLengths {
			for range min(of(step, b), n-done[b]) {
				rows = append(rows, int32(offsets[b]+done[b]))
				done[b]++
			}
			now = append(now, len(rows))
		}
		tape.Begin(tensor.Pass{})
		y := d.decode(tape, s, now, func(name string) *tensor.Var {
			if d.layer.inputs[name] == nil {
				return nil
			}
			return tape.Gather(tape.Const(d.layer.inputs[name]), rows)
		})
		for b := range decodeLengths {
			results[b] = append(results[b], y.Data()[now[b]*y.Cols():now[b+1]*y.Cols()]...)
		}
	}
	return slices.Concat(results...)
}

// TestDecode decodes token by token, and by pieces of any size: the results are those of the whole sequences.
func TestDecode(t *testing.T) {
	for _, d := range decoders() {
		want, _ := d.layer.run(false)
		scale := 0.0
		for _, v := range want {
			scale = max(scale, math.Abs(float64(v)))
		}
		for name, of := range map[string]func(step, b int) int{
			"one by one": func(int, int) int { return 1 },
			"by pieces":  func(step, b int) int { return (step*7 + b*3) % 70 },
			"at once":    func(int, int) int { return 1000 },
		} {
			s := attention.NewRecurrentState(len(decodeLengths))
			got := d.steps(s, of)
			for n, v := range want {
				if !(math.Abs(float64(got[n]-v)) <= 2*forwardTolerance*scale) {
					t.Errorf("%s, %s: result %d is %v, want %v", d.name, name, n, got[n], v)
					break
				}
			}
			for b, n := range decodeLengths {
				if s.Seen(b) != n {
					t.Errorf("%s, %s: sequence %d has seen %d tokens, want %d", d.name, name, b, s.Seen(b), n)
				}
			}
		}
	}
}

// TestRecurrentState picks sequences out of a state, in another order, and begins anew.
func TestRecurrentState(t *testing.T) {
	for _, d := range decoders()[:3] {
		s := attention.NewRecurrentState(len(decodeLengths))
		one := func(rows ...int32) []float32 {
			now := make([]int, s.Sequences()+1)
			for b := range rows {
				now[b+1] = b + 1
			}
			tape.Begin(tensor.Pass{})
			return slices.Clone(d.decode(tape, s, now, func(name string) *tensor.Var {
				return tape.Gather(tape.Const(d.layer.inputs[name]), rows)
			}).Data())
		}
		first := one(3, 95, 121, 4)
		width := len(first) / 4
		bytes := s.Bytes()
		s.Select([]int{2, 0, 0})
		if s.Sequences() != 3 || s.Seen(1) != 1 || s.Bytes() != bytes/4*3 {
			t.Errorf("%d sequences, %d seen, %d bytes", s.Sequences(), s.Seen(1), s.Bytes())
		}
		got := one(11, 10, 10)
		s.Reset()
		if again := one(121, 3, 3); !sameFloats(again[:width], first[2*width:3*width]) || !sameFloats(again[width:2*width], first[:width]) {
			t.Errorf("%s: after Reset, or in another place, results differ", d.name)
		}
		if want := one(11, 10, 10); !sameFloats(got, want) {
			t.Errorf("%s: results after Select are not those of the sequences it chose", d.name)
		}
		s.Select(nil)
		if s.Sequences() != 0 {
			t.Errorf("%d sequences after none was chosen", s.Sequences())
		}
	}
}
