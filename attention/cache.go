package attention

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Cache holds the keys, turned as their rotation says, the values and the places of the tokens that a layer has seen, so
// that a decoder computes each token once. It belongs to one layer; a batch of sequences grows in it, each at its own
// pace. Give it to the kernel as [SoftmaxInput.Cache], in passes that record no gradients. The zero value is empty, and
// the first pass settles the number of sequences, of heads and their widths.
//
// The keys of a head lie one after another, so that a step reads the memory once from end to end.
type Cache struct {
	kv, d, dv int
	seqs      []cachedSequence
	offsets   []int   // of all keys, as SoftmaxInput.Keys
	places    []int32 // of all keys, sequence after sequence
	spare     []cachedSequence
}

// cachedSequence is what a cache holds of one sequence.
type cachedSequence struct {
	keys, values [][]float32 // of each head [tokens, head dim], [tokens, value dim]
	places       []int32
}

// Sequences returns the number of sequences.
func (c *Cache) Sequences() int { return len(c.seqs) }

// Len returns the number of tokens of sequence b.
func (c *Cache) Len(b int) int { return len(c.seqs[b].places) }

// Truncate forgets all tokens of sequence b but the first n: a draft that was rejected, a new turn.
func (c *Cache) Truncate(b, n int) {
	s := &c.seqs[b]
	if n < 0 || n > len(s.places) {
		panic(fmt.Sprintf("attention: Cache: cannot truncate sequence %d of %d tokens to %d", b, len(s.places), n))
	}
	s.places = s.places[:n]
	for h := range s.keys {
		s.keys[h], s.values[h] = s.keys[h][:n*c.d], s.values[h][:n*c.dv]
	}
}

// Reset forgets everything but the memory: the next pass may have other sequences.
func (c *Cache) Reset() {
	for b := range c.seqs {
		c.Truncate(b, 0)
	}
	c.spare = append(c.spare, c.seqs...)
	c.seqs = c.seqs[:0]
}

// Reorder makes sequence b what sequence from[b] is, for all b: a beam search that goes on with its best, or a batch
// that drops finished sequences. from may be shorter or longer than the number of sequences.
func (c *Cache) Reorder(from []int) {
	for b, f := range from {
		if f < 0 || f >= len(c.seqs) {
			panic(fmt.Sprintf("attention: Cache: sequence %d is to become sequence %d of %d", b, f, len(c.seqs)))
		}
	}
	old := append([]cachedSequence(nil), c.seqs...)
	taken := make([]bool, len(old))
	c.seqs = c.seqs[:0]
	for _, f := range from {
		if !taken[f] {
			taken[f] = true
			c.seqs = append(c.seqs, old[f])
			continue
		}
		s := c.fresh()
		s.places = append(s.places, old[f].places...)
		for h := range s.keys {
			s.keys[h] = append(s.keys[h], old[f].keys[h]...)
			s.values[h] = append(s.values[h], old[f].values[h]...)
		}
		c.seqs = append(c.seqs, s)
	}
	for f, s := range old {
		if !taken[f] {
			c.spare = append(c.spare, s)
		}
	}
}

// fresh returns an empty sequence, in the memory of one that is gone if there is one.
func (c *Cache) fresh() cachedSequence {
	if n := len(c.spare); n > 0 {
		s := c.spare[n-1]
		c.spare = c.spare[:n-1]
		if len(s.keys) == c.kv {
			s.places = s.places[:0]
			for h := range s.keys {
				s.keys[h], s.values[h] = s.keys[h][:0], s.values[h][:0]
			}
			return s
		}
	}
	return cachedSequence{keys: make([][]float32, c.kv), values: make([][]float32, c.kv)}
}

// settle fixes the sizes with the first pass and panics where later ones differ.
func (c *Cache) settle(sequences, kv, d, dv int) {
	if len(c.seqs) == 0 {
		c.kv, c.d, c.dv = kv, d, dv
		for range sequences {
			c.seqs = append(c.seqs, c.fresh())
		}
	}
	if c.kv != kv || c.d != d || c.dv != dv || len(c.seqs) != sequences {
		refuseSoftmax("a cache of %d sequences with %d heads of %d and %d came with a batch of %d sequences with %d heads of %d and %d",
			len(c.seqs), c.kv, c.d, c.dv, sequences, kv, d, dv)
	}
}

// grow appends the keys and values of a pass to the cache and makes in one of all keys.
func (op *softmax) grow(tp *tensor.Tape, in *SoftmaxInput) {
	c, keys := in.Cache, in.Keys
	if keys == nil {
		keys = in.Queries
	}
	if in.Keys == nil && in.KeyIndex == nil {
		in.KeyIndex = in.QueryIndex
	}
	rotate := newRotor(tp, in.RotateKey, op.kv, &op.trig)
	for b := range c.seqs {
		s := &c.seqs[b]
		for r := range keys[b+1] - keys[b] {
			at := keys[b] + r
			place := int32(len(s.places))
			if in.KeyIndex != nil {
				place = in.KeyIndex[at]
			}
			s.places = append(s.places, place)
			for h := range op.kv {
				k := in.Key.Data()[(at*op.kv+h)*op.d:][:op.d]
				n := len(s.keys[h])
				s.keys[h] = append(s.keys[h], k...)
				rotate.turn(s.keys[h][n:], op.d, s.keys[h][n:], op.d, 1, op.d, at, h, 1, false)
				s.values[h] = append(s.values[h], in.Value.Data()[(at*op.kv+h)*op.dv:][:op.dv]...)
			}
		}
	}
	rotate.release(tp)
	c.offsets, c.places = append(c.offsets[:0], 0), c.places[:0]
	for b := range c.seqs {
		c.places = append(c.places, c.seqs[b].places...)
		c.offsets = append(c.offsets, len(c.places))
	}
	if in.Keys == nil && in.QueryIndex == nil {
		in.QueryIndex = in.KeyIndex
	}
	in.Keys, in.KeyIndex, in.RotateKey = c.offsets, c.places, nil
}
