package encodings_test

import (
	"fmt"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/encodings/encodingtest"
)

// TestContract runs the kit over every encoding, in the settings that differ in kind.
func TestContract(t *testing.T) {
	small := encodings.SeqPE{Width: 8, Heads: 2, Layers: 1, MaxPosition: 100}
	smallGrid := small
	smallGrid.Axes = 2
	grouped := encodings.Dims{Width: 48, Heads: 4, KVHeads: 2, HeadDim: 12, Layers: 2}
	for _, e := range []encodings.Encoding{
		encodings.None{},
		encodings.Sinusoidal{}, encodings.Sinusoidal{Halves: true, ScaleTokens: true},
		encodings.Learned{MaxLength: 20}, encodings.Learned{Shape: []int{2, 3}}, encodings.Learned{Shape: []int{4, 3}, Leading: 1}, encodings.Learned{Shape: []int{2, 3}, Bilinear: true},
		encodings.ALiBi{}, encodings.ALiBi{MPT: true},
		encodings.T5Bias{}, encodings.T5Bias{Causal: true, Buckets: 6, MaxDistance: 9, KeepScale: true},
		encodings.RoPE{}, encodings.XPos{}, encodings.AxialRoPE{}, encodings.MixedRoPE{}, encodings.EVA{}, encodings.MRoPE{Sections: [3]int{2, 2, 2}},
		encodings.ComRoPE{Block: 4}, encodings.ComRoPE{Block: 2, Kind: encodings.AxialPartition},
		encodings.CARoPE{}, encodings.Harmonic{},
		small, smallGrid,
		encodings.MDTPE{}, encodings.MDTPE{Axes: 1}, encodings.MDLRPE{}, encodings.MDLRPE{Axes: 1, Learned: true},
		encodings.TwoOrder{}, encodings.CCA{}, encodings.CCA{LeadingFirst: true, NoMask: true},
		encodings.ShortestPath{}, encodings.ShortestPath{VirtualNode: true, MaxDistance: 3, EdgeTypes: []int{2}},
		encodings.ShortestPath{EdgeTypes: []int{2}, Edges: encodings.OneHop, NoDegrees: true, Distances: 4},
		encodings.RWSE{}, encodings.RWSE{Steps: 3, NoNorm: true},
		encodings.Laplacian{}, encodings.Laplacian{Vectors: 3, Unnormalised: true, Eigenvalues: true},
		encodings.RCMHA{MaxDistance: 12}, encodings.RCMHA{NoRelative: true, PerHead: true, Kernel: 2}, encodings.RCMHA{NoConv: true, MaxDistance: 3},
		encodings.TransformerXL{}, encodings.TransformerXL{ClampLength: 3},
	} {
		t.Run(fmt.Sprintf("%s %+v", e.Name(), e), func(t *testing.T) {
			encodingtest.Run(t, e, encodingtest.Options{Dims: grouped})
		})
	}
	// The scores of ComplexFormer jump where a phase passes ±π.
	t.Run("complexformer", func(t *testing.T) {
		encodingtest.Run(t, encodings.ComplexFormer{}, encodingtest.Options{Dims: grouped, Skip: []string{"gradient"}})
	})
	// Decayed goes by the order in which tokens lie, not by their coordinates, and refuses what the encoding within does.
	t.Run("decayed", func(t *testing.T) {
		sequences := encodingtest.Layouts()[:2]
		encodingtest.Run(t, encodings.Decayed{Of: encodings.RoPE{}, Trained: 2}, encodingtest.Options{Dims: grouped, Layouts: sequences})
	})
}
