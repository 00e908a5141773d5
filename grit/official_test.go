package grit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// stateDict returns the numbers of a model as the official code saves them.
func stateDict(m *grit.Model) map[string]*tensor.Tensor {
	state := map[string]*tensor.Tensor{}
	for _, line := range m.Official() {
		state[line.Name] = tensor.FromSlice(line.Export(line.Tensor.Data()), line.Shape...)
	}
	return state
}

// TestOfficialRoundTrip: for every preset the table names every tensor of the model once, sizes agree, and Export is
// the inverse of Import.
func TestOfficialRoundTrip(t *testing.T) {
	configs := presets()
	every := toy()
	every.KeyValueBias, every.LayerNorm, every.ReZero = true, true, true
	few := toy()
	few.NoEdgeEnhance, few.NoDegreeScaler, few.NoPairOutput, few.NoPairNorm, few.NoBatchNorm = true, true, true, true, true
	noStats := toy()
	noStats.NoRunningStats = true
	configs = append(configs, preset{"every option", every}, preset{"few parts", few}, preset{"no statistics", noStats})
	for _, p := range configs {
		m := newModel(t, small(p.config), 1)
		names, covered := map[string]bool{}, map[*tensor.Tensor]bool{}
		for _, line := range m.Official() {
			if names[line.Name] || covered[line.Tensor] {
				t.Errorf("%s: %s, or its tensor, is in the table twice", p.name, line.Name)
			}
			names[line.Name], covered[line.Tensor] = true, true
			size := 1
			for _, n := range line.Shape {
				size *= n
			}
			if size != line.Tensor.Size() {
				t.Errorf("%s: %s has shape %v, our tensor %v", p.name, line.Name, line.Shape, line.Tensor.Shape())
				continue
			}
			before := slices.Clone(line.Tensor.Data())
			numbers := make([]float32, size)
			for k := range numbers {
				numbers[k] = float32(k + 1)
			}
			line.Import(numbers)
			if got := line.Export(line.Tensor.Data()); !slices.Equal(got, numbers) {
				t.Errorf("%s: %s: Export after Import gives %v", p.name, line.Name, got)
			}
			sorted := slices.Clone(line.Tensor.Data())
			slices.Sort(sorted)
			if !slices.Equal(sorted, numbers) {
				t.Errorf("%s: %s: Import loses numbers", p.name, line.Name)
			}
			line.Import(line.Export(before))
			if !slices.Equal(line.Tensor.Data(), before) {
				t.Errorf("%s: %s: Import after Export changes numbers", p.name, line.Name)
			}
		}
		for _, param := range nn.Collect(m).All() {
			if !covered[param.Tensor] {
				t.Errorf("%s: %s is not in the table", p.name, param.Path)
			}
		}
		if all := len(nn.Collect(m).All()); len(covered) != all {
			t.Errorf("%s: %d tensors in the table, the model has %d", p.name, len(covered), all)
		}
	}
}

// TestLoadOfficial moves the numbers of one model into another through the official order.
func TestLoadOfficial(t *testing.T) {
	for _, p := range presets() {
		c := small(p.config)
		from, to := newModel(t, c, 1), newModel(t, c, 2)
		warm(t, from, randomGraphs(c, 3))
		state := stateDict(from)
		// What the official code saves beside them is passed over.
		state["layers.0.batch_norm1_h.num_batches_tracked"] = tensor.Scalar(7)
		state["rrwp_rel_encoder.padding"] = tensor.New(1, c.Width)
		if err := to.LoadOfficial(state); err != nil {
			t.Errorf("%s: %v", p.name, err)
			continue
		}
		want, got := nn.Collect(from).All(), nn.Collect(to).All()
		for k := range want {
			if !sameBits(got[k].Tensor.Data(), want[k].Tensor.Data()) {
				t.Errorf("%s: %s did not arrive", p.name, want[k].Path)
			}
		}
	}
}

