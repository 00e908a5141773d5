package encodings

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/internal/settings"
)

// Known is an encoding with the name by which commands and configurations call for it.
type Known struct {
	Name     string
	About    string   // in a few words, with the layouts that it serves
	Encoding Encoding // with its defaults
}

// List returns all encodings that attention can be driven by, in the order of the families: nothing, additions to tokens,
// rotations, biases, those that learn more, those of graphs, of grids and of tables. [RRWP], whose pair features another
// kernel reads and updates, is not one of them.
func List() []Known {
	return []Known{
		{"none", "no positions: every layout", None{}},
		{"sinusoidal", "sines and cosines added to tokens: sequences, grids", Sinusoidal{}},
		{"sinusoidal-halves", "the same, all sines before all cosines: sequences, grids", Sinusoidal{Halves: true}},
		{"learned", "a learned vector for every place: sequences up to its length, grids with a shape", Learned{}},
		{"rope", "rotations by place, half-split pairs: sequences", RoPE{}},
		{"rope-interleaved", "rotations by place, interleaved pairs: sequences", RoPE{Interleaved: true}},
		{"rope-quarter", "rotations of the first quarter of the channels, interleaved: sequences", RoPE{Interleaved: true, Partial: 0.25}},
		{"xpos", "rotations with a decay by distance: sequences", XPos{}},
		{"rope-alibi-harmonic", "rotations with a harmonic bias by distance: sequences", Harmonic{}},
		{"carope", "rotations by what the tokens before say: sequences", CARoPE{}},
		{"complexformer", "magnitudes and phases of complex channels: sequences", ComplexFormer{}},
		{"alibi", "a bias that falls with distance: sequences", ALiBi{}},
		{"t5-bias", "a learned bias by bucket of distance, to both sides: sequences", T5Bias{}},
		{"t5-bias-causal", "a learned bias by bucket of distance, backwards: sequences", T5Bias{Causal: true}},
		{"seqpe", "digits of the place read by a small transformer: sequences, grids with axes", SeqPE{}},
		{"rcmha", "convolved queries, keys and values, learned relative vectors: sequences", RCMHA{}},
		{"mdha", "convolved queries, keys and values: sequences", RCMHA{NoRelative: true}},
		{"transformer-xl", "relative vectors made of sinusoids: sequences", TransformerXL{}},
		{"shortest-path", "a learned bias by shortest path, degrees: graphs", ShortestPath{}},
		{"rwse", "return probabilities of random walks: graphs", RWSE{}},
		{"laplacian", "eigenvectors of the Laplacian: graphs", Laplacian{}},
		{"axial-rope", "rotations, pairs shared out among the axes: grids, points", AxialRoPE{}},
		{"mixed-rope", "rotations by learned mixtures of both axes: 2-D grids, points", MixedRoPE{}},
		{"eva", "rotations of EVA-02, rows before columns: 2-D grids, points", EVA{}},
		{"mrope", "rotations of Qwen2-VL by frame, row and column: 3-D points, sequences", MRoPE{}},
		{"comrope-ld", "learned commuting rotations of blocks, one generator a block: grids, points", ComRoPE{}},
		{"comrope-ap", "learned commuting rotations of blocks, one axis a block: grids, points", ComRoPE{Kind: AxialPartition}},
		{"liere", "learned rotations of blocks that do not commute: grids, points", ComRoPE{Kind: LieRE}},
		{"comrope-vanilla", "fixed rotations of pairs, axis after axis: grids, points", ComRoPE{Kind: Vanilla}},
		{"md-tpe", "a decaying sum along every axis, before the first layer: grids, sequences", MDTPE{}},
		{"md-lrpe", "cosines of places multiplied into queries and keys: grids, points", MDLRPE{}},
		{"cca", "rotations and a causal mask by rings of the image, border to centre: 2-D grids, points on a line, sequences", CCA{}},
		{"two-order", "rotations in two orders, mixed by a router: tables", TwoOrder{}},
	}
}

// Names returns the names of [List].
func Names() []string {
	var names []string
	for _, k := range List() {
		names = append(names, k.Name)
	}
	return names
}

// ByName returns the encoding of a name, with its settings, if there are any, after colons:
//
//	rope
//	rope:partial=0.25:interleaved
//	axial-rope:base=10:scaling.linear=2
//
// A setting is a field of the encoding's struct in lower case, its words joined by hyphens; a truth value without = is
// true. The error of an unknown name or setting is an [*UnknownError] that tells the nearest known one.
func ByName(text string) (Encoding, error) {
	name, rest, more := strings.Cut(text, ":")
	list := List()
	i := slices.IndexFunc(list, func(k Known) bool { return k.Name == name })
	if i < 0 {
		return nil, &UnknownError{What: "encoding", Name: name, Nearest: nearest.To(name, Names())}
	}
	if !more {
		return list[i].Encoding, nil
	}
	reader := settings.Reader{
		Unknown: func(name string, known []string) error {
			return &UnknownError{What: "setting", Name: name, Nearest: nearest.To(name, known)}
		},
		Interface: func(text string) (any, error) { return ByName(text) },
	}
	e, err := reader.Apply(list[i].Encoding, strings.Split(rest, ":"))
	if err != nil {
		return nil, fmt.Errorf("encodings: %s: %w", text, err)
	}
	return e.(Encoding), nil
}

// UnknownError is a name that nothing has.
type UnknownError struct {
	What    string // "encoding", or "setting"
	Name    string
	Nearest string // the known name nearest to it
}

// Error says what was asked for and what there is.
func (e *UnknownError) Error() string {
	if e.Nearest == "" {
		return fmt.Sprintf("encodings: unknown %s %q: there are none", e.What, e.Name)
	}
	return fmt.Sprintf("encodings: unknown %s %q; did you mean %q?", e.What, e.Name, e.Nearest)
}
