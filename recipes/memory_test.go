package recipes

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets"
)

// planOf makes a plan of a preset with other settings.
func planOf(t *testing.T, preset string, settings ...string) *Plan {
	t.Helper()
	r, err := Lookup(preset)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range settings {
		path, value, _ := strings.Cut(s, "=")
		if err := r.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	p, err := r.Plan(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var smallPattern = []string{"data.train=20", "data.val=6", "data.test=6", "model.layers=1", "model.width=8", "model.heads=2",
	"train.batchSize=4", "train.evalBatchSize=3"}

// TestMemory holds that the memory of a run is that of the largest graphs of its splits.
func TestMemory(t *testing.T) {
	p := planOf(t, "pattern-grit", smallPattern...)
	m, err := p.Memory(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	sizes := []int{}
	largest := 0
	for i := range p.data.(*graphData).set.Train.Len() {
		g, _ := p.data.(*graphData).set.Train.Graph(i)
		sizes = append(sizes, g.Nodes)
		if g.Nodes > sizes[largest] {
			largest = i
		}
	}
	g, _ := p.data.(*graphData).set.Train.Graph(largest)
	if m.Split != datasets.Train || m.Graph != largest || m.Nodes != g.Nodes || m.GraphID != g.ID {
		t.Errorf("split %v, graph %d %q of %d nodes, want graph %d %q of %d", m.Split, m.Graph, m.GraphID, m.Nodes, largest, g.ID, g.Nodes)
	}
	// No batch of four has more pairs.
	if m.Batch.Graphs != 4 || m.Batch.Pairs < float64(g.Nodes*g.Nodes) || m.Batch.Pairs > float64(4*g.Nodes*g.Nodes) {
		t.Errorf("batch %+v", m.Batch)
	}
	most := 0.0
	for _, n := range sizes {
		if float64(n*n)*4 > m.Batch.Pairs {
			most++
		}
	}
	if most == 0 || most > 4 {
		t.Errorf("%v graphs of %v lie above the mean of the largest batch, %+v", most, sizes, m.Batch)
	}
	whole := float64(m.Bytes)
	if got := m.rest + m.need.Bytes(m.Batch); math.Abs(got-whole) > 1 {
		t.Errorf("parts sum to %v, not to %v", got, whole)
	}
	e, err := p.EvalMemory(context.Background(), datasets.Test)
	if err != nil {
		t.Fatal(err)
	}
	if e.Bytes >= m.Bytes || e.Split != datasets.Test || e.Batch.Graphs != 3 {
		t.Errorf("evaluation: %d bytes of %d, split %v, batch %+v", e.Bytes, m.Bytes, e.Split, e.Batch)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := p.Memory(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// TestMemoryCheck looks at what is refused, and whether what is proposed would do.
func TestMemoryCheck(t *testing.T) {
	p := planOf(t, "pattern-grit", smallPattern...)
	m, err := p.Memory(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(m.Bytes); err != nil {
		t.Error(err)
	}
	var refused *MemoryError
	err = m.Check(m.Bytes - 1e6)
	if !errors.As(err, &refused) || refused.Limit != m.Bytes-1e6 {
		t.Fatalf("a megabyte less: %v", err)
	}
	text := err.Error()
	for _, want := range []string{"recipes: ", " of memory are predicted, the limit is ", ": in training a batch of split train may have ", m.GraphID,
		"set train.batchSize to ", "model.kind=gps model.attention=performer", "or make model.layers or model.width smaller"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in: %s", want, text)
		}
	}
	n := m.fitting(m.Bytes - 1e6)
	if n < 1 || n >= 4 {
		t.Fatalf("batches of %d would fit", n)
	}
	p.Recipe.Train.BatchSize = n
	smaller, err := p.Memory(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := smaller.Check(m.Bytes - 1e6); err != nil {
		t.Errorf("what was proposed is refused: %v", err)
	}
	if err := m.Check(1); err == nil || !strings.Contains(err.Error(), "Not even one graph at a time fits. What helps: ") {
		t.Errorf("a byte: %v", err)
	}
	p = planOf(t, "pattern-gps-small", append(smallPattern, "model.positions=", "model.width=16")...)
	if m, err = p.Memory(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := m.Check(1); err == nil || strings.Contains(err.Error(), "features of pairs") {
		t.Errorf("a model without pairs: %v", err)
	}
}
