package speed

import (
	"slices"
	"testing"
)

// TestWalker looks at what a worker wrote for the last batch that it had.
func TestWalker(t *testing.T) {
	w, err := newWalker(4 * batchSize)
	if err != nil {
		t.Fatal(err)
	}
	w.Run(0, 0, len(w.batches))
	last := w.batches[len(w.batches)-1]
	node, pair := w.encoding.Encode(last)
	d := w.desks[0]
	if !slices.Equal(d.node[:node.Size()], node.Data()) || !slices.Equal(d.pair[:pair.Size()], pair.Data()) {
		t.Error("the encodings are not those of the last batch")
	}
	if seconds := w.sample(); seconds <= 0 {
		t.Errorf("all batches took %v s", seconds)
	}
	if len(w.batches) != 4 || walkGraphs%batchSize != 0 {
		t.Errorf("%d batches, want 4, and %d molecules in whole batches of %d", len(w.batches), walkGraphs, batchSize)
	}
}
