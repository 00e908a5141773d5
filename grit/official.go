package grit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// OfficialTensor is one line of the import table: a tensor of the official state dict (LiamMa/GRIT, commit 6c988ea) and
// the tensor of ours that holds the same numbers, some of them in another order.
type OfficialTensor struct {
	Name   string         // in the official state dict
	Shape  []int          // there
	Tensor *tensor.Tensor // ours
	order  order
	heads  int
}

// order is how the official numbers lie.
type order int

const (
	sameOrder       order = iota
	scoreOrder            // Aw [dim, heads, 1]; ours [heads, dim]
	enhanceOrder          // VeRow [dim in, heads, dim out]; ours [heads, dim in, dim out]
	pairOrder             // E, head by head dim factors and dim offsets; ours all factors, then all offsets
	transposedOrder       // deg_coef [1, width, 2]; ours [2, width]
)

// Import copies values, in the official order, into our tensor.
func (t OfficialTensor) Import(values []float32) {
	t.permute(func(ours, official int) { t.Tensor.Data()[ours] = values[official] })
}

// Export returns numbers that lie as our tensor's (its values or its gradient) in the official order.
func (t OfficialTensor) Export(ours []float32) []float32 {
	out := make([]float32, len(ours))
	t.permute(func(our, official int) { out[official] = ours[our] })
	return out
}

// permute calls move with the place of every number in our order and in the official one.
func (t OfficialTensor) permute(move func(ours, official int)) {
	size, heads := t.Tensor.Size(), t.heads
	switch t.order {
	case sameOrder:
		for i := range size {
			move(i, i)
		}
	case transposedOrder:
		width := size / 2
		for c := range width {
			move(c, 2*c)
			move(width+c, 2*c+1)
		}
	case scoreOrder:
		dim := size / heads
		for h := range heads {
			for c := range dim {
				move(h*dim+c, c*heads+h)
			}
		}
	case enhanceOrder:
		dim := t.Tensor.Shape()[1]
		for h := range heads {
			for c := range dim {
				for o := range dim {
					move((h*dim+c)*dim+o, (c*heads+h)*dim+o)
				}
			}
		}
	case pairOrder: // rows of the weight, or elements of the bias
		rows, cols := t.Tensor.Rows(), t.Tensor.Cols()
		width, dim := rows/2, rows/2/heads
		for r := range rows {
			h, c := r%width/dim, r%dim
			official := h*2*dim + r/width*dim + c
			for k := range cols {
				move(r*cols+k, official*cols+k)
			}
		}
	}
}

// official collects lines of the table.
type official struct {
	prefix string
	heads  int
	list   []OfficialTensor
}

func (o *official) add(name string, t *tensor.Tensor, how order, shape ...int) {
	if t == nil {
		return
	}
	if shape == nil {
		shape = t.Shape()
	}
	o.list = append(o.list, OfficialTensor{Name: o.prefix + name, Shape: shape, Tensor: t, order: how, heads: o.heads})
}

func (o *official) linear(name string, l *nn.Linear, how order) {
	if l != nil {
		o.add(name+".weight", l.Weight, how)
		o.add(name+".bias", l.Bias, how)
	}
}

func (o *official) layerNorm(name string, n *nn.LayerNorm) {
	if n != nil {
		o.add(name+".weight", n.Weight, sameOrder)
		o.add(name+".bias", n.Bias, sameOrder)
	}
}

func (o *official) batchNorm(name string, n *nn.BatchNorm) {
	if n == nil {
		return
	}
	o.add(name+".weight", n.Weight, sameOrder)
	o.add(name+".bias", n.Bias, sameOrder)
	if !n.NoStats {
		o.add(name+".running_mean", n.RunningMean, sameOrder)
		o.add(name+".running_var", n.RunningVar, sameOrder)
	}
}

// Official returns the table of the attention; official names begin with prefix.
func (a *Attention) Official(prefix string) []OfficialTensor {
	heads, dim := a.Score.Rows(), a.Score.Cols()
	o := &official{prefix: prefix, heads: heads}
	o.linear("Q", a.Query, sameOrder)
	o.linear("K", a.Key, sameOrder)
	o.linear("V", a.Value, sameOrder)
	o.linear("E", a.Pair, pairOrder)
	o.add("Aw", a.Score, scoreOrder, dim, heads, 1)
	o.add("VeRow", a.Enhance, enhanceOrder, dim, heads, dim)
	return o.list
}

