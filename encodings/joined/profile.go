package joined

import (
	"math"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
)

// DegreeProfile joins what is learned of the local degree profile (Cai and Wang, "A simple yet effective baseline for
// non-attributed graph classification", 2018): the number of edges that leave a node, and smallest, largest, mean and
// standard deviation of that number over the ends of these edges. As in PyTorch Geometric the deviation is that of a
// sample, of a single end 0, and all four are 0 for a node that no edge leaves. Weights of edges do not count.
//
// MalNet-Tiny, whose nodes are all alike, has these five numbers for node features.
type DegreeProfile struct {
	Reading // of width 16 where it is not set
}

var _ Encoding = DegreeProfile{}

// Name returns degree-profile.
func (DegreeProfile) Name() string { return "degree-profile" }

// Channels is Width, 16 where it is not set.
func (e DegreeProfile) Channels() int { return e.channels(16) }

// ProfileColumns is the number of statistics of a [DegreeProfile].
const ProfileColumns = 5

// Prepare computes the profiles, [nodes, 5].
func (e DegreeProfile) Prepare(b *graphs.Batch, _ []int, _ *Cache, into *Features) error {
	return prepareRows(profile{}, ProfileColumns, b, nil, nil, into)
}

// New refuses negative sizes.
func (e DegreeProfile) New(init *nn.Init) (Encoder, error) {
	if err := e.check(e.Name()); err != nil {
		return nil, err
	}
	return e.newReader(e.Name(), ProfileColumns, e.Channels(), init), nil
}

// profile is the statistic of [DegreeProfile].
type profile struct{}

func (profile) size(g *graphs.Graph) int { return ProfileColumns * g.Nodes }

func (profile) compute(g *graphs.Graph, out []float32, _ *scratch) error {
	degree, sum, squares := make([]float64, g.Nodes), make([]float64, g.Nodes), make([]float64, g.Nodes)
	for _, e := range g.Edges {
		degree[e.From]++
	}
	for i, d := range degree {
		row := out[ProfileColumns*i:]
		if row[0] = float32(d); d > 0 {
			row[1] = math.MaxFloat32
		}
	}
	for _, e := range g.Edges {
		d, row := float32(degree[e.To]), out[ProfileColumns*e.From:]
		row[1], row[2] = min(row[1], d), max(row[2], d)
		sum[e.From] += degree[e.To]
	}
	for _, e := range g.Edges {
		d := degree[e.To] - sum[e.From]/degree[e.From]
		squares[e.From] += d * d
	}
	for i, d := range degree {
		if d > 0 {
			row := out[ProfileColumns*i:]
			row[3], row[4] = float32(sum[i]/d), float32(math.Sqrt(squares[i]/max(d-1, 1)))
		}
	}
	return nil
}
