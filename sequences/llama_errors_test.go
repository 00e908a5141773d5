package sequences_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/sequences"
)

// halfBits returns the 16 bits of a number that the type holds exactly.
func halfBits(v float32, dtype safetensors.DType) uint16 {
	bits := math.Float32bits(v)
	if dtype == safetensors.BF16 {
		return uint16(bits >> 16)
	}
	if v == 0 {
		return uint16(bits >> 16)
	}
	return uint16(bits>>16)&0x8000 | uint16(bits>>23&0xff-112)<<10 | uint16(bits>>13)&0x3ff
}

func open(t *testing.T, state map[string]safetensors.Tensor) *safetensors.File {
	t.Helper()
	var list []safetensors.Tensor
	for _, s := range state {
		list = append(list, s)
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, list, nil); err != nil {
		t.Fatal(err)
	}
	f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func files(list ...*safetensors.File) []*safetensors.File { return list }

// TestLoadErrors: one error lists all that does not fit, and nothing changes.
func TestLoadErrors(t *testing.T) {
	c := toy(nil)
	m := newModel(t, c, 1)
	c.TiedEmbedding = true
	tied := newModel(t, c, 1)
	type dict = map[string]safetensors.Tensor
	floats := func(name string, shape ...int) safetensors.Tensor {
		n := 1
		for _, s := range shape {
			n *= s
		}
		return safetensors.FromFloat32(name, make([]float32, n), shape...)
	}
	for _, e := range []struct {
		name   string
		m      *sequences.Model
		change func(s dict)
		want   []string
	}{
		{"missing", m, func(s dict) { delete(s, "model.norm.weight"); delete(s, "lm_head.weight") }, []string{"missing lm_head.weight", "missing model.norm.weight"}},
		{"unexpected", m, func(s dict) { s["model.layers.9.x"] = floats("model.layers.9.x", 1) }, []string{"unexpected model.layers.9.x"}},
		{"shape", m, func(s dict) {
			s["model.layers.0.self_attn.k_proj.weight"] = floats("model.layers.0.self_attn.k_proj.weight", 16, 16)
			s["model.norm.weight"] = floats("model.norm.weight", 1, 16)
		}, []string{"model.layers.0.self_attn.k_proj.weight has shape [16 16], want [8 16]", "model.norm.weight has shape [1 16], want [16]"}},
		{"type", m, func(s dict) {
			s["model.norm.weight"] = safetensors.FromInt64("model.norm.weight", make([]int64, 16), 16)
		}, []string{"model.norm.weight is of type I64, want floats"}},
		{"all kinds", m, func(s dict) {
			delete(s, "model.norm.weight")
			s["x"] = floats("x", 1)
			s["lm_head.weight"] = floats("lm_head.weight", 13)
		}, []string{"lm_head.weight has shape [13], want [13 16]", "missing model.norm.weight", "unexpected x"}},
		{"another head", tied, func(dict) {}, []string{"lm_head.weight is not the embedding, as which it serves in a model with TiedEmbedding"}},
	} {
		state := stateDict(t, newModel(t, toy(nil), 2))
		state["model.layers.0.self_attn.rotary_emb.inv_freq"] = floats("model.layers.0.self_attn.rotary_emb.inv_freq", 2) // older files
		e.change(state)
		before := newModel(t, e.m.Config, 1)
		err := e.m.LoadLLaMA(files(open(t, state)), sequences.LLaMAOptions{})
		if err == nil || err.Error() != "sequences: the LLaMA weights do not fit the model's configuration: "+strings.Join(e.want, "; ") {
			t.Errorf("%s: %v, want %q", e.name, err, e.want)
		}
		same(t, e.name, before, e.m)
	}
	state := stateDict(t, newModel(t, toy(nil), 2))
	f := open(t, state)
	if err := m.LoadLLaMA(files(f, open(t, dict{"model.norm.weight": state["model.norm.weight"]})), sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "twice model.norm.weight") {
		t.Errorf("a tensor in two files: %v", err)
	}
	same(t, "twice", newModel(t, toy(nil), 1), m)
	if err := m.LoadLLaMA(files(f), sequences.LLaMAOptions{}); err != nil {
		t.Fatal(err)
	}
	same(t, "loaded", newModel(t, toy(nil), 2), m)
	state["lm_head.weight"] = safetensors.FromFloat32("lm_head.weight", state["model.embed_tokens.weight"].Float32, 13, 16)
	if err := tied.LoadLLaMA(files(open(t, state)), sequences.LLaMAOptions{}); err != nil {
		t.Errorf("a head that is the embedding: %v", err)
	}
	if err := newModel(t, sequences.GPT2(toy(nil)), 1).LoadLLaMA(files(f), sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "no LLaMA form") {
		t.Errorf("another form: %v", err)
	}
}

// TestDamaged: a value that cannot be read leaves the model as it was.
func TestDamaged(t *testing.T) {
	var list []safetensors.Tensor
	for _, s := range stateDict(t, newModel(t, toy(nil), 2)) {
		list = append(list, s)
	}
	var b bytes.Buffer
	if err := safetensors.WriteChecked(&b, list, nil); err != nil {
		t.Fatal(err)
	}
	b.Bytes()[b.Len()-1] ^= 1
	f, err := safetensors.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()), safetensors.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(t, toy(nil), 1)
	if err := m.LoadLLaMA(files(f), sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged file: %v", err)
	}
	same(t, "damaged", newModel(t, toy(nil), 1), m)
}

