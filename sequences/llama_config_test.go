package sequences_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/sequences"
)

// llama3 is a configuration as transformers writes it, with a base for its size.
const llama3 = `{
  "architectures": ["LlamaForCausalLM"],
  "attention_bias": false,
  "attention_dropout": 0.0,
  "bos_token_id": 128000,
  "eos_token_id": [128001, 128009],
  "hidden_act": "silu",
  "hidden_size": 4096,
  "initializer_range": 0.02,
  "intermediate_size": 14336,
  "max_position_embeddings": 8192,
  "mlp_bias": false,
  "model_type": "llama",
  "num_attention_heads": 32,
  "num_hidden_layers": 32,
  "num_key_value_heads": 8,
  "pretraining_tp": 1,
  "rms_norm_eps": 1e-05,
  "rope_scaling": null,
  "rope_theta": 500000.0,
  "tie_word_embeddings": false,
  "torch_dtype": "bfloat16",
  "transformers_version": "4.40.0.dev0",
  "use_cache": true,
  "vocab_size": 128256
}`

func TestParseLLaMAConfig(t *testing.T) {
	c, err := sequences.ParseLLaMAConfig(strings.NewReader(llama3))
	if err != nil {
		t.Fatal(err)
	}
	want := sequences.Config{Vocabulary: 128256, Layers: 32, Width: 4096, Heads: 32, KVHeads: 8, FeedForwardWidth: 14336, NormEps: 1e-5,
		MaxLength: 8192, InitStd: 0.02, Encoding: encodings.RoPE{Base: 500000}}
	if fmt.Sprintf("%+v", c) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
	mini := strings.Replace(llama3, `"model_type": "llama"`, `"model_type": "minicpm", "scale_emb": 12, "scale_depth": 1.4, "dim_model_base": 256`, 1)
	if c, err = sequences.ParseLLaMAConfig(strings.NewReader(mini)); err != nil {
		t.Fatal(err)
	}
	if c.EmbeddingScale != 12 || c.ResidualScale != 1.4/math.Sqrt(32) || c.LogitScale != 256.0/4096 {
		t.Errorf("the factors of MiniCPM: %+v", c)
	}
	least := `{"vocab_size": 10, "hidden_size": 16, "intermediate_size": 20, "num_hidden_layers": 1, "num_attention_heads": 2}`
	if c, err = sequences.ParseLLaMAConfig(strings.NewReader(least)); err != nil || c.NormEps != 1e-6 || c.MaxLength != 0 {
		t.Errorf("the least that a file must say: %+v, %v", c, err)
	}
}

func TestParseLLaMAConfigErrors(t *testing.T) {
	for _, e := range []struct{ old, new, want string }{
		{`"vocab_size": 128256`, `"vocab": 1`, "vocab_size is missing"},
		{`128256`, `128256.0`, "vocab_size is 128256.0: want a whole number from 1"},
		{`128256`, `1e5`, "vocab_size is 1e5"},
		{`128256`, `-3`, "vocab_size is -3"},
		{`128256`, `"7"`, `vocab_size is "7"`},
		{`128256`, `99999999999999999999`, "vocab_size is 99999999999999999999: want a whole number"},
		{`128256`, `1`, "vocabulary is 1"},
		{`"num_key_value_heads": 8`, `"num_key_value_heads": 5`, "kvHeads 5 do not divide heads 32"},
		{`"num_hidden_layers": 32`, `"num_hidden_layers": 0`, "num_hidden_layers is 0"},
		{`1e-05`, `0`, "rms_norm_eps is 0: want a positive number"},
		{`1e-05`, `1e999`, "rms_norm_eps is 1e999"},
		{`500000.0`, `"x"`, `rope_theta is "x"`},
		{`"mlp_bias": false`, `"mlp_bias": 0`, "mlp_bias is 0: want true or false"},
		{`"attention_dropout": 0.0`, `"attention_dropout": 1.0`, "attention_dropout is 1.0: want a probability"},
		{`"silu"`, `"tanh"`, `hidden_act is "tanh": want silu, gelu or relu`},
		{`"silu"`, `3`, "hidden_act is 3: want a string"},
		{`"model_type": "llama"`, `"model_type": "gpt2"`, `model_type is "gpt2": want one of llama, minicpm, mistral`},
		{`"use_cache"`, `"sliding_window": 4096, "x"`, "sliding_window is set"},
		{`"use_cache"`, `"quantization_config": {}, "x"`, "quantization_config is set"},
		{`"use_cache"`, `"vocab_size"`, `"vocab_size" stands twice`},
		{`null`, `{"rope_type": "llama3", "factor": 8}`, `rope_scaling: rope_type is "llama3": want default, linear or dynamic`},
		{`null`, `{"type": "linear"}`, "rope_scaling: factor is 0"},
		{`null`, `{"type": "linear", "factor": -2}`, "rope_scaling: factor is -2"},
		{`null`, `[1]`, "rope_scaling: line 1: want a JSON object"},
		{`"use_cache"`, `"partial_rotary_factor": 1.5, "x"`, "partial_rotary_factor is 1.5"},
		{`"use_cache": true,`, `"use_cache": true`, "line 25: "},
		{`"vocab_size": 128256`, `"vocab_size": 128256} {`, "something follows the object"},
	} {
		text := strings.Replace(llama3, e.old, e.new, 1)
		if text == llama3 {
			t.Fatalf("nothing replaced: %s", e.old)
		}
		_, err := sequences.ParseLLaMAConfig(strings.NewReader(text))
		if err == nil || !strings.HasPrefix(err.Error(), "sequences: LLaMA configuration: ") || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%s: %v, want %q", e.new, err, e.want)
		}
	}
	if _, err := sequences.ParseLLaMAConfig(strings.NewReader(strings.Repeat(" ", 2<<20))); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("a huge file: %v", err)
	}
	if _, err := sequences.ReadLLaMAConfig("gone.json"); err == nil {
		t.Error("a file that is not there")
	}
}

func FuzzParseLLaMAConfig(f *testing.F) {
	for _, s := range []string{llama3, "{}", "", "[]", `{"a":1,"a":2}`, `{"model_type":"minicpm","scale_depth":1e-320}`, `{"rope_scaling":{"type":"dynamic","factor":2}}`,
		strings.Replace(llama3, "null", `{"type": "dynamic", "factor": 2.5}`, 1)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := sequences.ParseLLaMAConfig(strings.NewReader(text))
		if err != nil {
			return
		}
		if err := c.Validate(); err != nil {
			t.Errorf("a configuration was read that no model has: %v", err)
		}
	})
}
