package grit_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// TestErrors: what package features says of graphs begins with this package's name; a configuration that no model has is
// refused.
func TestErrors(t *testing.T) {
	if _, err := grit.NewData(grit.Config{Heads: 7}, nil); err == nil {
		t.Error("data for a configuration that no model has")
	}
	if _, err := grit.New(grit.Config{Heads: 7}, 1); err == nil {
		t.Error("a model of a configuration that is not valid")
	}
	c := toy()
	source := grit.Graphs(randomGraphs(c, 1))
	source[2].ID, source[2].NodeTypes[4] = "file.jsonl:3", 9
	data, err := grit.NewData(c, source)
	if err != nil {
		t.Fatal(err)
	}
	const want = "grit: graph 2: graphs: batch item 1 (file.jsonl:3): node type 4: 9 (node 4, column 0) is beyond the vocabulary of 3"
	if _, err := data.Prepare([]int{0, 2}); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	if _, err := data.Prepare([]int{0, 1}); err != nil { // in the memory of the failed batch
		t.Errorf("without the graph: %v", err)
	}
}

// TestFeatures: the settings that other models have too go to package features and come back.
func TestFeatures(t *testing.T) {
	for _, p := range presets() {
		c := grit.Config{Layers: p.config.Layers}.WithFeatures(p.config.Features())
		if c.Features() != p.config.Features() || c.Width != 0 || c.Layers != p.config.Layers {
			t.Errorf("%s: %+v became %+v", p.name, p.config, c)
		}
	}
	for name := range flags() { // every setting of features is one of the entries that say what it changes
		f := flags()[name]
		differs := f.base.Features() != f.changed.Features()
		if same := f.base == f.changed.WithFeatures(f.base.Features()); same != differs {
			t.Errorf("%s: differs in features: %v; without them the configurations are the same: %v", name, differs, same)
		}
	}
}

// TestConcurrentPrepare prepares and releases batches from many goroutines, as training and evaluation do side by side.
// Run it with -race.
func TestConcurrentPrepare(t *testing.T) {
	c := toy()
	source := append(grit.Graphs(randomGraphs(c, 1)), randomGraphs(c, 2)...)
	data, err := grit.NewData(c, source)
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(t, c, 1)
	want := make([][]float32, len(source))
	for k, g := range source {
		want[k] = predict(t, m, g)
	}
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 1))
			tp := tensor.NewTape()
			for range 20 {
				items := rng.Perm(len(source))[:1+rng.IntN(len(source)-1)]
				b, err := data.Prepare(items)
				if err != nil {
					t.Error(err)
					return
				}
				tp.Begin(tensor.Pass{})
				pred := m.Forward(tp, b)
				for n, k := range items {
					if !sameBits(pred.Value().Row(n), want[k]) {
						t.Errorf("graph %d: %v, want the bits of %v", k, pred.Value().Row(n), want[k])
					}
				}
				b.(*grit.Batch).Release()
			}
		})
	}
	wg.Wait()
}

// TestDump: the file of a bad step shows what the batch holds, the encodings too.
func TestDump(t *testing.T) {
	c := toy()
	var got []string
	for _, n := range newBatch(t, c, randomGraphs(c, 1)[1:3]...).Dump() {
		got = append(got, n.Path+fmt.Sprint(n.Tensor.Shape()[0]))
	}
	const want = "sizes2 edges22 node_types10 edge_types22 walk10 pair_walk82"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("%s, want %s", s, want)
	}
}

// other is a batch of another kind of model.
type other struct{ nn.Batch }

func TestForwardOfAnotherBatch(t *testing.T) {
	defer func() {
		if got, want := recover(), "grit: Forward: got a grit_test.other, want a *grit.Batch"; got != want {
			t.Errorf("panic %v, want %s", got, want)
		}
	}()
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	newModel(t, toy(), 1).Forward(tp, other{})
}
