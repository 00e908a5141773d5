package joined

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
)

// RWSE joins what the probabilities tell that a random walk is back at its node after 1, 2, ..., K steps (Dwivedi and
// others, "Graph neural networks with learnable structural and positional representations", ICLR 2022, equation 8). With
// P = D^-1 A, D the out-degrees, whose row is zero for a node that no edge leaves,
//
//	p_i = (P[i,i], P²[i,i], ..., P^K[i,i]),  channels = Linear(BatchNorm(p_i))
//
// as in rampasek/GraphGPS (commit 2801570, transform/posenc_stats.py: get_rw_landing_probs). Weights of edges count here;
// the official code knows none. [encodings.RWSE] adds the same to the tokens instead.
//
// Walks are followed exactly, half of the steps from each end, in blocks of nodes at once; no matrix of pairs is held, so
// memory grows with the nodes. Time grows with nodes times edges times K/2 where everything is near everything: a graph
// for which that is more than 4e12 is refused. One of 100,000 nodes and 1,000,000 edges takes minutes with K = 20: give
// a [Cache], so that it does once.
//
// The zero value is the published default on ZINC: 20 steps, 28 channels.
type RWSE struct {
	Reading
	Steps int // K; 0 means 20
	// Times, where it is not nil, lists the numbers of steps that count, in place of 1 to Steps.
	Times []int
	// Space multiplies the probability of k steps by k^(Space/2), which keeps its size where the graph is like a space of
	// that dimension.
	Space float64
}

var _ Encoding = RWSE{}

// Name returns rwse.
func (RWSE) Name() string { return "rwse" }

// Channels is 28 where it is not set.
func (r RWSE) Channels() int { return r.channels(28) }

func (r RWSE) times() []int {
	if r.Times != nil {
		return r.Times
	}
	n := r.Steps
	if n == 0 {
		n = 20
	}
	times := make([]int, max(n, 0))
	for i := range times {
		times[i] = i + 1
	}
	return times
}

func (r RWSE) check() error {
	if err := r.Reading.check(r.Name()); err != nil {
		return err
	}
	if r.Steps < 0 || len(r.times()) == 0 {
		return fmt.Errorf("joined: rwse: %d steps, times %v: want a positive number of them, or 0 for 20", r.Steps, r.Times)
	}
	for _, k := range r.times() {
		if k < 1 || k > mostSteps {
			return fmt.Errorf("joined: rwse: a walk of %d steps: want 1 to %d", k, mostSteps)
		}
	}
	if math.IsNaN(r.Space) || math.IsInf(r.Space, 0) {
		return fmt.Errorf("joined: rwse: space %v: want a dimension", r.Space)
	}
	return nil
}

// mostSteps is the longest walk.
const mostSteps = 4096

// Prepare computes the probabilities, [nodes, times].
func (r RWSE) Prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error {
	if err := r.check(); err != nil {
		panic(err)
	}
	times := r.times()
	key := make([]rune, len(times)) // a string of them can be compared, a slice cannot
	for i, k := range times {
		key[i] = rune(k)
	}
	return prepareRows(returns{string(key), r.Space}, len(times), b, items, c, into)
}

// New refuses numbers of steps that are none.
func (r RWSE) New(init *nn.Init) (Encoder, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	return r.newReader(r.Name(), len(r.times()), r.Channels(), init), nil
}
