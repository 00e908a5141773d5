package joined

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Degree joins a learned vector of the number of edges that enter a node and one of the number that leave it, summed: the
// centrality encoding of Graphormer (Ying and others, NeurIPS 2021, equation 5), which there is added to the features.
// Weights of edges do not count. The tables are drawn from the normal distribution of deviation 0.02, as there.
type Degree struct {
	Width int // channels that are joined; 0 means 8
	// Degrees is the number of rows of each table, the last one for all larger degrees; 0 means 64.
	Degrees int
}

var _ Encoding = Degree{}

// Name returns degree.
func (Degree) Name() string { return "degree" }

// Channels is Width, 8 where it is not set.
func (e Degree) Channels() int { return e.filled().Width }

func (e Degree) filled() Degree {
	if e.Width == 0 {
		e.Width = 8
	}
	if e.Degrees == 0 {
		e.Degrees = 64
	}
	return e
}

// Prepare counts the edges.
func (e Degree) Prepare(b *graphs.Batch, _ []int, _ *Cache, into *Features) error {
	e = e.filled()
	for side := range into.degrees {
		into.degrees[side] = resize(into.degrees[side], b.Nodes())
		clear(into.degrees[side])
	}
	for g, graph := range b.Graphs {
		for _, edge := range graph.Edges {
			into.degrees[0][b.Offsets[g]+edge.To]++
			into.degrees[1][b.Offsets[g]+edge.From]++
		}
	}
	for _, side := range into.degrees {
		for i := range side {
			side[i] = min(side[i], int32(e.Degrees-1))
		}
	}
	return nil
}

// New refuses negative sizes.
func (e Degree) New(init *nn.Init) (Encoder, error) {
	e = e.filled()
	if e.Width < 0 || e.Degrees < 1 {
		return nil, fmt.Errorf("joined: degree: width %d, %d degrees: want no negative number", e.Width, e.Degrees)
	}
	d := &degree{in: tensor.New(e.Degrees, e.Width), out: tensor.New(e.Degrees, e.Width)}
	init.Normal(d.in, 0.02)
	init.Normal(d.out, 0.02)
	return d, nil
}

type degree struct{ in, out *tensor.Tensor } // [degrees, width]

// Params declares in and out.
func (d *degree) Params(c *nn.Params) {
	c.Param("in", d.in)
	c.Param("out", d.out)
}

// Apply returns the channels [nodes, width].
func (d *degree) Apply(tp *tensor.Tape, f *Features) *tensor.Var {
	if f.degrees[0] == nil {
		panic("joined: degree: features that another encoding prepared")
	}
	return tp.Add(tp.Gather(tp.Leaf(d.in), f.degrees[0]), tp.Gather(tp.Leaf(d.out), f.degrees[1]))
}
