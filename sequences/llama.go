package sequences

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

// LLaMATensors returns the import table of the model: its tensors under the names of a LLaMA-form state dict (transformers'
// LlamaForCausalLM), with those of the encoding where it is an [encodings.LLaMAForm]. What another encoding learns has no
// names there. Values and orders are the same in both. The error says what the form has no names for.
func (m *Model) LLaMATensors() ([]nn.Named, error) {
	slots, err := llamaSlots(m.Config)
	if err != nil {
		return nil, err
	}
	list := make([]nn.Named, len(slots))
	for i, s := range slots {
		list[i] = nn.Named{Path: s.name, Tensor: s.of(m)}
	}
	return list, nil
}

// llamaSlot is a tensor of a LLaMA-form state dict, known before there is a model.
type llamaSlot struct {
	name     string
	shape    []int
	of       func(m *Model) *tensor.Tensor
	encoding bool // it is of the encoding
}

// llamaSlots returns the tensors that a model of this configuration, with defaults filled in, has.
func llamaSlots(c Config) ([]llamaSlot, error) {
	if c.Norm != RMSNorm || !c.FeedForward.Gated() {
		return nil, fmt.Errorf("sequences: a model of norm %v and feed-forward form %v has no LLaMA form, which is %v with a gated one, such as %v", c.Norm, c.FeedForward, RMSNorm, SwiGLU)
	}
	var list []llamaSlot
	slot := func(name string, of func(m *Model) *tensor.Tensor, shape ...int) {
		list = append(list, llamaSlot{name: name, shape: shape, of: of})
	}
	norm := func(name string, of func(m *Model) Normaliser) {
		slot(name+".weight", func(m *Model) *tensor.Tensor { return of(m).(*nn.RMSNorm).Weight }, c.Width)
	}
	linear := func(name string, out, in int, bias bool, of func(m *Model) *nn.Linear) {
		slot(name+".weight", func(m *Model) *tensor.Tensor { return of(m).Weight }, out, in)
		if bias {
			slot(name+".bias", func(m *Model) *tensor.Tensor { return of(m).Bias }, out)
		}
	}
	slot(llamaEmbedding, func(m *Model) *tensor.Tensor { return m.Embedding.Table }, c.Vocabulary, c.Width)
	inner, kv, hidden := c.Heads*c.HeadDim, c.KVHeads*c.HeadDim, c.FeedForwardWidth
	for k := range c.Layers {
		prefix := fmt.Sprintf("model.layers.%d.", k)
		norm(prefix+"input_layernorm", func(m *Model) Normaliser { return m.Blocks[k].AttentionNorm })
		linear(prefix+"self_attn.q_proj", inner, c.Width, c.AttentionBias, func(m *Model) *nn.Linear { return m.Blocks[k].Query })
		linear(prefix+"self_attn.k_proj", kv, c.Width, c.AttentionBias, func(m *Model) *nn.Linear { return m.Blocks[k].Key })
		linear(prefix+"self_attn.v_proj", kv, c.Width, c.AttentionBias, func(m *Model) *nn.Linear { return m.Blocks[k].Value })
		linear(prefix+"self_attn.o_proj", c.Width, inner, c.AttentionBias, func(m *Model) *nn.Linear { return m.Blocks[k].Output })
		norm(prefix+"post_attention_layernorm", func(m *Model) Normaliser { return m.Blocks[k].FeedForwardNorm })
		linear(prefix+"mlp.gate_proj", hidden, c.Width, c.FeedForwardBias, func(m *Model) *nn.Linear { return m.Blocks[k].Gate })
		linear(prefix+"mlp.up_proj", hidden, c.Width, c.FeedForwardBias, func(m *Model) *nn.Linear { return m.Blocks[k].Up })
		linear(prefix+"mlp.down_proj", c.Width, hidden, c.FeedForwardBias, func(m *Model) *nn.Linear { return m.Blocks[k].Down })
	}
	norm("model.norm", func(m *Model) Normaliser { return m.Norm })
	if !c.TiedEmbedding {
		linear(llamaHead, c.Vocabulary, c.Width, false, func(m *Model) *nn.Linear { return m.Head })
	}
	return append(list, encodingSlots(c)...), nil
}

