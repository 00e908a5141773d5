package sequences

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/graft-ml/graft/encodings"
)

// maxConfig is the longest config.json that is read.
const maxConfig = 1 << 20

// llamaActivations are the names of hidden_act, which in this form always has a gate.
var llamaActivations = map[string]FeedForward{"silu": SwiGLU, "swish": SwiGLU, "gelu": GeGLU, "relu": ReGLU}

// llamaModels are the kinds of models that have the form.
var llamaModels = []string{"llama", "minicpm", "mistral"}

// ReadLLaMAConfig reads the config.json of a LLaMA-form model, see [ParseLLaMAConfig].
func ReadLLaMAConfig(path string) (Config, error) {
	file, err := os.Open(path)
	if err != nil {
		return Config{}, fmt.Errorf("sequences: LLaMA configuration: %w", err)
	}
	defer file.Close()
	c, err := ParseLLaMAConfig(file)
	if err != nil {
		return Config{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// ParseLLaMAConfig reads the configuration of a LLaMA-form model as transformers writes it to config.json: of the model
// types llama, mistral without a window, and minicpm. Fields that say nothing of the computation are passed over. Numbers
// that make no sense, keys that stand twice, and settings that this package has no counterpart for are errors that name
// the field. Biases, tied embedding, sizes, eps, RoPE with its base and with linear or dynamic scaling, dropout of
// attention, and longest sequence are taken over.
func ParseLLaMAConfig(r io.Reader) (Config, error) {
	o, err := readObject(r, maxConfig)
	if err == nil {
		var c Config
		if c, err = o.llama(); err == nil {
			if err = c.Validate(); err == nil {
				return c, nil
			}
			err = errors.New(strings.TrimPrefix(err.Error(), "sequences: "))
		}
	}
	return Config{}, fmt.Errorf("sequences: LLaMA configuration: %w", err)
}

// llama turns the fields into a configuration.
func (o jsonObject) llama() (Config, error) {
	var c Config
	kind, err := o.text("model_type", "llama")
	if err != nil {
		return c, err
	}
	if !slices.Contains(llamaModels, kind) {
		return c, fmt.Errorf("model_type is %q: want one of %s", kind, strings.Join(llamaModels, ", "))
	}
	for _, name := range []string{"quantization_config", "sliding_window"} {
		if o.has(name) {
			return c, fmt.Errorf("%s is set, which has no counterpart here: want a model without it", name)
		}
	}
	for _, f := range []struct {
		name      string
		field     *int
		otherwise int // -1: the field must be there
	}{
		{"vocab_size", &c.Vocabulary, -1}, {"hidden_size", &c.Width, -1}, {"intermediate_size", &c.FeedForwardWidth, -1},
		{"num_hidden_layers", &c.Layers, -1}, {"num_attention_heads", &c.Heads, -1}, {"num_key_value_heads", &c.KVHeads, 0},
		{"head_dim", &c.HeadDim, 0}, {"max_position_embeddings", &c.MaxLength, 0},
	} {
		if *f.field, err = o.whole(f.name, 1, f.otherwise); err != nil {
			return c, err
		}
		if *f.field < 0 {
			return c, fmt.Errorf("%s is missing", f.name)
		}
	}
	for _, f := range []struct {
		name      string
		field     *float64
		otherwise float64
	}{{"rms_norm_eps", &c.NormEps, 1e-6}, {"initializer_range", &c.InitStd, 0.02}} {
		if *f.field, err = o.positive(f.name, f.otherwise); err != nil {
			return c, err
		}
	}
	for _, f := range []struct {
		name  string
		field *bool
	}{{"attention_bias", &c.AttentionBias}, {"mlp_bias", &c.FeedForwardBias}, {"tie_word_embeddings", &c.TiedEmbedding}} {
		if *f.field, err = o.truth(f.name); err != nil {
			return c, err
		}
	}
	if c.AttentionDropout, err = o.dropout("attention_dropout"); err != nil {
		return c, err
	}
	act, err := o.text("hidden_act", "silu")
	if err != nil {
		return c, err
	}
	var known bool
	if c.FeedForward, known = llamaActivations[act]; !known {
		return c, fmt.Errorf("hidden_act is %q: want silu, gelu or relu", act)
	}
	if c.Encoding, err = o.rope(c.MaxLength); err != nil {
		return c, err
	}
	if kind == "minicpm" {
		err = o.miniCPM(&c)
	}
	return c, err
}

// dropout returns a probability that may be 0.
func (o jsonObject) dropout(name string) (float64, error) {
	if !o.has(name) {
		return 0, nil
	}
	var p float64
	if err := json.Unmarshal(o[name], &p); err != nil || !(p >= 0 && p < 1) {
		return 0, fmt.Errorf("%s is %.40s: want a probability below 1", name, o[name])
	}
	return p, nil
}

// miniCPM reads the factors of MiniCPM.
func (o jsonObject) miniCPM(c *Config) error {
	var err error
	if c.EmbeddingScale, err = o.positive("scale_emb", 1); err != nil {
		return err
	}
	depth, err := o.positive("scale_depth", 1)
	if err != nil {
		return err
	}
	base, err := o.positive("dim_model_base", float64(c.Width))
	if err != nil {
		return err
	}
	c.ResidualScale, c.LogitScale = depth/math.Sqrt(float64(c.Layers)), base/float64(c.Width)
	return nil
}

// rope reads the rotation.
func (o jsonObject) rope(trained int) (encodings.Encoding, error) {
	var r encodings.RoPE
	var err error
	if r.Base, err = o.positive("rope_theta", 10000); err != nil {
		return nil, err
	}
	if r.Partial, err = o.positive("partial_rotary_factor", 0); err != nil {
		return nil, err
	}
	if r.Partial > 1 {
		return nil, fmt.Errorf("partial_rotary_factor is %v: want a fraction of the channels, at most 1", r.Partial)
	}
	if !o.has("rope_scaling") {
		return r, nil
	}
	s, err := readObject(strings.NewReader(string(o["rope_scaling"])), maxConfig)
	if err != nil {
		return nil, fmt.Errorf("rope_scaling: %w", err)
	}
	name := "rope_type"
	if !s.has(name) {
		name = "type" // the older key
	}
	kind, err := s.text(name, "")
	if err != nil {
		return nil, fmt.Errorf("rope_scaling: %w", err)
	}
	factor, err := s.positive("factor", 0)
	if err != nil {
		return nil, fmt.Errorf("rope_scaling: %w", err)
	}
	switch {
	case kind == "default":
	case kind != "linear" && kind != "dynamic":
		return nil, fmt.Errorf("rope_scaling: %s is %q: want default, linear or dynamic", name, kind)
	case factor < 1:
		return nil, fmt.Errorf("rope_scaling: factor is %v: the %s form wants one of at least 1", factor, kind)
	case kind == "linear":
		r.Scaling.Linear = factor
	case trained == 0:
		return nil, errors.New("rope_scaling: the dynamic form goes by max_position_embeddings, which is missing")
	default:
		r.Scaling.NTK = encodings.NTK{Factor: factor, Trained: trained}
	}
	return r, nil
}
