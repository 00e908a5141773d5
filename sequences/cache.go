package sequences

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
)

// cache is what is kept of the tokens that a batch of sequences has read: the keys and values of every layer, and what
// the encoding has to remember.
type cache struct {
	layers []attention.Cache
	memory *encodings.Memory
	read   []int // of each sequence
}

func newCache(layers, sequences int) *cache {
	return &cache{layers: make([]attention.Cache, layers), memory: encodings.NewMemory(sequences), read: make([]int, sequences)}
}

// join makes a layer's attention go on from the cache; a nil cache changes nothing.
func (c *cache) join(a *encodings.Attention) {
	if c != nil {
		a.Cache = &c.layers[a.Layer]
	}
}

// keep goes on with the sequences of the given numbers.
func (c *cache) keep(stay []int) {
	for k := range c.layers {
		c.layers[k].Reorder(stay)
	}
	c.memory.Keep(stay)
	read := make([]int, len(stay))
	for k, i := range stay {
		read[k] = c.read[i]
	}
	c.read = read
}

// fork returns a cache of n copies of the only sequence, which has its layers in common with c: before c forks again, or
// is used, the fork is to be dropped.
func (c *cache) fork(n int) *cache {
	from := make([]int, n)
	f := &cache{layers: c.layers, memory: c.memory.Fork(from), read: make([]int, n)}
	for b := range f.read {
		f.read[b] = c.read[0]
	}
	for k := range c.layers {
		layer := &c.layers[k]
		layer.Truncate(0, c.read[0]) // what an earlier fork added
		layer.Reorder(from)
	}
	return f
}

// layout lays out those tokens of sequences that were not read yet, and returns them.
func (c *cache) layout(list []placed) ([]int32, *encodings.Layout, error) {
	offsets := make([]int, len(list)+1)
	var ids []int32
	for b, s := range list {
		ids = append(ids, s.ids[c.read[b]:]...)
		offsets[b+1] = len(ids)
	}
	if list[0].places != nil && c.read[0] == 0 { // the first pass has the places of the prompts
		l, err := layout(list)
		if err != nil {
			return nil, nil, err
		}
		l.Past, l.Memory = make([]int, len(list)), c.memory
		return ids, l, nil
	}
	l, err := encodings.ContinuedSequences(offsets, c.read, c.memory)
	return ids, l, err
}
