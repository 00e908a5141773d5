package grit_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// trained returns the SHA-256 of all parameters and buffers of a model after so many steps of training. Batches come from Data and go back to it, as in a training loop.
func trained(t testing.TB, c grit.Config, source grit.Graphs, steps, batch int) string {
	t.Helper()
	data, err := grit.NewData(c, source)
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(t, c, 8)
	all := nn.Collect(m)
	opt := optim.NewAdamW(all.Trainable(), optim.AdamWOptions{WeightDecay: 1e-5})
	tp := tape
	order := rand.New(rand.NewPCG(3, 3)).Perm(len(source))
	for step := range steps {
		var items []int
		for k := range batch {
			items = append(items, order[(step*batch+k)%len(order)])
		}
		b, err := data.Prepare(items)
		if err != nil {
			t.Fatal(err)
		}
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 5, Step: uint64(step)})
		tp.Backward(lossOf(c).Loss(tp, m.Forward(tp, b), b.Targets()))
		norm := optim.GradNorm(all.Trainable(), tp.Grad)
		opt.Step(tp.Grad, 1e-3, optim.ClipFactor(norm, 1))
		b.(*grit.Batch).Release()
	}
	return hashOf(t, m)
}

// hashOf returns the SHA-256 of all parameters and buffers, which must be finite.
func hashOf(t testing.TB, m *grit.Model) string {
	t.Helper()
	hash := sha256.New()
	for _, p := range nn.Collect(m).All() {
		for _, v := range p.Tensor.Data() {
			if v-v != 0 {
				t.Fatalf("%s is not finite", p.Path)
			}
			var bits [4]byte
			binary.LittleEndian.PutUint32(bits[:], math.Float32bits(v))
			hash.Write(bits[:])
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// TestSameBits trains 50 steps at several numbers of processors, with both dropouts on: all parameters and running
// statistics end with the same bits.
func TestSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, c := range []grit.Config{
		{Layers: 2, Width: 24, Heads: 3, Steps: 8, NodeTypes: 5, EdgeTypes: 3, Dropout: 0.1, AttentionDropout: 0.2},
		{Layers: 2, Width: 16, Heads: 4, Steps: 8, NodeEncoder: grit.LinearNodes, NodeFeatures: 3, EdgeEncoder: grit.DummyEdges,
			AttentionDropout: 0.5, Head: grit.NodeHead, HeadLayers: 2, Outputs: 3},
	} {
		rng := rand.New(rand.NewPCG(1, 1))
		var source grit.Graphs
		for range 40 {
			source = append(source, randomGraph(c, 6+rng.IntN(20), 0.2, rng))
		}
		want := ""
		for _, procs := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(procs)
			got := trained(t, c, source, 50, 8)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%v head, %d processors: parameters %s, want %s", c.Head, procs, got, want)
			}
		}
	}
}

// TestReuse: batches in memory that was used before, for other and larger graphs too, have the bits of fresh ones.
func TestReuse(t *testing.T) {
	for _, p := range presets() {
		c := small(p.config)
		var source grit.Graphs
		for seed := range uint64(4) {
			source = append(source, randomGraphs(c, seed)...)
		}
		data, err := grit.NewData(c, source)
		if err != nil {
			t.Fatal(err)
		}
		m := newModel(t, c, 2)
		rng := rand.New(rand.NewPCG(2, 2))
		tp := tape
		for range 12 {
			items := rng.Perm(len(source))[:1+rng.IntN(len(source)-1)]
			b, err := data.Prepare(items)
			if err != nil {
				t.Fatal(err)
			}
			var gs []*graphs.Graph
			for _, k := range items {
				gs = append(gs, source[k])
			}
			fresh := newBatch(t, c, gs...)
			if !sameBits(b.Targets().Data(), fresh.Targets().Data()) || b.Items() != fresh.Items() {
				t.Errorf("%s: items %v: the targets differ from those of a fresh batch", p.name, items)
			}
			results := func(b nn.Batch) (out [][]float32) {
				tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
				pred := m.Forward(tp, b)
				out = append(out, append([]float32{}, pred.Data()...))
				tp.Backward(lossOf(c).Loss(tp, pred, b.Targets()))
				for _, p := range nn.Collect(m).Trainable() {
					out = append(out, append([]float32{}, tp.Grad(p.Tensor)...))
				}
				return out
			}
			got, want := results(b), results(fresh)
			for k := range want {
				if !sameBits(got[k], want[k]) {
					t.Errorf("%s: items %v: result %d differs from that of a fresh batch", p.name, items, k)
				}
			}
			b.(*grit.Batch).Release()
		}
	}
}