func TestPathErrors(t *testing.T) {
	dir := t.TempDir()
	m := newModel(t, toy(nil), 1)
	if _, err := sequences.LoadLLaMA(filepath.Join(dir, "gone"), m.Config, sequences.LLaMAOptions{}); err == nil {
		t.Error("a path that is not there")
	}
	if _, err := sequences.LoadLLaMA(dir, m.Config, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "has neither model.safetensors nor model.safetensors.index.json") {
		t.Errorf("an empty folder: %v", err)
	}
	file := filepath.Join(dir, "model.safetensors")
	write(t, file, stateDict(t, m))
	if _, err := sequences.LoadLLaMA(file, sequences.Config{}, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "config.json") {
		t.Errorf("no configuration: %v", err)
	}
	c := m.Config
	c.Width, c.HeadDim = 32, 0
	if _, err := sequences.LoadLLaMA(file, c, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "has shape") {
		t.Errorf("another width: %v", err)
	}
	c = m.Config
	c.Vocabulary, c.Layers, c.FeedForwardWidth = 1<<24, 2, math.MaxInt32 // nothing is allocated by such numbers
	if _, err := sequences.LoadLLaMA(file, c, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "want [16777216 16]") {
		t.Errorf("a model larger than memory: %v", err)
	}
	c.Layers = math.MaxInt32
	if _, err := sequences.LoadLLaMA(file, c, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "21 tensors cannot be those of 2147483647 layers") {
		t.Errorf("a model of endless layers: %v", err)
	}
	c = m.Config
	c.KVHeads = 3
	if _, err := sequences.LoadLLaMA(file, c, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "kvHeads") {
		t.Errorf("a configuration that no model has: %v", err)
	}
	if err := os.WriteFile(file, []byte("not a file of tensors"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := sequences.LoadLLaMA(file, m.Config, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), "sequences: LLaMA weights: safetensors") {
		t.Errorf("not safetensors: %v", err)
	}
}

func TestSaveErrors(t *testing.T) {
	for _, e := range []struct {
		change func(c *sequences.Config)
		want   string
	}{
		{func(c *sequences.Config) { c.Encoding = encodings.ALiBi{} }, "the encoding is alibi, which the LLaMA form has no words for"},
		{func(c *sequences.Config) { c.Encoding = encodings.RoPE{Interleaved: true} }, "interleaved pairs (see ToHalfSplit)"},
		{func(c *sequences.Config) { c.Encoding = encodings.RoPE{Scaling: encodings.Scaling{Power: 1}} }, "a scaling other than either linear or dynamic"},
		{func(c *sequences.Config) {
			c.Encoding = encodings.RoPE{Scaling: encodings.Scaling{NTK: encodings.NTK{Factor: 2, Trained: 5}}}
		}, "was trained on 5 tokens, and maxLength is 0"},
		{func(c *sequences.Config) {
			c.Encoding = encodings.RoPE{Scaling: encodings.Scaling{NTK: encodings.NTK{Factor: 2, Trained: 5, Length: 7}}}
		}, "goes by the length 7"},
		{func(c *sequences.Config) { c.AttentionScale = 1 }, "attentionScale is 1"},
		{func(c *sequences.Config) { c.SoftCap = 30 }, "softCap is 30"},
		{func(c *sequences.Config) { c.Norm = sequences.LayerNorm }, "has no LLaMA form"},
	} {
		c := toy(nil)
		e.change(&c)
		dir := filepath.Join(t.TempDir(), "model")
		if err := newModel(t, c, 1).SaveLLaMA(dir); err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%v, want %q", err, e.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: a folder was made", e.want)
		}
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := newModel(t, toy(nil), 1).SaveLLaMA(file); err == nil {
		t.Error("a file where the folder is to be")
	}
}