const (
	llamaHead      = "lm_head"
	llamaEmbedding = "model.embed_tokens.weight"
)

// LLaMAOptions say how weights of LLaMA's form are read. The zero value wants all that the model learns to be there.
type LLaMAOptions struct {
	// FreshEncoding lets the files lack what the encoding learns, all of it: those of a plain LLaMA have no router, with
	// which 2D-TPE begins from one.
	FreshEncoding bool
	// Seed is what it is drawn from then in a model that [LoadLLaMA] makes. In a model that is there it stays as it is.
	Seed uint64
}

// LoadLLaMA copies a LLaMA-form state dict, in one file or spread over several, into the model: tensors of F32, F16 and
// BF16, the latter exactly, and of F64, rounded, for files opened with safetensors.Options{Convert: true}. The error lists
// every tensor that is missing, unexpected, given twice, of another shape or no floats; nothing is changed then.
func (m *Model) LoadLLaMA(files []*safetensors.File, o LLaMAOptions) error {
	state, err := llamaState(m.Config, files, o)
	if err == nil {
		err = m.unnamed(o)
	}
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
		copy(s.of(m).Data(), values[i])
	}
	return nil
}

// llamaTensor is a slot and the file that has its values.
type llamaTensor struct {
	llamaSlot
	from *safetensors.File
}

func (t llamaTensor) read() ([]float32, error) {
	values, _, err := t.from.Float32(t.name)
	if err != nil {
		return nil, fmt.Errorf("sequences: LLaMA weights: %w", err)
	}
	return values, nil
}

// llamaState finds the tensors of a model of this configuration in the files, and reports all that does not fit. It takes
// no memory by the numbers of the configuration, which may come from a file as well.
func llamaState(c Config, files []*safetensors.File, o LLaMAOptions) ([]llamaTensor, error) {
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
	if c.Layers > len(where) {
		return nil, fmt.Errorf("sequences: the LLaMA weights do not fit the model's configuration: %d tensors cannot be those of %d layers", len(where), c.Layers)
	}
	slots, err := llamaSlots(c)
	if err != nil {
		return nil, err
	}
	slots, absent := withoutEncoding(slots, where)
	if absent != "" && !o.FreshEncoding {
		wrong = append(wrong, absent)
	}
	state := make([]llamaTensor, 0, len(slots))
	known := map[string]bool{}
	for _, s := range slots {
		known[s.name] = true
		f := where[s.name]
		if f == nil {
			wrong = append(wrong, "missing "+s.name)
			continue
		}
		info, err := f.Info(s.name)
		switch {
		case err != nil:
			return nil, err
		case !slices.Equal(info.Shape, s.shape):
			wrong = append(wrong, fmt.Sprintf("%s has shape %v, want %v", s.name, info.Shape, s.shape))
		case !slices.Contains([]safetensors.DType{safetensors.F32, safetensors.F16, safetensors.BF16, safetensors.F64}, info.DType):
			wrong = append(wrong, fmt.Sprintf("%s is of type %s, want floats", s.name, info.DType))
		}
		state = append(state, llamaTensor{s, f})
	}
	foreign := newForeign(c)
	for name := range where {
		switch {
		case known[name] || strings.HasSuffix(name, ".rotary_emb.inv_freq"): // older files keep the frequencies
		case name == llamaHead+".weight" && c.TiedEmbedding:
			if !sameHead(where[name], where[llamaEmbedding]) {
				wrong = append(wrong, name+" is not the embedding, as which it serves in a model with TiedEmbedding")
			}
		case !foreign.has(name):
			wrong = append(wrong, "unexpected "+name)
		}
	}
	wrong = append(wrong, foreign.found()...)
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return nil, fmt.Errorf("sequences: the LLaMA weights do not fit the model's configuration: %s", strings.Join(wrong, "; "))
	}
	return state, nil
}

// sameHead tells whether a head that stands in a file beside the embedding is the same.
func sameHead(head, embedding *safetensors.File) bool {
	if embedding == nil {
		return false
	}
	a, shape, err := head.Float32(llamaHead + ".weight")
	b, want, errB := embedding.Float32(llamaEmbedding)
	return err == nil && errB == nil && slices.Equal(shape, want) && slices.Equal(a, b)
}
