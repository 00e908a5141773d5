package sequences_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/sequences"
)

// tableExamples are the tables of tablePrompts with something to follow them.
func tableExamples() []sequences.Example {
	prompts, places := tablePrompts()
	var list []sequences.Example
	for i, p := range prompts {
		list = append(list, sequences.Example{Prompt: p, Target: []int32{int32(i + 3)}, Places: places[i]})
	}
	return list
}

// TestTwoOrderState: models of LLaMA's and MiniCPM's form with routers, out and in.
func TestTwoOrderState(t *testing.T) {
	for name, form := range map[string]func(sequences.Config) sequences.Config{"llama": sequences.LLaMA, "minicpm": sequences.MiniCPM} {
		t.Run(name, func(t *testing.T) {
			m := newModel(t, form(toy(encodings.TwoOrder{Base: 5000, RouterWidth: 6})), 1)
			scramble(m)
			state := stateDict(t, m)
			if len(state) != len(nn.Collect(m).All()) {
				t.Errorf("%d names for %d tensors", len(state), len(nn.Collect(m).All()))
			}
			for name, shape := range map[string][2]int{"gate_1.weight": {6, 4}, "gate_2.weight": {6, 4}, "gate_3.weight": {2, 6}} {
				if s, ok := state["model.layers.1.self_attn."+name]; !ok || [2]int(s.Shape) != shape {
					t.Errorf("%s: %v, shape %v", name, ok, s.Shape)
				}
			}
			dir := t.TempDir()
			if err := m.SaveLLaMA(dir); err != nil {
				t.Fatal(err)
			}
			config, err := os.ReadFile(filepath.Join(dir, "config.json"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(config), `"rope_theta": 5000`) || strings.Contains(string(config), `"scale_emb": 12`) != (name == "minicpm") {
				t.Errorf("config.json: %s", config)
			}
			back, err := sequences.LoadLLaMA(dir, sequences.Config{Encoding: encodings.TwoOrder{RouterWidth: 6}}, sequences.LLaMAOptions{})
			if err != nil {
				t.Fatal(err)
			}
			same(t, name, m, back)
			if got := back.Config.Encoding.(encodings.TwoOrder).Base; got != 5000 {
				t.Errorf("the base is %v: want that of config.json", got)
			}
			want, got := logits(t, m, tableExamples()...), logits(t, back, tableExamples()...)
			for i, v := range want.Data() {
				if d := v - got.Data()[i]; d > 1e-5 || d < -1e-5 {
					t.Fatalf("logit %d is %v, want %v", i, got.Data()[i], v)
				}
			}
			back, err = sequences.LoadLLaMA(dir, sequences.Config{Encoding: encodings.TwoOrder{RouterWidth: 6, Base: 70}}, sequences.LLaMAOptions{})
			if err != nil || back.Config.Encoding.(encodings.TwoOrder).Base != 70 {
				t.Errorf("a base that was asked for: %v, %v", back.Config.Encoding, err)
			}
		})
	}
}

// TestFreshRouter: a plain LLaMA becomes the beginning of a model that reads tables, if one says so.
func TestFreshRouter(t *testing.T) {
	dir := t.TempDir()
	plain := newModel(t, toy(nil), 1)
	if err := plain.SaveLLaMA(dir); err != nil {
		t.Fatal(err)
	}
	two := sequences.Config{Encoding: encodings.TwoOrder{}}
	const want = "missing model.layers.0.self_attn.gate_1.weight and all else that the encoding learns (LLaMAOptions.FreshEncoding has it drawn)"
	if _, err := sequences.LoadLLaMA(dir, two, sequences.LLaMAOptions{}); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
		t.Errorf("no router: %v, want %q", err, want)
	}
	load := func(seed uint64) *sequences.Model {
		m, err := sequences.LoadLLaMA(dir, two, sequences.LLaMAOptions{FreshEncoding: true, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	m, other := load(3), load(4)
	same(t, "seed 3 again", m, load(3))
	from, differ := nn.Collect(plain), 0
	for k, p := range nn.Collect(m).All() {
		if !strings.HasPrefix(p.Path, "encoding.") {
			if !sameBits(p.Tensor.Data(), from.Find(p.Path).Data()) {
				t.Errorf("%s is not that of the files", p.Path)
			}
		} else if !sameBits(p.Tensor.Data(), nn.Collect(other).All()[k].Tensor.Data()) {
			differ++
		}
	}
	if differ != 2*3 { // weights of two layers; biases begin at zero
		t.Errorf("%d tensors of the router depend on the seed, want 6", differ)
	}

	// Into a model that is there: its router stays.
	there := newModel(t, toy(encodings.TwoOrder{}), 9)
	before := newModel(t, toy(encodings.TwoOrder{}), 9)
	f := open(t, stateDict(t, plain))
	if err := there.LoadLLaMA(files(f), sequences.LLaMAOptions{}); err == nil || !strings.HasSuffix(err.Error(), ": "+want) {
		t.Errorf("no router: %v", err)
	}
	same(t, "refused", before, there)
	if err := there.LoadLLaMA(files(f), sequences.LLaMAOptions{FreshEncoding: true}); err != nil {
		t.Fatal(err)
	}
	for _, p := range nn.Collect(there).All() {
		source := from
		if strings.HasPrefix(p.Path, "encoding.") {
			source = nn.Collect(before)
		}
		if !sameBits(p.Tensor.Data(), source.Find(p.Path).Data()) {
			t.Errorf("%s changed", p.Path)
		}
	}
}

// TestRouterErrors: routers that are there in part, in another shape, or where none is wanted.
func TestRouterErrors(t *testing.T) {
	routed := newModel(t, toy(encodings.TwoOrder{}), 1)
	const gate = "model.layers.0.self_attn.gate_1.weight"
	for _, e := range []struct {
		name   string
		m      *sequences.Model
		change func(s map[string]safetensors.Tensor)
		o      sequences.LLaMAOptions
		want   string
	}{
		{"in part", routed, func(s map[string]safetensors.Tensor) { delete(s, gate) }, sequences.LLaMAOptions{FreshEncoding: true}, ": missing " + gate},
		{"shape", newModel(t, toy(encodings.TwoOrder{RouterWidth: 5}), 1), func(s map[string]safetensors.Tensor) {}, sequences.LLaMAOptions{}, gate + " has shape [16 4], want [5 4]"},
		{"not wanted", newModel(t, toy(nil), 1), func(s map[string]safetensors.Tensor) {}, sequences.LLaMAOptions{}, ": unexpected model.layers.0.self_attn.gate_1.bias, of the encoding two-order: set Encoding to that"},
		{"beside another", newModel(t, toy(encodings.ALiBi{}), 1), func(s map[string]safetensors.Tensor) { delete(s, "model.norm.weight") }, sequences.LLaMAOptions{},
			": missing model.norm.weight; unexpected model.layers.0.self_attn.gate_1.bias, of the encoding two-order: set Encoding to that"},
	} {
		state := stateDict(t, routed)
		e.change(state)
		if err := e.m.LoadLLaMA(files(open(t, state)), e.o); err == nil || !strings.Contains(err.Error(), e.want) {
			t.Errorf("%s: %v, want %q", e.name, err, e.want)
		}
	}
	dir := t.TempDir()
	plain := newModel(t, toy(encodings.RoPE{Scaling: encodings.Scaling{Linear: 2}}), 1)
	if err := plain.SaveLLaMA(dir); err != nil {
		t.Fatal(err)
	}
	o := sequences.LLaMAOptions{FreshEncoding: true}
	if _, err := sequences.LoadLLaMA(dir, sequences.Config{Encoding: encodings.TwoOrder{}}, o); err == nil || !strings.Contains(err.Error(), "two-order: it turns all channels") {
		t.Errorf("a rotation that it does not have: %v", err)
	}
}

// TestUnnamedEncoding: what has no names in the form is drawn only if one says so.
func TestUnnamedEncoding(t *testing.T) {
	dir := t.TempDir()
	plain := newModel(t, toy(nil), 1)
	if err := plain.SaveLLaMA(dir); err != nil {
		t.Fatal(err)
	}
	c := sequences.Config{Encoding: encodings.CARoPE{}}
	const want = "no names for what the encoding carope learns: LLaMAOptions.FreshEncoding"
	if _, err := sequences.LoadLLaMA(dir, c, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	if _, err := sequences.LoadLLaMA(dir, c, sequences.LLaMAOptions{FreshEncoding: true}); err != nil {
		t.Error(err)
	}
	m := newModel(t, toy(encodings.CARoPE{}), 1)
	f := files(open(t, stateDict(t, plain)))
	if err := m.LoadLLaMA(f, sequences.LLaMAOptions{}); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	same(t, "refused", newModel(t, toy(encodings.CARoPE{}), 1), m)
	if err := m.LoadLLaMA(f, sequences.LLaMAOptions{FreshEncoding: true}); err != nil {
		t.Error(err)
	}
}
