package sequences_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tensor"
)

// goldenConfig is what the metadata of a causal_lm file say.
type goldenConfig struct {
	Vocabulary int     `json:"vocab"`
	Width      int     `json:"hidden"`
	Hidden     int     `json:"intermediate"`
	Layers     int     `json:"layers"`
	Heads      int     `json:"heads"`
	KVHeads    int     `json:"kv_heads"`
	HeadDim    int     `json:"head_dim"`
	Eps        float64 `json:"rms_eps"`
	Theta      float64 `json:"rope_theta"`
	Entropy    float64 `json:"lamda"`
	Tied       bool    `json:"tie_embeddings"`
	Prefix     []int   `json:"prefix_len"`
	Suffix     []int   `json:"suffix_len"`
	Lengths    []int   `json:"lengths"`
}

// goldenModel writes the weights of a golden file as a state dict of the official code and reads the model from that.
func goldenModel(t *testing.T, c *golden.Case, config sequences.Config) *sequences.Model {
	t.Helper()
	state := map[string]safetensors.Tensor{}
	for _, name := range c.Names() {
		if official, ok := strings.CutPrefix(name, "w."); ok {
			w := c.Tensor(name)
			state[official] = safetensors.FromFloat32(official, w.Data(), w.Shape()...)
		}
	}
	path := filepath.Join(t.TempDir(), "official.safetensors")
	write(t, path, state)
	m, err := sequences.LoadLLaMA(path, config, sequences.LLaMAOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if all := nn.Collect(m).All(); len(all) != len(state) {
		t.Errorf("%d tensors of the model, %d of the official state dict", len(all), len(state))
	}
	return m
}

// TestGoldenCausalLM: a LLaMA whose attention reads tables in two orders (2D-TPE), run by the official code in training:
// logits, loss with its entropy, and every gradient.
func TestGoldenCausalLM(t *testing.T) {
	for _, c := range golden.Files(t, "2d_tpe", "causal_lm") {
		t.Run(c.Name, func(t *testing.T) {
			var g goldenConfig
			c.JSON(t, "config", &g)
			m := goldenModel(t, c, sequences.Config{Vocabulary: g.Vocabulary, Layers: g.Layers, Width: g.Width, Heads: g.Heads, KVHeads: g.KVHeads,
				HeadDim: g.HeadDim, FeedForwardWidth: g.Hidden, NormEps: g.Eps, TiedEmbedding: g.Tied,
				Encoding: encodings.TwoOrder{Base: g.Theta, EntropyWeight: g.Entropy}})
			tensors, err := m.LLaMATensors()
			if err != nil {
				t.Fatal(err)
			}
			examples, whole := goldenExamples(c, g)

			tp := tensor.NewTape()
			tp.Begin(tensor.Pass{})
			all := m.Forward(tp, newBatch(t, m, sequences.BatchOptions{EveryToken: true}, whole...))
			logits := tensor.New(c.Shape("logits")...) // zeros at padded tokens, as in the file
			row := 0
			for b, n := range g.Lengths {
				at := b * len(logits.Data()) / len(g.Lengths)
				copy(logits.Data()[at:at+n*g.Vocabulary], all.Data()[row*g.Vocabulary:])
				row += n
			}
			c.Compare(t, "logits", logits, golden.Forward)

			b := newBatch(t, m, sequences.BatchOptions{}, examples...)
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			scores, entropy, err := m.Run(tp, b)
			if err != nil {
				t.Fatal(err)
			}
			c.CompareFlat(t, "entropy", []float32{entropy.Data()[0] / float32(g.Entropy)}, golden.Forward)
			loss := tp.Add(tp.Reshape(nn.CrossEntropy{}.Loss(tp, scores, b.Targets())), tp.Reshape(entropy))
			c.CompareFlat(t, "loss", loss.Data(), golden.Forward)
			tp.Backward(loss)
			for _, p := range tensors {
				c.CompareFlat(t, "grad."+p.Path, tp.Grad(p.Tensor), golden.Gradient)
			}

			// Forward brings the entropy into the gradient by itself.
			tp.Begin(tensor.Pass{Train: true, Grad: true})
			tp.Backward(nn.CrossEntropy{}.Loss(tp, m.Forward(tp, b), b.Targets()))
			for _, p := range tensors {
				c.CompareFlat(t, "grad."+p.Path, tp.Grad(p.Tensor), golden.Gradient)
			}
			c.Ignore("substart", "the markers of the table, whose place the lengths of prefix and suffix give as well")
			c.Ignore("subend", "the markers of the table, whose place the lengths of prefix and suffix give as well")
		})
	}
}

// goldenExamples returns the samples as examples, and again as whole sequences of which every token is read: one token
// more stands at their end, which nothing before it sees.
func goldenExamples(c *golden.Case, g goldenConfig) (examples, whole []sequences.Example) {
	padded := c.Shape("input_ids")[1]
	ids, labels := c.Ints("input_ids"), c.Ints("labels")
	places, mask := c.Ints("token_ids"), c.Ints("attention_mask")
	for b, n := range g.Lengths {
		tokens := narrow(ids[b*padded:][:n])
		orders := [][]int32{narrow(places[b*2*padded:][:n]), narrow(places[(b*2+1)*padded:][:n])}
		label := labels[b*padded:][:n]
		first := slices.IndexFunc(label, func(l int64) bool { return l >= 0 })
		if mask[b*padded+n-1] != 1 || n < padded && mask[b*padded+n] != 0 {
			panic("the lengths of the metadata are not those of the mask")
		}
		cells := [2]int{g.Prefix[b], n - g.Suffix[b]}
		short := [][]int32{orders[0][:n-1], orders[1][:n-1]}
		examples = append(examples, sequences.Example{Prompt: tokens[:first], Target: tokens[first:], Places: &sequences.Places{Orders: short, Cells: cells}})
		whole = append(whole, sequences.Example{Prompt: tokens, Target: []int32{0}, Places: &sequences.Places{Orders: orders, Cells: cells}})
	}
	return examples, whole
}

func narrow(from []int64) []int32 {
	to := make([]int32, len(from))
	for i, v := range from {
		to[i] = int32(v)
	}
	return to
}
