package dit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// OfficialTensor is one line of the import table: a tensor of an official state dict and ours, which holds the same
// numbers in the same order, or the first half of them.
type OfficialTensor struct {
	Name   string
	Tensor *tensor.Tensor
	// Half says that the official tensor has as many rows again, which the official code computes and does not use.
	Half bool
}

// shape is that of the official tensor.
func (t OfficialTensor) shape() []int {
	shape := slices.Clone(t.Tensor.Shape())
	if t.Half {
		shape[0] *= 2
	}
	return shape
}

// table collects lines.
type table struct {
	prefix string
	lines  []OfficialTensor
}

// module adds the tensors of a module; names gives its parameters the official names.
func (t *table) module(prefix string, m nn.Module, names *strings.Replacer) {
	for _, p := range nn.Collect(m).All() {
		path := p.Path
		if names != nil {
			path = names.Replace(path)
		}
		t.lines = append(t.lines, OfficialTensor{Name: t.prefix + prefix + path, Tensor: p.Tensor})
	}
}

// The official names of the parts of attention, in the 7B model (that of diffusers) and in the 17B model, and those of the
// feed-forward part.
var (
	attentionNames = strings.NewReplacer("query_norm", "norm_q", "key_norm", "norm_k", "query", "to_q", "key", "to_k", "value", "to_v", "out", "to_out.0")
	wholeNormNames = strings.NewReplacer("query_norm", "norm_q", "key_norm", "norm_k", "query", "q", "key", "k", "value", "v", "out", "o")
	feedNames      = strings.NewReplacer("in.", "net.0.proj.", "out.", "net.2.")
)

// Official returns the import table of the attention; official names begin with prefix.
func (a *Attention) Official(prefix string) []OfficialTensor {
	names := attentionNames
	if _, whole := a.QueryNorm.(*nn.RMSNorm); whole {
		names = wholeNormNames
	}
	var t table
	t.module(prefix, a, names)
	return t.lines
}

// Official returns the import table of the block; official names begin with prefix.
func (b *Block) Official(prefix string) []OfficialTensor {
	t := table{prefix: prefix}
	modulation := func(name string, m *Modulation) {
		t.module(name+".norm.", m.Norm, nil)
		t.lines = append(t.lines, OfficialTensor{prefix + name + ".linear.weight", m.Time.Weight, true},
			OfficialTensor{prefix + name + ".linear.bias", m.Time.Bias, true})
	}
	modulation("norm1", b.SelfModulation)
	t.module("attn1.", b.Self, attentionNames)
	if b.Motion != nil {
		t.module("attn0.", b.Motion, attentionNames)
	}
	modulation("norm2", b.FFNModulation)
	t.module("ff.", b.FeedForward, feedNames)
	return t.lines
}

// LoadOfficial copies the tensors of an official state dict whose names begin with prefix into the block. The error lists
// every tensor that is missing, unexpected or of another shape; nothing is changed then.
func (b *Block) LoadOfficial(state map[string]*tensor.Tensor, prefix string) error {
	lines := b.Official(prefix)
	known := map[string]bool{}
	var wrong []string
	for _, t := range lines {
		known[t.Name] = true
		if have := state[t.Name]; have == nil {
			wrong = append(wrong, "missing "+t.Name)
		} else if !slices.Equal(have.Shape(), t.shape()) {
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, want %v", t.Name, have.Shape(), t.shape()))
		}
	}
	for name := range state {
		if strings.HasPrefix(name, prefix) && !known[name] {
			wrong = append(wrong, "unexpected "+name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return fmt.Errorf("dit: the official weights do not fit the block's configuration: %s", strings.Join(wrong, "; "))
	}
	for _, t := range lines {
		copy(t.Tensor.Data(), state[t.Name].Data()) // the first half, where that is all
	}
	return nil
}
