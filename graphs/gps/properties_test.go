package gps

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// TestRaggedIsOneByOne: in evaluation a graph has the same bits of predictions alone and in a batch.
func TestRaggedIsOneByOne(t *testing.T) {
	for name, c := range kinds() {
		gs := randomGraphs(c, 3)
		m := warm(t, newModel(t, c, 4), gs)
		all := predict(t, m, gs...)
		var one []float32
		for _, g := range gs {
			one = append(one, predict(t, m, g)...)
		}
		if !sameBits(one, all) {
			t.Errorf("%s: predictions for graphs one by one %v, together %v", name, one, all)
		}
	}
}

// TestPermutation: the numbers of the nodes say nothing, but to BigBird.
func TestPermutation(t *testing.T) {
	for name, c := range kinds() {
		if c.Attention == BigBird {
			continue
		}
		gs := randomGraphs(c, 5)
		m := warm(t, newModel(t, c, 4), gs)
		rng := rand.New(rand.NewPCG(1, 2))
		for _, g := range gs {
			perm := rng.Perm(g.Nodes)
			want, got := predict(t, m, g), predict(t, m, g.Permute(perm))
			if m.Config.Features().Prediction.PerNode() {
				back := make([]float32, len(got))
				for i, to := range perm {
					copy(back[i*m.Config.Outputs:][:m.Config.Outputs], got[to*m.Config.Outputs:])
				}
				got = back
			}
			if name == "combined" || c.StableFrequencies > 0 {
				continue // a repeated eigenvalue has no vectors of its own
			}
			if !closeTo(got, want, 1e-3) {
				t.Errorf("%s: predictions %v, with other numbers of the nodes %v", name, want, got)
			}
		}
	}
}

// trained returns the SHA-256 of all parameters and buffers of a model after so many steps of training.
func trained(t testing.TB, c Config, source graphs.Slice, steps, batch int) string {
	t.Helper()
	data, err := NewData(c, source)
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(t, c, 8)
	all := nn.Collect(m)
	opt := optim.NewAdamW(all.Trainable(), optim.AdamWOptions{WeightDecay: 1e-5})
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
		tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: 5, Step: uint64(step)})
		tape.Backward(lossOf(c).Loss(tape, m.Forward(tape, b), b.Targets()))
		norm := optim.GradNorm(all.Trainable(), tape.Grad)
		opt.Step(tape.Grad, 1e-3, optim.ClipFactor(norm, 1))
		b.(*Batch).Release()
	}
	hash := sha256.New()
	for _, p := range all.All() {
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

// TestSameBits trains some steps at several numbers of processors, with both dropouts on: all parameters and running
// statistics end with the same bits.
func TestSameBits(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for name, c := range kinds() {
		c.Dropout, c.AttentionDropout = 0.1, 0.2
		rng := rand.New(rand.NewPCG(1, 1))
		var source graphs.Slice
		for range 20 {
			source = append(source, randomGraph(c, 6+rng.IntN(20), 0.2, rng))
		}
		want := ""
		for _, procs := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(procs)
			got := trained(t, c, source, 8, 6)
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("%s, %d processors: parameters %s, want %s", name, procs, got, want)
			}
		}
	}
}

// TestReuse: batches in memory that was used before, and with what is kept of their graphs, have the bits of fresh ones.
func TestReuse(t *testing.T) {
	for name, c := range kinds() {
		var source graphs.Slice
		for seed := range uint64(3) {
			source = append(source, randomGraphs(c, seed)...)
		}
		data, err := NewData(c, source)
		if err != nil {
			t.Fatal(err)
		}
		m := newModel(t, c, 2)
		rng := rand.New(rand.NewPCG(2, 2))
		for range 6 {
			items := rng.Perm(len(source))[:1+rng.IntN(len(source)-1)]
			b, err := data.Prepare(items)
			if err != nil {
				t.Fatal(err)
			}
			var gs []*graphs.Graph
			for _, k := range items {
				gs = append(gs, source[k])
			}
			results := func(b nn.Batch) (out []float32) {
				tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
				pred := m.Forward(tape, b)
				out = append(out, pred.Data()...)
				tape.Backward(lossOf(c).Loss(tape, pred, b.Targets()))
				for _, p := range nn.Collect(m).Trainable() {
					out = append(out, tape.Grad(p.Tensor)...)
				}
				return out
			}
			if got, want := results(b), results(newBatch(t, c, gs...)); !sameBits(got, want) {
				t.Errorf("%s: items %v: results differ from those of a fresh batch", name, items)
			}
			b.(*Batch).Release()
		}
	}
}

// TestSmallest: a batch of one node, one without any edge, and one with a self loop go forward and back without NaN.
func TestSmallest(t *testing.T) {
	for name, c := range kinds() {
		rng := rand.New(rand.NewPCG(1, 1))
		loop := decorate(c, graphs.Undirected(2, [][2]int{{0, 0}, {0, 1}}), rng)
		for k, gs := range [][]*graphs.Graph{{randomGraph(c, 1, 0, rng)}, {randomGraph(c, 3, 0, rng), randomGraph(c, 2, 0, rng)}, {loop}} {
			m := newModel(t, c, 2)
			b := newBatch(t, c, gs...)
			tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1})
			tape.Backward(lossOf(c).Loss(tape, m.Forward(tape, b), b.Targets()))
			for _, p := range nn.Collect(m).Trainable() {
				for _, v := range tape.Grad(p.Tensor) {
					if v-v != 0 {
						t.Fatalf("%s, batch %d: gradient of %s is not finite", name, k, p.Path)
					}
				}
			}
			for _, v := range predict(t, m, gs...) {
				if v-v != 0 {
					t.Fatalf("%s, batch %d: predictions are not finite", name, k)
				}
			}
		}
	}
}
