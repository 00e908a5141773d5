package sequences

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
)

// LLaMATensors returns the import table of the model: its tensors, but for those of the encoding, under the names of a
// LLaMA-form state dict (transformers' LlamaForCausalLM). Values and orders are the same in both. The error says what the
// form has no names for.
func (m *Model) LLaMATensors() ([]nn.Named, error) {
	c := &m.Config
	if c.Norm != RMSNorm || !c.FeedForward.Gated() {
		return nil, fmt.Errorf("sequences: a model of norm %v and feed-forward form %v has no LLaMA form, which is %v with a gated one, such as %v", c.Norm, c.FeedForward, RMSNorm, SwiGLU)
	}
	list := []nn.Named{{Path: "model.embed_tokens.weight", Tensor: m.Embedding.Table}}
	linear := func(name string, l *nn.Linear) {
		list = append(list, nn.Named{Path: name + ".weight", Tensor: l.Weight})
		if l.Bias != nil {
			list = append(list, nn.Named{Path: name + ".bias", Tensor: l.Bias})
		}
	}
	norm := func(name string, n Normaliser) {
		list = append(list, nn.Named{Path: name + ".weight", Tensor: n.(*nn.RMSNorm).Weight})
	}
	for k, b := range m.Blocks {
		prefix := fmt.Sprintf("model.layers.%d.", k)
		norm(prefix+"input_layernorm", b.AttentionNorm)
		linear(prefix+"self_attn.q_proj", b.Query)
		linear(prefix+"self_attn.k_proj", b.Key)
		linear(prefix+"self_attn.v_proj", b.Value)
		linear(prefix+"self_attn.o_proj", b.Output)
		norm(prefix+"post_attention_layernorm", b.FeedForwardNorm)
		linear(prefix+"mlp.gate_proj", b.Gate)
		linear(prefix+"mlp.up_proj", b.Up)
		linear(prefix+"mlp.down_proj", b.Down)
	}
	norm("model.norm", m.Norm)
	if m.Head != nil {
		linear(llamaHead, m.Head)
	}
	return list, nil
}

const (
	llamaHead      = "lm_head"
	llamaEmbedding = "model.embed_tokens.weight"
)

// LoadLLaMA copies a LLaMA-form state dict, in one file or spread over several, into the model: tensors of F32, F16 and
// BF16, the latter exactly, and of F64, rounded, for files opened with safetensors.Options{Convert: true}. What the
// encoding learns stays as it is. The error lists every tensor that is missing, unexpected, given twice, of another shape
// or no floats; nothing is changed then.
func (m *Model) LoadLLaMA(files ...*safetensors.File) error {
	state, err := m.llamaState(files)
	if err != nil {
		return err
	}
	values := make([][]float32, len(state))
	for i, s := range state { // all of it, before anything changes
		if values[i], err = s.read(); err != nil {
			return err
		}
	}
	for i, s := range state {
		copy(s.to.Tensor.Data(), values[i])
	}
	return nil
}

// llamaTensor is a tensor of the state dict that belongs into one of ours.
type llamaTensor struct {
	from *safetensors.File
	to   nn.Named
}

func (t llamaTensor) read() ([]float32, error) {
	values, _, err := t.from.Float32(t.to.Path)
	if err != nil {
		return nil, fmt.Errorf("sequences: LLaMA weights: %w", err)
	}
	return values, nil
}

// llamaState finds the tensors of the model in the files and reports all that does not fit.
func (m *Model) llamaState(files []*safetensors.File) ([]llamaTensor, error) {
	table, err := m.LLaMATensors()
	if err != nil {
		return nil, err
	}
	var wrong []string
	where := map[string]*safetensors.File{}
	for _, f := range files {
		for _, name := range f.Names() {
			if where[name] != nil {
				wrong = append(wrong, "twice "+name)
			}
			where[name] = f
		}
	}
	state := make([]llamaTensor, 0, len(table))
	known := map[string]bool{}
	for _, t := range table {
		known[t.Path] = true
		f := where[t.Path]
		if f == nil {
			wrong = append(wrong, "missing "+t.Path)
			continue
		}
		info, err := f.Info(t.Path)
		switch {
		case err != nil:
			return nil, err
		case !slices.Equal(info.Shape, t.Tensor.Shape()):
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, want %v", t.Path, info.Shape, t.Tensor.Shape()))
		case !slices.Contains([]safetensors.DType{safetensors.F32, safetensors.F16, safetensors.BF16, safetensors.F64}, info.DType):
			wrong = append(wrong, fmt.Sprintf("%s is of type %s, want floats", t.Path, info.DType))
		}
		state = append(state, llamaTensor{f, t})
	}
	for name := range where {
		switch {
		case known[name] || strings.HasSuffix(name, ".rotary_emb.inv_freq"): // older files keep the frequencies
		case name == llamaHead+".weight" && m.Head == nil:
			if err := m.sameHead(where); err != nil {
				wrong = append(wrong, err.Error())
			}
		default:
			wrong = append(wrong, "unexpected "+name)
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return nil, fmt.Errorf("sequences: the LLaMA weights do not fit the model's configuration: %s", strings.Join(wrong, "; "))
	}
	return state, nil
}

// sameHead accepts the head of a file beside the embedding that serves as one, if both are the same.
func (m *Model) sameHead(where map[string]*safetensors.File) error {
	differs := errors.New(llamaHead + ".weight is not the embedding, as which it serves in a model with TiedEmbedding")
	head, shape, err := where[llamaHead+".weight"].Float32(llamaHead + ".weight")
	if err != nil || !slices.Equal(shape, m.Embedding.Table.Shape()) || where[llamaEmbedding] == nil {
		return differs
	}
	if table, _, err := where[llamaEmbedding].Float32(llamaEmbedding); err != nil || !slices.Equal(head, table) {
		return differs
	}
	return nil
}
