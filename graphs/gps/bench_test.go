package gps

import (
	"math/rand/v2"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// moleculeBatches returns four batches of 32 of the speed workload, prepared for c.
func moleculeBatches(tb testing.TB, c Config) []*Batch {
	tb.Helper()
	stream := datasets.NewMolecules(1)
	var out []*Batch
	for range 4 {
		var gs []*graphs.Graph
		for range 32 {
			gs = append(gs, stream.Next())
		}
		out = append(out, newBatch(tb, c, gs...))
	}
	return out
}

// bench measures training steps on batches.
func bench(b *testing.B, c Config, batches []*Batch) {
	m := newModel(b, c, 1)
	params := nn.Collect(m).Trainable()
	opt := optim.NewAdamW(params, optim.AdamWOptions{WeightDecay: 1e-5})
	tp := tensor.NewTape()
	step := 0
	train := func() {
		batch := batches[step%len(batches)]
		tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: 1, Step: uint64(step)})
		loss := lossOf(c).Loss(tp, m.Forward(tp, batch), batch.Targets())
		tp.Backward(loss)
		opt.Step(tp.Grad, 1e-3, optim.ClipFactor(optim.GradNorm(params, tp.Grad), 1))
		step++
	}
	for range batches {
		train()
	}
	b.ReportAllocs()
	for b.Loop() {
		train()
	}
	b.ReportMetric(float64(tp.PeakBytes())/1e6, "arena-MB")
}

// BenchmarkStep is a training step on 32 molecules: of the ZINC model and of others with as many layers of its width.
func BenchmarkStep(b *testing.B) {
	configs := map[string]Config{"gps": ZINC(), "gps-performer": ZINC().attending(Performer)}
	for _, base := range Baselines() {
		configs[base.Name] = base.Of(ZINC())
	}
	for _, name := range []string{"gps", "gps-performer", "gin", "gcn", "gatedgcn", "pna", "gat", "graphormer", "transformer"} {
		b.Run(name, func(b *testing.B) { bench(b, configs[name], moleculeBatches(b, configs[name])) })
	}
}

// BenchmarkLargeGraph is a training step on one graph of 100,000 nodes and 1,000,000 edges, with a label a node.
func BenchmarkLargeGraph(b *testing.B) {
	const nodes = 100_000
	c := Config{Layers: 3, Width: 64, Heads: 4, Local: LocalGatedGCN, Attention: Performer, NodeEncoder: features.LinearNodes,
		NodeFeatures: 16, EdgeEncoder: features.DummyEdges, Head: features.NodeHead, Outputs: 10}
	rng := rand.New(rand.NewPCG(1, 1))
	g := &graphs.Graph{Nodes: nodes}
	seen := map[[2]int]bool{}
	for len(g.Edges) < 10*nodes {
		u, v := rng.IntN(nodes), rng.IntN(nodes)
		if u == v || seen[[2]int{u, v}] {
			continue
		}
		seen[[2]int{u, v}], seen[[2]int{v, u}] = true, true
		g.Edges = append(g.Edges, graphs.Edge{From: u, To: v}, graphs.Edge{From: v, To: u})
	}
	bench(b, c, []*Batch{newBatch(b, c, decorate(c, g, rng))})
}
