package encodings

import "fmt"

// LLaMAForm is an [Encoding] that models of LLaMA's form have been published with: their config.json describes its
// rotation, and what it learns has names in their state dicts. [RoPE], which learns nothing, needs no such methods.
type LLaMAForm interface {
	Encoding
	// Rotation returns the rotation by which the encoding turns queries and keys.
	Rotation() RoPE
	// WithRotation returns the encoding with the rotation of a config.json in place of its own, unless that is set. The
	// error says what of it the encoding cannot do.
	WithRotation(r RoPE) (Encoding, error)
	// LLaMATensors returns what the encoding learns in a model of these sizes, every tensor of its [Encoder].
	LLaMATensors(d Dims) []LLaMATensor
}

// LLaMATensor is a learned tensor of an encoding in a state dict of LLaMA's form. Values and orders are the same in both.
type LLaMATensor struct {
	Name  string // in the state dict
	Path  string // among the parameters of the Encoder
	Shape []int
}

var _ LLaMAForm = TwoOrder{}

// Rotation returns RoPE with the base of o.
func (o TwoOrder) Rotation() RoPE { return RoPE{Base: o.Base} }

// WithRotation returns o with the base of r, unless it has one. Rotations of a part of the channels, of interleaved pairs
// and with a scaling are refused: no model that reads two orders was published with one.
func (o TwoOrder) WithRotation(r RoPE) (Encoding, error) {
	rest := r
	rest.Base = 0
	if rest.Partial == 1 {
		rest.Partial = 0
	}
	if rest != (RoPE{}) {
		return nil, fmt.Errorf("encodings: %s: it turns all channels in half-split pairs without a scaling, and the rotation is %+v", o.Name(), r)
	}
	if o.Base == 0 {
		o.Base = r.Base
	}
	return o, nil
}

// LLaMATensors returns the routers under the names of the fork that defines them: gate_1, gate_2 and gate_3 of every
// layer's self_attn are W1, W2 and W3.
func (o TwoOrder) LLaMATensors(d Dims) []LLaMATensor {
	width := o.RouterWidth
	if width == 0 {
		width = 4 * d.HeadDim
	}
	var list []LLaMATensor
	for k := range d.Layers {
		for i, l := range []struct {
			path    string
			in, out int
		}{{"gate", d.HeadDim, width}, {"up", d.HeadDim, width}, {"down", width, orders}} {
			name, path := fmt.Sprintf("model.layers.%d.self_attn.gate_%d.", k, i+1), fmt.Sprintf("router.%d.%s.", k, l.path)
			list = append(list, LLaMATensor{name + "weight", path + "weight", []int{l.out, l.in}}, LLaMATensor{name + "bias", path + "bias", []int{l.out}})
		}
	}
	return list
}
