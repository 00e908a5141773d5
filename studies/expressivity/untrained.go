package expressivity

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/internal/splitmix"
	"github.com/graft-ml/graft/tensor"
)

// outputs is the width of what the models say of a graph, that of BREC's protocol.
const outputs = 16

// model gives the GRIT of the tests: by default 4 layers of 32 with 4 heads, summing over the nodes of a graph, which
// keeps their number. Layer norms stand in for batch norms: statistics of a batch would tell a graph about others, and
// do not suit graphs whose nodes all look alike (see grit.CSL). Nodes have two types, which EXP needs.
func (o Options) model() grit.Config {
	c := grit.Config{
		Layers: 4, Width: 32, Heads: 4, Steps: steps(o.Steps), NodeTypes: 2, LayerNorm: true, NoBatchNorm: true,
		Head: grit.GraphHead, HeadLayers: 1, Pooling: tensor.PoolSum, Outputs: outputs,
	}
	if o.Layers > 0 {
		c.Layers = o.Layers
	}
	if o.Width > 0 {
		c.Width = o.Width
	}
	return c
}

// Untrained is the test whether GRIT with random weights tells graphs apart: whether its outputs differ by more than
// rounding for one of several seeds. How large rounding is, the test learns from relabelled copies of each graph, whose
// outputs would be the same in exact arithmetic. Make one with [NewUntrained].
type Untrained struct {
	config grit.Config
	seeds  []uint64
	spare  sync.Pool // of *readers, one for each goroutine at work
}

// Graphs are apart for a seed if the centres of their copies are farther from each other than apartBy times as far as
// the copies are from their centres, for which a share of the outputs themselves is taken at least.
const (
	copies    = 4
	apartBy   = 10
	leastPart = 2e-7
)

// NewUntrained makes the test; of the options it takes steps, layers, width and seeds. They must be sound.
func NewUntrained(o Options) *Untrained {
	u := &Untrained{config: o.model(), seeds: o.Seeds}
	if u.seeds == nil {
		u.seeds = []uint64{1, 2, 3}
	}
	u.spare.New = func() any { return newReaders(u.config, u.seeds) }
	return u
}

func (u *Untrained) setting() string {
	c := u.config
	return fmt.Sprintf("steps=%d layers=%d width=%d seeds=%d", c.Steps, c.Layers, c.Width, len(u.seeds))
}

// readers are the models of all seeds and a tape for them.
type readers struct {
	tape   *tensor.Tape
	models []*grit.Model
}

func newReaders(c grit.Config, seeds []uint64) *readers {
	r := &readers{tape: tensor.NewTape()}
	for _, seed := range seeds {
		m, err := grit.New(c, seed)
		if err != nil {
			panic("expressivity: NewUntrained: " + err.Error())
		}
		r.models = append(r.models, m)
	}
	return r
}

// place is where the outputs of a graph's copies lie: around a centre, within a radius.
type place struct {
	centre [outputs]float64
	radius float64
}

// places are those of a graph for all seeds.
type places []place

// Apart tells whether the graphs lie apart for a seed. other must come from the same Untrained.
func (p places) Apart(other Signature) bool {
	for s, q := range other.(places) {
		if distance(&p[s].centre, &q.centre) > apartBy*max(p[s].radius, q.radius) {
			return true
		}
	}
	return false
}

// distance is the largest difference of outputs.
func distance(a, b *[outputs]float64) float64 {
	most := 0.0
	for c := range a {
		most = max(most, a[c]-b[c], b[c]-a[c])
	}
	return most
}

// Sign reads a graph and copies of it with every model. The error says what the model cannot read in the graph, or is
// that of ctx.
func (u *Untrained) Sign(ctx context.Context, g *graphs.Graph) (Signature, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b, err := grit.NewBatch(u.config, relabelled(g, copies, 1))
	if err != nil {
		return nil, fmt.Errorf("expressivity: %w", err)
	}
	r := u.spare.Get().(*readers)
	defer u.spare.Put(r)
	all := make(places, len(r.models))
	for s, m := range r.models {
		r.tape.Begin(tensor.Pass{})
		all[s] = locate(m.Forward(r.tape, b).Data())
	}
	return all, nil
}

// locate gives the place of outputs [copies, outputs].
func locate(out []float32) place {
	var p place
	n := float64(len(out) / outputs)
	for at, v := range out {
		p.centre[at%outputs] += float64(v) / n
	}
	p.radius = leastPart * distance(&p.centre, new([outputs]float64))
	for at, v := range out {
		c := p.centre[at%outputs]
		p.radius = max(p.radius, float64(v)-c, c-float64(v))
	}
	return p
}

// relabelled gives n copies of a graph, the first of which is the graph itself and the others have their nodes
// numbered anew, every time differently as long as there are numberings left. Nodes without types get type 0, which the
// models read.
func relabelled(g *graphs.Graph, n int, seed uint64) []*graphs.Graph {
	if len(g.NodeTypes) == 0 {
		g = g.Clone()
		g.NodeTypes = make([]int32, g.Nodes)
	}
	rng := rand.New(rand.NewPCG(seed, splitmix.Mix(uint64(g.Nodes))))
	list := []*graphs.Graph{g}
	seen := map[string]bool{fmt.Sprint(identity(g.Nodes)): true}
	for tries := 0; len(list) < n; tries++ {
		perm := rng.Perm(g.Nodes)
		if key := fmt.Sprint(perm); !seen[key] || tries > 8*n {
			seen[key] = true
			list = append(list, g.Permute(perm))
		}
	}
	return list
}

func identity(n int) []int {
	perm := make([]int, n)
	for i := range perm {
		perm[i] = i
	}
	return perm
}
