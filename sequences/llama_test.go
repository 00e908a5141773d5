package sequences_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// stateDict returns the tensors of a model under the names of the form.
func stateDict(t testing.TB, m *sequences.Model) map[string]safetensors.Tensor {
	t.Helper()
	table, err := m.LLaMATensors()
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]safetensors.Tensor{}
	for _, p := range table {
		state[p.Path] = safetensors.FromFloat32(p.Path, p.Tensor.Data(), p.Tensor.Shape()...)
	}
	return state
}

func write(t testing.TB, path string, state map[string]safetensors.Tensor) {
	t.Helper()
	var list []safetensors.Tensor
	for _, s := range state {
		list = append(list, s)
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, list, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, a, b *sequences.Model) {
	t.Helper()
	want, got := nn.Collect(a).All(), nn.Collect(b).All()
	if len(want) != len(got) {
		t.Errorf("%s: %d tensors, want %d", what, len(got), len(want))
		return
	}
	for k := range want {
		if want[k].Path != got[k].Path || !sameBits(want[k].Tensor.Data(), got[k].Tensor.Data()) {
			t.Errorf("%s: %s differs", what, want[k].Path)
		}
	}
}

// TestLLaMANames: the names of the form, each tensor of the model once.
func TestLLaMANames(t *testing.T) {
	c := toy(nil)
	c.Layers, c.AttentionBias, c.FeedForwardBias = 1, true, true
	m := newModel(t, c, 1)
	var names []string
	for name := range stateDict(t, m) {
		names = append(names, name)
	}
	slices.Sort(names)
	want := `lm_head.weight model.embed_tokens.weight model.layers.0.input_layernorm.weight model.layers.0.mlp.down_proj.bias ` +
		`model.layers.0.mlp.down_proj.weight model.layers.0.mlp.gate_proj.bias model.layers.0.mlp.gate_proj.weight model.layers.0.mlp.up_proj.bias ` +
		`model.layers.0.mlp.up_proj.weight model.layers.0.post_attention_layernorm.weight model.layers.0.self_attn.k_proj.bias ` +
		`model.layers.0.self_attn.k_proj.weight model.layers.0.self_attn.o_proj.bias model.layers.0.self_attn.o_proj.weight ` +
		`model.layers.0.self_attn.q_proj.bias model.layers.0.self_attn.q_proj.weight model.layers.0.self_attn.v_proj.bias ` +
		`model.layers.0.self_attn.v_proj.weight model.norm.weight`
	if got := strings.Join(names, " "); got != want {
		t.Errorf("names %s", got)
	}
	if all := nn.Collect(m).All(); len(all) != len(names) {
		t.Errorf("%d names for %d tensors", len(names), len(all))
	}
	for _, c := range []sequences.Config{sequences.GPT2(toy(nil)), sequences.T5Decoder(toy(nil))} {
		if _, err := newModel(t, c, 1).LLaMATensors(); err == nil || !strings.Contains(err.Error(), "has no LLaMA form") {
			t.Errorf("%v with %v: %v", c.Norm, c.FeedForward, err)
		}
	}
}

// TestSaveAndLoad: a folder, a file, and configurations that are given or read.
func TestSaveAndLoad(t *testing.T) {
	ropes := toy(encodings.RoPE{Base: 5000, Partial: 0.5, Scaling: encodings.Scaling{Linear: 2}})
	ropes.TiedEmbedding, ropes.AttentionBias, ropes.FeedForwardBias, ropes.NormEps = true, true, true, 1e-4
	dynamic := toy(encodings.RoPE{Scaling: encodings.Scaling{NTK: encodings.NTK{Factor: 3, Trained: 20}}})
	dynamic.MaxLength, dynamic.AttentionDropout, dynamic.FeedForward = 20, 0.25, sequences.GeGLU
	for name, c := range map[string]sequences.Config{"plain": toy(nil), "ropes": ropes, "dynamic": dynamic, "minicpm": sequences.MiniCPM(toy(nil))} {
		t.Run(name, func(t *testing.T) {
			m := newModel(t, c, 1)
			scramble(m)
			dir := filepath.Join(t.TempDir(), "model")
			for range 2 { // over what is there, too
				if err := m.SaveLLaMA(dir); err != nil {
					t.Fatal(err)
				}
			}
			file := filepath.Join(dir, "model.safetensors")
			for _, path := range []string{dir, file} {
				for _, given := range []sequences.Config{{}, m.Config} {
					back, err := sequences.LoadLLaMA(path, given, sequences.LLaMAOptions{})
					if err != nil {
						t.Fatal(err)
					}
					same(t, name, m, back)
					a, b := m.Config, back.Config
					if a.NormEps != b.NormEps || a.TiedEmbedding != b.TiedEmbedding || a.MaxLength != b.MaxLength || a.AttentionDropout != b.AttentionDropout ||
						a.FeedForward != b.FeedForward || a.EmbeddingScale != b.EmbeddingScale {
						t.Errorf("configuration %+v, want %+v", b, a)
					}
					want, got := logits(t, m, toyExamples()...), logits(t, back, toyExamples()...)
					for i, v := range want.Data() {
						if d := v - got.Data()[i]; d > 1e-5 || d < -1e-5 {
							t.Fatalf("logit %d is %v, want %v", i, got.Data()[i], v)
						}
					}
				}
			}
			back, err := sequences.LoadLLaMA(dir, sequences.Config{Encoding: encodings.ALiBi{}}, sequences.LLaMAOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := back.Config.Encoding.(encodings.ALiBi); !ok {
				t.Errorf("the encoding that was asked for became %T", back.Config.Encoding)
			}
		})
	}
}

// TestSharded: weights in two files with an index, and indices that lie.
func TestSharded(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	state := stateDict(t, m)
	shards := []map[string]safetensors.Tensor{{}, {}}
	var entries []string
	var names []string
	for name := range state {
		names = append(names, name)
	}
	slices.Sort(names)
	for k, name := range names {
		shards[k%2][name] = state[name]
		entries = append(entries, fmt.Sprintf("%q: \"part-%d.safetensors\"", name, k%2))
	}
	dir := t.TempDir()
	for k, s := range shards {
		write(t, filepath.Join(dir, fmt.Sprintf("part-%d.safetensors", k)), s)
	}
	index := filepath.Join(dir, "model.safetensors.index.json")
	set := func(text string) {
		if err := os.WriteFile(index, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set(`{"metadata": {"total_size": 1}, "weight_map": {` + strings.Join(entries, ", ") + "}}")
	for _, path := range []string{dir, index} {
		back, err := sequences.LoadLLaMA(path, m.Config, sequences.LLaMAOptions{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, path, m, back)
	}
	swapped := strings.Replace(strings.Join(entries, ", "), "part-0", "part-1", 1)
	for _, e := range []struct{ text, want string }{
		{`{"weight_map": {` + swapped + `}}`, "lm_head.weight is in part-0.safetensors, for which the index does not name it; lm_head.weight is not in part-1.safetensors"},
		{`{"weight_map": {"a": "../part-0.safetensors"}}`, `"../part-0.safetensors" is not the name of a file in the same folder`},
		{`{"weight_map": {"a": "/etc/passwd"}}`, "is not the name of a file in the same folder"},
		{`{"weight_map": {"a": "."}}`, "is not the name of a file in the same folder"},
		{`{"weight_map": {"a": 5}}`, "weight_map: a: want the name of a file, got 5"},
		{`{"weight_map": {}}`, "it names no tensor"},
		{`{"weight_map": []}`, "weight_map: line 1: want a JSON object"},
		{`{"weights": {}}`, `it has no "weight_map"`},
		{`{"weight_map": {"a": "x", "a": "y"}}`, `"a" stands twice`},
		{`{"weight_map": {"a": "gone.safetensors"}}`, "gone.safetensors"},
		{``, "line 1: it ends too early"},
		{`{} {}`, "something follows the object"},
	} {
		set(e.text)
		if _, err := sequences.LoadLLaMA(dir, m.Config, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%s: %v, want %q", e.text, err, e.want)
		}
	}
}

// TestHalves: weights of 16 bits become the nearest numbers of 32, exactly.
func TestHalves(t *testing.T) {
	m := newModel(t, toy(nil), 1)
	for _, p := range nn.Collect(m).All() {
		for i := range p.Tensor.Data() {
			p.Tensor.Data()[i] = float32(i%17-8) / 4 // both formats hold these
		}
	}
	for _, dtype := range []safetensors.DType{safetensors.BF16, safetensors.F16} {
		state := map[string]safetensors.Tensor{}
		for name, s := range stateDict(t, m) {
			data := make([]byte, 2*len(s.Float32))
			for i, v := range s.Float32 {
				bits := halfBits(v, dtype)
				data[2*i], data[2*i+1] = byte(bits), byte(bits>>8)
			}
			state[name] = safetensors.FromBytes(name, dtype, data, s.Shape...)
		}
		path := filepath.Join(t.TempDir(), "half.safetensors")
		write(t, path, state)
		back, err := sequences.LoadLLaMA(path, m.Config, sequences.LLaMAOptions{})
		if err != nil {
			t.Fatal(err)
		}
		same(t, string(dtype), m, back)
	}
}

// TestInterleaved: a model whose queries and keys were reordered computes the same with the other rotation.
func TestInterleaved(t *testing.T) {
	c := toy(encodings.RoPE{})
	c.AttentionBias = true
	for _, partial := range []float64{0, 0.5} {
		c.Encoding = encodings.RoPE{Partial: partial}
		m := newModel(t, c, 1)
		scramble(m)
		c.Encoding = encodings.RoPE{Interleaved: true, Partial: partial}
		other := newModel(t, c, 2)
		pairs := 2
		if partial > 0 {
			pairs = 1
		}
		from := nn.Collect(m)
		for _, p := range nn.Collect(other).All() {
			p.Tensor.CopyFrom(from.Find(p.Path))
		}
		reorder := func(move func(t *tensor.Tensor, heads, pairs int)) {
			for _, b := range other.Blocks {
				for _, t := range []*tensor.Tensor{b.Query.Weight, b.Query.Bias} {
					move(t, 4, pairs)
				}
				for _, t := range []*tensor.Tensor{b.Key.Weight, b.Key.Bias} {
					move(t, 2, pairs)
				}
			}
		}
		reorder(sequences.ToInterleaved)
		want, got := logits(t, m, toyExamples()...), logits(t, other, toyExamples()...)
		for i, v := range want.Data() {
			if d := v - got.Data()[i]; d > 2e-5 || d < -2e-5 {
				t.Fatalf("partial %v: logit %d is %v, want %v", partial, i, got.Data()[i], v)
			}
		}
		reorder(sequences.ToHalfSplit)
		same(t, "there and back", m, other)
	}
	x := tensor.FromSlice([]float32{0, 1, 2, 3, 4, 5, 6, 7}, 8, 1)
	if sequences.ToInterleaved(x, 1, 4); !slices.Equal(x.Data(), []float32{0, 4, 1, 5, 2, 6, 3, 7}) {
		t.Errorf("interleaved rows %v", x.Data())
	}
}

func FuzzReadIndex(f *testing.F) {
	for _, s := range []string{`{"metadata":{"total_size":1},"weight_map":{"a":"x.safetensors","b":"y.safetensors"}}`, `{"weight_map":{"a":"../x"}}`, `{"weight_map":{"a":"x\\y"}}`,
		`{"weight_map":{"a":"","a":""}}`, `{"weight_map":null}`, `{`, ``, `{"weight_map":{"a":1e999}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		index, err := sequences.ReadIndex(strings.NewReader(text))
		for name, shard := range index {
			if filepath.Base(shard) != shard || shard == "." || shard == ".." || shard == "" {
				t.Errorf("%s is to be in %q, %v", name, shard, err)
			}
		}
	})
}
