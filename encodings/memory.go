package encodings

import "github.com/graft-ml/graft/tensor"

// Memory is what encodings keep of sequences between the passes of incremental decoding: the phases that a
// context-aware rotation has run up, the last rows that a convolution reaches back to. One Memory belongs to one batch
// of sequences; [NewMemory] starts it.
type Memory struct {
	sequences int
	kept      map[memoryKey]*tensor.Tensor
}

type memoryKey struct {
	layer int
	name  string
}

// NewMemory returns an empty memory of a number of sequences.
func NewMemory(sequences int) *Memory {
	return &Memory{sequences: sequences, kept: map[memoryKey]*tensor.Tensor{}}
}

// Get returns what was kept for a layer under a name, [sequences, width], zeros at first. What is written into it is
// found by the next pass.
func (m *Memory) Get(layer int, name string, width int) *tensor.Tensor {
	k := memoryKey{layer, name}
	t := m.kept[k]
	if t == nil || t.Cols() != width {
		t = tensor.New(m.sequences, width)
		m.kept[k] = t
	}
	return t
}

// Keep makes the memory follow its sequences: sequence i of the new batch is sequence from[i] of the old.
func (m *Memory) Keep(from []int) { *m = *m.Fork(from) }

// Fork returns a memory whose sequence i is sequence from[i] of m, for continuations of what m remembers. m stays as it
// is.
func (m *Memory) Fork(from []int) *Memory {
	fork := NewMemory(len(from))
	for k, old := range m.kept {
		t := tensor.New(len(from), old.Cols())
		for i, b := range from {
			copy(t.Row(i), old.Row(b))
		}
		fork.kept[k] = t
	}
	return fork
}