// Official returns the table of the block; official names begin with prefix.
func (b *Block) Official(prefix string) []OfficialTensor {
	o := &official{prefix: prefix, list: b.Attention.Official(prefix + "attention.")}
	o.add("deg_coef", b.Degree, transposedOrder, 1, b.config.Width, 2)
	o.linear("O_h", b.Output, sameOrder)
	o.linear("O_e", b.PairOutput, sameOrder)
	o.layerNorm("layer_norm1_h", b.LayerNorm1)
	o.layerNorm("layer_norm2_h", b.LayerNorm2)
	o.layerNorm("layer_norm1_e", b.PairLayerNorm)
	o.batchNorm("batch_norm1_h", b.Norm1)
	o.batchNorm("batch_norm2_h", b.Norm2)
	o.batchNorm("batch_norm1_e", b.PairNorm)
	o.add("alpha1_h", b.Gate1, sameOrder, 1, 1)
	o.add("alpha2_h", b.Gate2, sameOrder, 1, 1)
	o.add("alpha1_e", b.PairGate, sameOrder, 1, 1)
	o.linear("FFN_h_layer1", b.In, sameOrder)
	o.linear("FFN_h_layer2", b.Out, sameOrder)
	return o.list
}

// Official returns the import table of the model: every tensor of the official state dict that holds numbers of the
// model. The rest of an official state dict, counters of batches and the padding vector of zeros, has no use here.
func (m *Model) Official() []OfficialTensor {
	o := &official{prefix: "encoder."}
	o.encoder("node_encoder.", "atom_embedding_list", m.Node)
	o.encoder("edge_encoder.", "bond_embedding_list", m.Edge)
	o.prefix = ""
	o.linear("rrwp_abs_encoder.fc", m.Walk, sameOrder)
	o.linear("rrwp_rel_encoder.fc", m.PairWalk, sameOrder)
	for k, b := range m.Blocks {
		o.list = append(o.list, b.Official(fmt.Sprintf("layers.%d.", k))...)
	}
	return append(o.list, m.officialHead("post_mp.")...)
}

// encoder adds an encoder: one embedding, several (OGB's), or a linear layer. The official code has no encoder of both;
// one of ours takes the names of each.
func (o *official) encoder(name, list string, e *Encoder) {
	if len(e.Tables) > 1 || len(e.Tables) == 1 && e.Linear != nil {
		for k, t := range e.Tables {
			o.add(fmt.Sprintf("%s%s.%d.weight", name, list, k), t.Table, sameOrder)
		}
	} else if len(e.Tables) == 1 {
		o.add(name+"encoder.weight", e.Tables[0].Table, sameOrder)
	}
	o.linear(name+"encoder", e.Linear, sameOrder)
}

// officialHead returns the table of the head; official names begin with prefix.
func (m *Model) officialHead(prefix string) []OfficialTensor {
	o := &official{prefix: prefix}
	if m.Readout != nil {
		for k, l := range m.Readout.Layers {
			o.linear(fmt.Sprintf("FC_layers.%d", k), l, sameOrder)
		}
		return o.list
	}
	last := 0
	for k, l := range m.MLP.Hidden {
		o.linear(fmt.Sprintf("layer_post_mp.model.0.Layer_%d.layer.model", k), l, sameOrder)
		last = 1
	}
	o.linear(fmt.Sprintf("layer_post_mp.model.%d.model", last), m.MLP.Out, sameOrder)
	return o.list
}

// LoadOfficial copies an official state dict, in official order, into the model. The error lists every tensor that is
// missing, unexpected or of another shape; nothing is changed then.
func (m *Model) LoadOfficial(state map[string]*tensor.Tensor) error {
	var wrong []string
	known := map[string]bool{}
	table := m.Official()
	for _, t := range table {
		known[t.Name] = true
		if have := state[t.Name]; have == nil {
			wrong = append(wrong, "missing "+t.Name)
		} else if have.Size() != t.Tensor.Size() || len(t.Shape) > 1 && !slices.Equal(have.Shape(), t.Shape) {
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, want %v", t.Name, have.Shape(), t.Shape))
		}
	}
	for name := range state {
		if !known[name] && !unused(name) {
			wrong = append(wrong, "unexpected "+name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("grit: the official weights do not fit the model's configuration: %s", strings.Join(wrong, "; "))
	}
	for _, t := range table {
		t.Import(state[t.Name].Data())
	}
	return nil
}

// unused tells which tensors of an official state dict hold nothing that a model needs.
func unused(name string) bool {
	return strings.HasSuffix(name, ".num_batches_tracked") || name == "rrwp_rel_encoder.padding"
}