// TestLoadOfficialErrors: one error lists all that is missing, unexpected or of another shape, and nothing changes.
func TestLoadOfficialErrors(t *testing.T) {
	c := toy()
	m := newModel(t, c, 1)
	before := hashOf(t, m)
	for _, e := range []struct {
		name   string
		change func(state map[string]*tensor.Tensor)
		want   []string
	}{
		{"empty", func(s map[string]*tensor.Tensor) { clear(s) },
			[]string{"missing encoder.node_encoder.encoder.weight", "missing layers.1.FFN_h_layer2.bias", "missing post_mp.FC_layers.2.bias"}},
		{"missing", func(s map[string]*tensor.Tensor) {
			delete(s, "layers.0.attention.Q.weight")
			delete(s, "layers.1.batch_norm1_e.running_var")
		}, []string{"missing layers.0.attention.Q.weight", "missing layers.1.batch_norm1_e.running_var"}},
		{"nil", func(s map[string]*tensor.Tensor) { s["layers.0.attention.Q.weight"] = nil },
			[]string{"missing layers.0.attention.Q.weight"}},
		{"unexpected", func(s map[string]*tensor.Tensor) {
			s["layers.2.O_h.weight"], s["model.norm"] = tensor.New(8, 8), tensor.New(1)
		}, []string{"unexpected layers.2.O_h.weight", "unexpected model.norm"}},
		{"shape", func(s map[string]*tensor.Tensor) {
			s["layers.0.attention.E.weight"] = tensor.New(8, 16)
			s["layers.0.attention.Aw"] = tensor.New(2, 4, 1)
			s["layers.0.O_h.bias"] = tensor.New(9)
		}, []string{"layers.0.attention.E.weight has shape [8 16], want [16 8]", "layers.0.attention.Aw has shape [2 4 1], want [4 2 1]",
			"layers.0.O_h.bias has shape [9], want [8]"}},
		{"all kinds", func(s map[string]*tensor.Tensor) {
			delete(s, "layers.0.deg_coef")
			s["x"] = tensor.New(1)
			s["layers.1.O_e.weight"] = tensor.New(64)
		}, []string{"missing layers.0.deg_coef", "unexpected x", "layers.1.O_e.weight has shape [64], want [8 8]"}},
	} {
		state := stateDict(newModel(t, c, 2))
		e.change(state)
		err := m.LoadOfficial(state)
		if err == nil {
			t.Errorf("%s: no error", e.name)
			continue
		}
		for _, part := range append(e.want, "grit: the official weights do not fit the model's configuration") {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %v: does not say %q", e.name, err, part)
			}
		}
		if n := strings.Count(err.Error(), ";") + 1; e.name != "empty" && n != len(e.want) {
			t.Errorf("%s: %v: lists %d, want %d", e.name, err, n, len(e.want))
		}
		if hashOf(t, m) != before {
			t.Errorf("%s: the model was changed", e.name)
		}
	}
}

// TestOfficialOrders: the tensors whose numbers lie in another order, as section 4 of grit.md describes both.
func TestOfficialOrders(t *testing.T) {
	c := toy() // width 8, two heads of 4
	m := newModel(t, c, 1)
	lines := map[string]grit.OfficialTensor{}
	for _, line := range m.Official() {
		lines[line.Name] = line
	}
	const heads, dim, width = 2, 4, 8
	official := func(name string) ([]float32, []int) {
		line := lines["layers.0."+name]
		return line.Export(line.Tensor.Data()), line.Shape
	}
	a := m.Blocks[0].Attention
	score, shape := official("attention.Aw")
	if !slices.Equal(shape, []int{dim, heads, 1}) {
		t.Errorf("Aw has shape %v", shape)
	}
	enhance, shape := official("attention.VeRow")
	if !slices.Equal(shape, []int{dim, heads, dim}) {
		t.Errorf("VeRow has shape %v", shape)
	}
	weight, _ := official("attention.E.weight")
	bias, _ := official("attention.E.bias")
	for h := range heads {
		for c := range dim {
			if got, want := score[c*heads+h], a.Score.At(h, c); got != want {
				t.Errorf("Aw[%d, %d] is %v, want %v", c, h, got, want)
			}
			for o := range dim {
				if got, want := enhance[(c*heads+h)*dim+o], a.Enhance.At(h, c, o); got != want {
					t.Errorf("VeRow[%d, %d, %d] is %v, want %v", c, h, o, got, want)
				}
			}
			// E is viewed as [heads, 2 dim]: in every head the factors, then the terms.
			factor, term := h*2*dim+c, h*2*dim+dim+c
			if bias[factor] != a.Pair.Bias.At(h*dim+c) || bias[term] != a.Pair.Bias.At(width+h*dim+c) {
				t.Errorf("head %d, feature %d: the biases of factor and term are not where they belong", h, c)
			}
			for k := range width {
				if weight[factor*width+k] != a.Pair.Weight.At(h*dim+c, k) || weight[term*width+k] != a.Pair.Weight.At(width+h*dim+c, k) {
					t.Errorf("head %d, feature %d: the weights of factor and term are not where they belong", h, c)
				}
			}
		}
	}
	degree, shape := official("deg_coef")
	if !slices.Equal(shape, []int{1, width, 2}) {
		t.Errorf("deg_coef has shape %v", shape)
	}
	for c := range width {
		if degree[2*c] != m.Blocks[0].Degree.At(0, c) || degree[2*c+1] != m.Blocks[0].Degree.At(1, c) {
			t.Errorf("feature %d: constant and slope of deg_coef are not where they belong", c)
		}
	}
}
