package sequences

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/graft-ml/graft/encodings"
)

// llamaFields are the fields of config.json, in the order in which they are written.
type llamaFields struct {
	Architectures    []string     `json:"architectures"`
	ModelType        string       `json:"model_type"`
	Vocabulary       int          `json:"vocab_size"`
	Width            int          `json:"hidden_size"`
	FeedForwardWidth int          `json:"intermediate_size"`
	Layers           int          `json:"num_hidden_layers"`
	Heads            int          `json:"num_attention_heads"`
	KVHeads          int          `json:"num_key_value_heads"`
	HeadDim          int          `json:"head_dim"`
	MaxLength        int          `json:"max_position_embeddings,omitempty"`
	Activation       string       `json:"hidden_act"`
	NormEps          float64      `json:"rms_norm_eps"`
	InitStd          float64      `json:"initializer_range"`
	AttentionBias    bool         `json:"attention_bias"`
	FeedForwardBias  bool         `json:"mlp_bias"`
	AttentionDropout float64      `json:"attention_dropout"`
	TiedEmbedding    bool         `json:"tie_word_embeddings"`
	Base             float64      `json:"rope_theta"`
	Partial          float64      `json:"partial_rotary_factor,omitempty"`
	Scaling          *ropeScaling `json:"rope_scaling"`
	EmbeddingScale   float64      `json:"scale_emb,omitempty"`
	ResidualScale    float64      `json:"scale_depth,omitempty"`
	LogitBase        float64      `json:"dim_model_base,omitempty"`
	DType            string       `json:"torch_dtype"`
}

type ropeScaling struct {
	Kind   string  `json:"rope_type"`
	Older  string  `json:"type"`
	Factor float64 `json:"factor"`
}

// llamaConfig returns the config.json of a configuration with defaults filled in.
func llamaConfig(c Config) ([]byte, error) {
	refuse := func(what string) error {
		return fmt.Errorf("sequences: SaveLLaMA: %s, which the LLaMA form has no words for; the checkpoints of package train hold any model", what)
	}
	f := llamaFields{
		Architectures: []string{"LlamaForCausalLM"}, ModelType: "llama", Vocabulary: c.Vocabulary, Width: c.Width,
		FeedForwardWidth: c.FeedForwardWidth, Layers: c.Layers, Heads: c.Heads, KVHeads: c.KVHeads, HeadDim: c.HeadDim,
		MaxLength: c.MaxLength, NormEps: c.NormEps, InitStd: c.InitStd, AttentionBias: c.AttentionBias,
		FeedForwardBias: c.FeedForwardBias, AttentionDropout: c.AttentionDropout, TiedEmbedding: c.TiedEmbedding, DType: "float32",
	}
	for _, name := range []string{"silu", "gelu", "relu"} {
		if llamaActivations[name] == c.FeedForward {
			f.Activation = name
		}
	}
	plain := c
	plain.AttentionScale, plain.SoftCap = 0, 0
	switch {
	case c.SoftCap != 0:
		return nil, refuse(fmt.Sprintf("softCap is %v", c.SoftCap))
	case c.AttentionScale != plain.WithDefaults().AttentionScale:
		return nil, refuse(fmt.Sprintf("attentionScale is %v", c.AttentionScale))
	}
	if c.EmbeddingScale != 1 || c.ResidualScale != 1 || c.LogitScale != 1 {
		f.ModelType, f.Architectures = "minicpm", []string{"MiniCPMForCausalLM"}
		f.EmbeddingScale, f.ResidualScale = c.EmbeddingScale, c.ResidualScale*math.Sqrt(float64(c.Layers))
		f.LogitBase = c.LogitScale * float64(c.Width)
	}
	var r encodings.RoPE
	switch e := c.Encoding.(type) {
	case encodings.RoPE:
		r = e
	case encodings.LLaMAForm:
		r = e.Rotation()
	default:
		return nil, refuse("the encoding is " + c.Encoding.Name())
	}
	if r.Interleaved {
		return nil, refuse("the rotation is of interleaved pairs (see ToHalfSplit)")
	}
	return f.rope(r, c.MaxLength, refuse)
}

// rope fills in the rotation and writes all fields.
func (f llamaFields) rope(r encodings.RoPE, maxLength int, refuse func(string) error) ([]byte, error) {
	f.Base, f.Partial = r.Base, r.Partial
	if f.Base == 0 {
		f.Base = 10000
	}
	linear, ntk := r.Scaling.Linear, r.Scaling.NTK
	r.Scaling.Linear, r.Scaling.NTK = 0, encodings.NTK{}
	switch {
	case r.Scaling != encodings.Scaling{}, linear != 0 && ntk != encodings.NTK{}:
		return nil, refuse("the rotation has a scaling other than either linear or dynamic")
	case linear != 0:
		f.Scaling = &ropeScaling{"linear", "linear", linear}
	case ntk.Length != 0:
		return nil, refuse(fmt.Sprintf("the dynamic scaling goes by the length %d", ntk.Length))
	case ntk.Factor != 0 && ntk.Trained != maxLength:
		return nil, refuse(fmt.Sprintf("the dynamic scaling was trained on %d tokens, and maxLength is %d", ntk.Trained, maxLength))
	case ntk.Factor != 0:
		f.Scaling = &ropeScaling{"dynamic", "dynamic", ntk.Factor}
	}
	return json.MarshalIndent(f, "", "  ")
}
