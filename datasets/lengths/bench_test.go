package lengths_test

import (
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
)

// BenchmarkAt generates examples of the published test lengths.
func BenchmarkAt(b *testing.B) {
	for _, task := range generated(b, lengths.Options{}) {
		b.Run(task.Name(), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				task.At(1, lengths.Test, i)
			}
		})
	}
}

// BenchmarkSequence generates examples and turns them into token ids, without and with a scratchpad.
func BenchmarkSequence(b *testing.B) {
	for name, pad := range map[string]lengths.Scratchpad{"plain": {}, "full": lengths.FullScratchpad()} {
		task := byName(b, "addition", lengths.Options{Scratchpad: pad})
		b.Run("addition/"+name, func(b *testing.B) {
			b.ReportAllocs()
			tokens := 0
			for i := 0; b.Loop(); i++ {
				s, err := task.Sequence(task.At(1, lengths.Test, i))
				if err != nil {
					b.Fatal(err)
				}
				tokens += len(s.IDs)
			}
			b.ReportMetric(float64(tokens)/float64(b.N), "tokens/op")
		})
	}
}
