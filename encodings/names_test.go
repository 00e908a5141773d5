package encodings

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
)

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, k := range List() {
		if seen[k.Name] || k.About == "" {
			t.Errorf("%s is there twice, or without a word about it", k.Name)
		}
		seen[k.Name] = true
		got, err := ByName(k.Name)
		if err != nil || !reflect.DeepEqual(got, k.Encoding) {
			t.Errorf("ByName(%q) = %#v, %v", k.Name, got, err)
		}
		if _, err := got.New(Dims{Width: 64, Heads: 4, Layers: 2}, nn.NewInit(1)); err != nil {
			t.Errorf("%s for a model of width 64 with 4 heads: %v", k.Name, err)
		}
		if name := got.Name(); !strings.HasPrefix(k.Name, name) && !seen[name] {
			t.Errorf("%s calls itself %q, which is no name", k.Name, name)
		}
	}
	for _, name := range Names() {
		if !seen[name] {
			t.Errorf("Names has %q, List has not", name)
		}
	}
}

func TestByNameSettings(t *testing.T) {
	for text, want := range map[string]Encoding{
		"rope:partial=0.25:interleaved":     RoPE{Partial: 0.25, Interleaved: true},
		"rope:interleaved=false":            RoPE{},
		"rope:scaling.linear=4":             RoPE{Scaling: Scaling{Linear: 4}},
		"rope:scaling.ntk.factor=2":         RoPE{Scaling: Scaling{NTK: NTK{Factor: 2}}},
		"learned:max-length=64":             Learned{MaxLength: 64},
		"learned:shape=14x7":                Learned{Shape: []int{14, 7}},
		"mrope:sections=2x3x3":              MRoPE{Sections: [3]int{2, 3, 3}},
		"seqpe:use=mul":                     SeqPE{Use: SeqPEMul},
		"t5-bias-causal:buckets=16":         T5Bias{Causal: true, Buckets: 16},
		"rope-quarter:base=100":             RoPE{Interleaved: true, Partial: 0.25, Base: 100},
		"rope-alibi-harmonic:rope.base=500": Harmonic{RoPE: RoPE{Base: 500}},
	} {
		got, err := ByName(text)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ByName(%q) = %#v, %v, want %#v", text, got, err, want)
		}
	}
}

func TestByNameErrors(t *testing.T) {
	for text, want := range map[string]string{
		"ropee":                      `unknown encoding "ropee"; did you mean "rope"?`,
		"":                           "unknown encoding",
		"rope:bas=3":                 `unknown setting "bas"; did you mean "base"?`,
		"rope:base=fast":             `setting base is "fast": want a number`,
		"rope:base":                  "setting base wants a value: base=a number",
		"rope:scaling=2":             "want a value for one of its parts, after a dot",
		"rope:base.x=2":              "setting base has no parts",
		"learned:max-length=1.5":     "want a whole number",
		"learned:shape=3xtwo":        "want numbers joined by x",
		"mrope:sections=1x2":         "want 3 numbers joined by x",
		"seqpe:use=scaler":           "want one of its names",
		"rope:interleaved=perhaps":   "want true or false",
		"axial-rope:scaling=2":       "want numbers joined by x",
		"none:base=3":                `unknown setting "base": there are none`,
		"rope:scaling.lineer=3":      `did you mean "linear"?`,
		"rope:partial=0.25:interlev": `did you mean "interleaved"?`,
	} {
		e, err := ByName(text)
		if err == nil || e != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ByName(%q) = %v, %v, want an error with %q", text, e, err, want)
		}
	}
	var unknown *UnknownError
	if _, err := ByName("alibl"); !errors.As(err, &unknown) || unknown.Nearest != "alibi" {
		t.Errorf("ByName(alibl) gives %v", err)
	}
}

func FuzzByName(f *testing.F) {
	for _, seed := range []string{"rope", "rope:base=1e9:interleaved", "learned:shape=1x2x3", "mrope:sections=", "a:b.c=d", "rope:scaling.ntk=x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, err := ByName(text); (e == nil) == (err == nil) {
			t.Errorf("ByName(%q) = %v, %v", text, e, err)
		}
	})
}
