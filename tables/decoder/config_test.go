package decoder_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tokenize"
	"github.com/graft-ml/graft/train/checkpoint"
)

// TestReadingServed: the reading that an encoding serves is found, and one that it does not serve refused.
func TestReadingServed(t *testing.T) {
	for name, want := range map[string]decoder.Reading{
		"": decoder.Both, "two-order": decoder.Both, "rope": decoder.Rows, "none": decoder.Rows, "alibi": decoder.Rows,
		"axial-rope": decoder.Plane, "mixed-rope": decoder.Plane, "comrope-ld": decoder.Plane, "md-lrpe": decoder.Plane,
	} {
		if got := (decoder.Config{Encoding: name}).WithDefaults().Reading; got != want {
			t.Errorf("%q reads by %v, want %v", name, got, want)
		}
	}
	for _, c := range []struct {
		c    decoder.Config
		want string
	}{
		{decoder.Config{Encoding: "rwse"}, "does not serve tables"},
		{decoder.Config{Encoding: "axial-rope", Reading: decoder.Rows}, "axial-rope does not serve tables read as rows"},
		{decoder.Config{Encoding: "two-order", Reading: decoder.Plane}, "two-order does not serve tables read as plane"},
		{decoder.Config{Encoding: "two-orders"}, `did you mean "two-order"?`},
		{decoder.Config{Encoding: "two-order:router-with=3"}, `did you mean "router-width"?`},
		{decoder.Config{Reading: 9}, "reading is Reading(9)"},
		{decoder.Config{Question: 2}, "question is Place(2)"},
		{decoder.Config{MaxTokens: -1}, "maxTokens is -1"},
		{decoder.Config{Heads: 3, Width: 32}, "heads 3 do not divide width 32"},
		{decoder.Config{Dropout: 1}, "dropout is 1"},
	} {
		if err := c.c.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.c, err, c.want)
		}
	}
	var r decoder.Reading
	if err := r.UnmarshalText([]byte("colums")); err == nil || !strings.Contains(err.Error(), `did you mean "columns"?`) {
		t.Errorf("an unknown reading: %v", err)
	}
}

// TestEveryFieldCounts: no field of the configuration is dead.
func TestEveryFieldCounts(t *testing.T) {
	base := small("two-order", decoder.Served).WithDefaults()
	changed := map[string]any{
		"Layers": 3, "Width": 64, "Heads": 2, "KVHeads": 4, "FeedForward": 4, "FeedForwardWidth": 48, "TiedEmbedding": true, "MiniCPM": true,
		"Dropout": 0.1, "AttentionDropout": 0.1, "FeedForwardDropout": 0.1, "Init": 1, "InitStd": 0.1, "Encoding": "two-order:router-width=8", "Reading": int(decoder.Rows), "MaxTokens": 9,
	}
	was := fmt.Sprintf("%+v", newModel(t, base).Decoder.Config)
	for i := range reflect.TypeFor[decoder.Config]().NumField() {
		name := reflect.TypeFor[decoder.Config]().Field(i).Name
		if name == "Question" {
			continue // TestSequence shows that it moves the question
		}
		value, ok := changed[name]
		if !ok {
			t.Errorf("%s is not tested", name)
			continue
		}
		c := base
		field := reflect.ValueOf(&c).Elem().Field(i)
		field.Set(reflect.ValueOf(value).Convert(field.Type()))
		if name == "Reading" {
			c.Encoding = "rope" // which TestSequence shows to have another sequence
		}
		if now := fmt.Sprintf("%+v", newModel(t, c).Decoder.Config); now == was {
			t.Errorf("%s changes nothing", name)
		}
	}
	if m := newModel(t, decoder.Config{}); m.Config != (decoder.Config{}).WithDefaults() || m.Config.MaxTokens != 4096 || m.Config.Width != 256 || m.Config.Layers != 4 {
		t.Errorf("defaults %+v", m.Config)
	}
}

// TestWithoutMarks: a tokenizer that lacks the marks of tables is refused.
func TestWithoutMarks(t *testing.T) {
	tok, err := tokenize.NewWords([]string{"a"}, []string{"<bos>"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decoder.New(decoder.Config{}, tok, 1); err == nil || !strings.Contains(err.Error(), "<eos>") {
		t.Errorf("%v", err)
	}
}

// TestSaved: what was saved is loaded to the bit, and files that are none of ours, or of another model, are refused by name.
func TestSaved(t *testing.T) {
	m := newModel(t, small("two-order", decoder.Served))
	dir := t.TempDir()
	if err := m.Save(dir); err != nil {
		t.Fatal(err)
	}
	got, err := decoder.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Config != m.Config || got.Tokenizer.Size() != m.Tokenizer.Size() || got.Marks != m.Marks {
		t.Errorf("%+v, want %+v", got.Config, m.Config)
	}
	want := nn.Collect(m).All()
	for i, p := range nn.Collect(got).All() {
		if p.Path != want[i].Path || fmt.Sprint(p.Tensor.Data()) != fmt.Sprint(want[i].Tensor.Data()) {
			t.Errorf("%s has changed", p.Path)
		}
	}
	if _, err := decoder.Load(t.TempDir()); err == nil || !strings.Contains(err.Error(), "name a folder that a model was saved into") {
		t.Errorf("an empty folder: %v", err)
	}
	path := filepath.Join(dir, "model.safetensors")
	state, err := checkpoint.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	config := func(change func(c map[string]any)) string {
		var c map[string]any
		if err := json.Unmarshal([]byte(state.Meta["config"]), &c); err != nil {
			t.Fatal(err)
		}
		change(c)
		text, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, c := range []struct{ key, value, want string }{
		{"graft.model", "another", "it was not written by Save"},
		{"tokenizer", "{}", "its tokenizer"},
		{"config", "{", "its configuration"},
		{"config", config(func(c map[string]any) { c["Colour"] = 1 }), "its configuration"},
		{"config", config(func(c map[string]any) { c["Layers"] = 1 << 30 }), "layers"},
		{"config", config(func(c map[string]any) { c["Width"] = 1 << 30 }), "width"},
		{"config", config(func(c map[string]any) { c["FeedForwardWidth"] = 1 << 30 }), "feedForwardWidth"},
		{"config", config(func(c map[string]any) { c["Encoding"] = "rope"; c["Reading"] = "rows" }), "encoding.router"},
		{"config", config(func(c map[string]any) { c["KVHeads"] = 4 }), "block.0.attention.key"},
	} {
		meta := map[string]string{}
		for k, v := range state.Meta {
			meta[k] = v
		}
		meta[c.key] = c.value
		bad := t.TempDir()
		if err := (checkpoint.Dir{Path: bad}).Save("model", &checkpoint.State{Tensors: state.Tensors, Meta: meta}); err != nil {
			t.Fatal(err)
		}
		if _, err := decoder.Load(bad); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), bad) {
			t.Errorf("%s %s: %v, want %q", c.key, c.value, err, c.want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := m.Save(filepath.Join(dir, "file")); err == nil {
		t.Error("a model is saved into a file as its folder")
	}
}
