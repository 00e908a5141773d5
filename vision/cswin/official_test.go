package cswin

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
)

// fileOf returns a safetensors file of tensors.
func fileOf(t *testing.T, list []safetensors.Tensor) *safetensors.File {
	t.Helper()
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

// stateOf returns the tensors of a model under their official names.
func stateOf(m *Model) (list []safetensors.Tensor) {
	for _, o := range m.official() {
		list = append(list, safetensors.FromFloat32(o.name, o.to.Data(), o.to.Shape()...))
	}
	return list
}

// TestOfficialTable holds that the table has every parameter of a model once.
func TestOfficialTable(t *testing.T) {
	m := mustNew(t, tiny(), 1)
	seen := map[string]bool{}
	for _, o := range m.official() {
		if seen[o.name] {
			t.Errorf("%s stands twice in the table", o.name)
		}
		seen[o.name] = true
	}
	if want := len(nn.Collect(m).All()); len(seen) != want {
		t.Errorf("%d names, want one for each of %d parameters", len(seen), want)
	}
	for _, name := range []string{"stage1_conv_embed.0.weight", "stage1_conv_embed.2.bias", "stage1.0.attns.1.get_v.weight", "merge1.conv.bias", "stage2.0.mlp.fc1.weight", "norm.weight", "head.bias"} {
		if !seen[name] {
			t.Errorf("%s is not in the table", name)
		}
	}
}

// TestLoadOfficial holds that a model that reads the weights of another one answers as it does.
func TestLoadOfficial(t *testing.T) {
	from, to := mustNew(t, tiny(), 1), mustNew(t, tiny(), 2)
	stir(from, 3)
	if err := to.LoadOfficial(fileOf(t, stateOf(from)), OfficialOptions{}); err != nil {
		t.Fatal(err)
	}
	b := mustBatch(t, from, mixed()...)
	if got, want := logits(to, b).Data(), logits(from, b).Data(); !slices.Equal(got, want) {
		t.Errorf("logits %v, want %v", got, want)
	}
	c := tiny()
	c.Classes = 5
	own := mustNew(t, c, 4)
	head := slices.Clone(own.Head.Weight.Data())
	if err := own.LoadOfficial(fileOf(t, stateOf(from)), OfficialOptions{OwnHead: true}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(own.Head.Weight.Data(), head) || !slices.Equal(own.Norm.Bias.Data(), from.Norm.Bias.Data()) {
		t.Error("with OwnHead the head changed, or the rest did not")
	}
}

func TestLoadOfficialErrors(t *testing.T) {
	from := mustNew(t, tiny(), 1)
	for want, change := range map[string]func(list []safetensors.Tensor) []safetensors.Tensor{
		"missing merge1.norm.weight": func(list []safetensors.Tensor) []safetensors.Tensor {
			return slices.DeleteFunc(list, func(x safetensors.Tensor) bool { return x.Name == "merge1.norm.weight" })
		},
		"unexpected stage9.0.qkv.weight": func(list []safetensors.Tensor) []safetensors.Tensor {
			return append(list, safetensors.FromFloat32("stage9.0.qkv.weight", []float32{1}, 1))
		},
		"norm.bias has shape [2], want [16]": func(list []safetensors.Tensor) []safetensors.Tensor {
			for i := range list {
				if list[i].Name == "norm.bias" {
					list[i] = safetensors.FromFloat32("norm.bias", []float32{1, 2}, 2)
				}
			}
			return list
		},
		"cannot be read as F32": func(list []safetensors.Tensor) []safetensors.Tensor {
			for i := range list {
				if list[i].Name == "norm.bias" {
					list[i] = safetensors.FromInt64("norm.bias", make([]int64, 16), 16)
				}
			}
			return list
		},
		"; and ": func(list []safetensors.Tensor) []safetensors.Tensor { return list[:2] },
	} {
		m := mustNew(t, tiny(), 2)
		before := slices.Clone(m.Head.Weight.Data())
		err := m.LoadOfficial(fileOf(t, change(stateOf(from))), OfficialOptions{})
		if err == nil || !strings.HasPrefix(err.Error(), "cswin: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want one with %q", err, want)
		}
		if !slices.Equal(m.Head.Weight.Data(), before) {
			t.Errorf("%s: the model changed", want)
		}
	}
}
