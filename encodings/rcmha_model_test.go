package encodings_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// rcmhaModel is the official language model around RCMHA, with the parameters of a golden file.
type rcmhaModel struct {
	c             *golden.Case
	heads, layers int
	encoder       encodings.Encoder
	params        *nn.Params
	ours          map[string]string         // the encoder's parameters by their official names
	weights       map[string]*tensor.Tensor // the others, by theirs
}

func newRCMHAModel(t *testing.T, c *golden.Case, width, heads, layers, farthest int) *rcmhaModel {
	m := &rcmhaModel{c: c, heads: heads, layers: layers, ours: map[string]string{}, weights: map[string]*tensor.Tensor{}}
	values := map[string]*tensor.Tensor{}
	for i := range layers {
		official, path := fmt.Sprintf("transformer.layers.%d.self_attn.", i), fmt.Sprintf("layer.%d.", i)
		for _, x := range []string{"query", "key", "value"} {
			for _, p := range []string{"weight", "bias"} {
				m.ours[official+x+".1.conv."+p] = path + x + "." + p
			}
		}
		m.ours[official+"query_pos_bias"] = path + "query_bias"
		m.ours[official+"key_pos_embeddings.used"], m.ours[official+"key_pos_bias.used"] = path+"keys", path+"bias"
	}
	for official, path := range m.ours {
		values[path] = c.Tensor("w." + official)
		if strings.HasSuffix(official, ".used") {
			values[path] = recentRows(values[path], farthest)
		}
	}
	m.encoder, m.params = encoderOf(t, encodings.RCMHA{MaxDistance: farthest}, encodings.Dims{Width: width, Heads: heads, Layers: layers}, values)
	return m
}

// leaf returns a parameter that is not the encoder's; nil where the file has none.
func (m *rcmhaModel) leaf(tp *tensor.Tape, name string) *tensor.Var {
	if m.weights[name] == nil {
		if !m.c.Has("w." + name) {
			return nil
		}
		m.weights[name] = m.c.Tensor("w." + name)
	}
	return tp.Leaf(m.weights[name])
}

func (m *rcmhaModel) linear(tp *tensor.Tape, name string, x *tensor.Var) *tensor.Var {
	return tp.Linear(x, m.leaf(tp, name+".weight"), m.leaf(tp, name+".bias"))
}

func (m *rcmhaModel) norm(tp *tensor.Tape, name string, x *tensor.Var) *tensor.Var {
	return tp.LayerNorm(x, m.leaf(tp, name+".weight"), m.leaf(tp, name+".bias"), 1e-5)
}

// forward returns the logits of a segment, and puts the inputs of its layers into the memory, of which most rows stay.
func (m *rcmhaModel) forward(t *testing.T, tp *tensor.Tape, ids []int64, shape []int, memory []*tensor.Tensor, most int) *tensor.Var {
	s := segment{items: shape[1], queries: shape[0]}
	if memory[0] != nil {
		s.memory = memory[0].Rows()
	}
	index := make([]int32, len(ids))
	for b := range s.items {
		for i := range s.queries {
			index[b*s.queries+i] = int32(ids[i*s.items+b])
		}
	}
	x := tp.Gather(m.leaf(tp, "src_embed.weight"), index)
	positions := begin(t, tp, m.encoder, layoutOf(t)(encodings.Sequences(s.offsets(s.queries))))
	for i := range m.layers {
		path := fmt.Sprintf("transformer.layers.%d.", i)
		z := m.norm(tp, path+"norm_self_attn", x)
		all := z
		if s.memory > 0 {
			all = s.join(tp, m.norm(tp, path+"norm_self_attn", tp.Const(itemsFirst(memory[i]))), z)
		}
		memory[i] = lastRows(memory[i], tokensFirst(x.Data(), []int{s.queries, s.items, x.Cols()}), most)
		a := s.attend(m.heads, i, m.linear(tp, path+"self_attn.query.0.linear", z), m.linear(tp, path+"self_attn.key.0.linear", all), m.linear(tp, path+"self_attn.value.0.linear", all))
		x = tp.Add(x, m.linear(tp, path+"self_attn.output", a.Run(tp, positions)))
		hidden := tp.ReLU(m.linear(tp, path+"feed_forward.layer1", m.norm(tp, path+"norm_ff", x)))
		x = tp.Add(x, m.linear(tp, path+"feed_forward.layer2", hidden))
	}
	return m.linear(tp, "generator", m.norm(tp, "transformer.norm", x))
}

// lastRows returns the last rows, most of them, of one [tokens, items, width] followed by another; the first may be nil.
func lastRows(one, two *tensor.Tensor, most int) *tensor.Tensor {
	var data []float32
	if one != nil {
		data = append(data, one.Data()...)
	}
	data = append(data, two.Data()...)
	n := min(len(data)/two.Cols(), most)
	s := two.Shape()
	return tensor.FromSlice(data[len(data)-n*two.Cols():], n, s[1], s[2])
}

// compare compares the gradients of all parameters.
func (m *rcmhaModel) compare(t *testing.T, tp *tensor.Tape) {
	for name, w := range m.weights {
		m.c.CompareFlat(t, "grad."+name, tp.Grad(w), golden.Gradient)
	}
	for official, path := range m.ours {
		compareEncoderGradient(t, m.c, official, tp.Grad(m.params.Find(path)))
	}
}

// crossEntropy is the mean loss of logits, item after item, for class ids [tokens, items].
func crossEntropy(tp *tensor.Tape, logits *tensor.Var, ids []int64, shape []int) *tensor.Var {
	target := tensor.New(len(ids))
	for k, id := range ids {
		target.Data()[k%shape[1]*shape[0]+k/shape[1]] = float32(id)
	}
	return nn.CrossEntropy{}.Loss(tp, logits, target)
}
