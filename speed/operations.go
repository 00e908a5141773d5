package speed

import "github.com/graft-ml/graft/grit"

// fractionOfPeak is the formula of the package comment: the matrix products of a step over its time and the peak.
func fractionOfPeak(w *workshop) (value, low, high float64) {
	total := 0.0
	for _, b := range w.batches {
		forward, backward := operations(grit.ZINC(), b.Nodes(), b.Pairs(), b.Items())
		total += forward + backward
	}
	giga := total / float64(len(w.batches)) / 1e9
	peak, steps := w.samples[peakName].median(), w.samples[trainName]
	f := steps.figure(kind{})
	part := func(ms float64) float64 { return giga / (ms / millisecond * peak) }
	return part(f.Value), part(f.High), part(f.Low)
}

// operations counts the floating-point operations of the matrix products of a model such as [grit.ZINC] on a batch: in
// its forward pass, and in its backward pass, without those that are done again there. See the package comment.
func operations(c grit.Config, nodes, pairs, graphs int) (forward, backward float64) {
	c = c.WithDefaults()
	d, n, p := c.Width, float64(nodes), float64(pairs)
	count := func(rows float64, in, out, gradients int) {
		f := 2 * rows * float64(in) * float64(out)
		forward += f
		backward += f * float64(gradients)
	}
	const weightOnly, both = 1, 2
	count(n, c.Steps, d, weightOnly)
	count(p, c.Steps, d, weightOnly)
	for layer := range c.Layers {
		count(p, d, 2*d, both) // factors and terms
		if layer+1 < c.Layers {
			count(p, d, d, both) // output of pair features
		}
		count(n, d, 3*d, both)       // query, key, value
		count(n, d/c.Heads, d, both) // edge enhancement
		count(n, d, d, both)         // output
		count(n, d, 4*d, both)       // feed-forward: to 2d, and back
	}
	for out := range 3 { // the SAN head halves the width twice
		in := d >> out
		if out < 2 {
			count(float64(graphs), in, in/2, both)
		} else {
			count(float64(graphs), in, c.Outputs, both)
		}
	}
	return forward, backward
}
