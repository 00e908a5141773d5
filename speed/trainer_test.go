package speed

import (
	"context"
	"testing"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// TestTrainerTrains checks that the steps that are timed are those of package train, bit for bit: on a data set of one
// graph, whose order nobody can change.
func TestTrainerTrains(t *testing.T) {
	const steps = 6
	type step struct{ loss, norm float64 }
	source := next(datasets.NewMolecules(workloadSeed), 1)
	c := small()

	var want []step
	model, err := grit.New(c, workloadSeed)
	if err != nil {
		t.Fatal(err)
	}
	data, err := grit.NewData(c, source)
	if err != nil {
		t.Fatal(err)
	}
	options := train.Options{Epochs: steps, BatchSize: 1, LR: learningRate, WeightDecay: weightDecay, Clip: clipNorm, Seed: workloadSeed,
		Hooks: train.Hooks{OnStep: func(s train.StepInfo) error {
			want = append(want, step{s.Loss, s.GradNorm})
			return nil
		}}}
	if _, err := train.Fit(context.Background(), train.Task{Model: model, Loss: nn.L1{}, Metric: train.MAE{}, Train: data}, options); err != nil {
		t.Fatal(err)
	}

	again, err := grit.New(c, workloadSeed)
	if err != nil {
		t.Fatal(err)
	}
	timed := newTrainer(again)
	batch, err := grit.NewBatch(c, source)
	if err != nil {
		t.Fatal(err)
	}
	for i := range steps {
		got := step{loss: timed.train(batch)}
		got.norm = timed.norm
		if i >= len(want) || got != want[i] {
			t.Fatalf("step %d: %+v, training had %+v", i, got, want)
		}
	}
}

// TestWorkload holds the batches to the counts that the package comment gives.
func TestWorkload(t *testing.T) {
	var m molecules
	if err := m.prepare(small()); err != nil {
		t.Fatal(err)
	}
	want := [][2]int{{731, 17405}, {775, 19365}, {707, 16345}, {749, 18235}}
	for i, b := range m.batches {
		if got := [2]int{b.Nodes(), b.Pairs()}; got != want[i] || b.Items() != batchSize {
			t.Errorf("batch %d: nodes and pairs %v, want %v", i, got, want[i])
		}
	}
	if len(m.batches) != len(want) {
		t.Errorf("%d batches, want %d", len(m.batches), len(want))
	}
}

// TestSteps counts the steps of a sample, of both models.
func TestSteps(t *testing.T) {
	w := &workshop{options: Options{}.withDefaults()}
	zinc := gps.ZINC()
	zinc.Layers = 1
	for name, of := range map[string]func(stepper) (func() float64, error){
		"grit": func(s stepper) (func() float64, error) { return w.gritSteps(small(), s) },
		"gps":  func(s stepper) (func() float64, error) { return gpsSteps(zinc, s) },
	} {
		steps, seen := 0, map[nn.Batch]int{}
		sample, err := of(func(tr *trainer, b nn.Batch) float64 {
			steps++
			seen[b]++
			if loss := tr.evaluate(b); !(loss > 0) {
				t.Errorf("%s: loss %v", name, loss)
			}
			return 0
		})
		if err != nil {
			t.Fatal(err)
		}
		if ms := sample(); !(ms > 0) || steps != 2*workloadBatches || len(seen) != workloadBatches {
			t.Errorf("%s: %v ms for %d steps on %d batches, want 8 steps, half of them to warm up, on 4", name, ms, steps, len(seen))
		}
	}
}
