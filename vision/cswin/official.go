package cswin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

// official is a tensor of the model under its name in the official state dict.
type official struct {
	name string
	to   *tensor.Tensor
}

// officialHead begins the names of the head.
const officialHead = "head."

// official returns the table of names, in the order of the parameters.
func (m *Model) official() (list []official) {
	add := func(name string, weight, bias *tensor.Tensor) {
		list = append(list, official{name + ".weight", weight}, official{name + ".bias", bias})
	}
	linear := func(name string, l *nn.Linear) { add(name, l.Weight, l.Bias) }
	norm := func(name string, n *nn.LayerNorm) { add(name, n.Weight, n.Bias) }
	for n, s := range m.Stages {
		conv, after := "stage1_conv_embed.0", "stage1_conv_embed.2"
		if n > 0 {
			conv, after = fmt.Sprintf("merge%d.conv", n), fmt.Sprintf("merge%d.norm", n)
		}
		add(conv, s.Down.Conv.Weight, s.Down.Conv.Bias)
		norm(after, s.Down.Norm)
		for k, b := range s.Blocks {
			prefix := fmt.Sprintf("stage%d.%d.", n+1, k)
			for _, t := range b.official() {
				list = append(list, official{prefix + t.name, t.to})
			}
		}
	}
	norm("norm", m.Norm)
	linear("head", m.Head)
	return list
}

// official returns the part of the table that is of a block.
func (b *Block) official() (list []official) {
	add := func(name string, weight, bias *tensor.Tensor) {
		list = append(list, official{name + ".weight", weight}, official{name + ".bias", bias})
	}
	add("norm1", b.AttentionNorm.Weight, b.AttentionNorm.Bias)
	add("qkv", b.Attention.QueryKeyValue.Weight, b.Attention.QueryKeyValue.Bias)
	for p, l := range b.Attention.Local {
		add(fmt.Sprintf("attns.%d.get_v", p), l.Weight, l.Bias)
	}
	add("proj", b.Attention.Out.Weight, b.Attention.Out.Bias)
	add("norm2", b.FeedForwardNorm.Weight, b.FeedForwardNorm.Bias)
	add("mlp.fc1", b.FeedForward.In.Weight, b.FeedForward.In.Bias)
	add("mlp.fc2", b.FeedForward.Out.Weight, b.FeedForward.Out.Bias)
	return list
}

// OfficialOptions say how official weights are read. The zero value wants all that the model learns to be there.
type OfficialOptions struct {
	// OwnHead leaves the model's head as it is, whatever the file has for one: for fine-tuning to other classes.
	OwnHead bool
}

// LoadOfficial copies a state dict of the official code (microsoft/CSWin-Transformer, commit f111ae2) into the model, from
// a safetensors file that has its names, such as stage3.0.attns.1.get_v.weight. Weights of one image size serve models of
// others, as long as the same stages have stripes. Files that PyTorch pickled (.pth) are to be turned into safetensors
// before, without what stands around the dict; the weights that are served at prediction are those of state_dict_ema.
// Tensors are of F32, and for files opened with safetensors.Options{Convert: true} of F16, BF16 or F64 too. The error lists
// every tensor that is missing, unexpected or of another shape; nothing is changed then.
func (m *Model) LoadOfficial(f *safetensors.File, o OfficialOptions) error {
	var wrong []string
	known := map[string]bool{}
	table := m.official()
	table = slices.DeleteFunc(table, func(t official) bool {
		known[t.name] = true
		return o.OwnHead && strings.HasPrefix(t.name, officialHead)
	})
	for _, t := range table {
		info, err := f.Info(t.name)
		switch {
		case err != nil:
			wrong = append(wrong, "missing "+t.name)
		case !slices.Equal(info.Shape, t.to.Shape()):
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, want %v", t.name, info.Shape, t.to.Shape()))
		}
	}
	for _, name := range f.Names() {
		if !known[name] {
			wrong = append(wrong, "unexpected "+name)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("cswin: the weights do not fit the model's configuration: %s", summary(wrong))
	}
	values := make([][]float32, len(table))
	for i, t := range table { // all of it, before anything changes
		var err error
		if values[i], _, err = f.Float32(t.name); err != nil {
			return fmt.Errorf("cswin: official weights: %w", err)
		}
	}
	for i, t := range table {
		copy(t.to.Data(), values[i])
	}
	return nil
}

// summary lists what is wrong, at most so many of it.
func summary(wrong []string) string {
	const most = 12
	if n := len(wrong) - most; n > 0 {
		return fmt.Sprintf("%s; and %d more", strings.Join(wrong[:most], "; "), n)
	}
	return strings.Join(wrong, "; ")
}
