package train

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

// toyModel is two layers with all that has a state of its own: batch normalisation and dropout.
type toyModel struct {
	hidden, out *nn.Linear
	norm        *nn.BatchNorm
	dropout     float64
}

const (
	toyIn    = 6
	toyWidth = 12
)

func newToyModel(out int) *toyModel {
	init := nn.NewInit(1)
	return &toyModel{
		hidden: nn.NewLinear(toyIn, toyWidth, init), norm: nn.NewBatchNorm(toyWidth),
		out: nn.NewLinear(toyWidth, out, init), dropout: 0.2,
	}
}

func (m *toyModel) Params(c *nn.Params) {
	c.Sub("hidden", m.hidden)
	c.Sub("norm", m.norm)
	c.Sub("out", m.out)
}

func (m *toyModel) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	tp.Enter("hidden")
	x := m.hidden.Apply(tp, tp.Const(b.(*toyBatch).x))
	tp.Leave()
	tp.Enter("norm")
	x = tp.Dropout(nn.ReLU.Apply(tp, m.norm.Apply(tp, x)), m.dropout)
	tp.Leave()
	tp.Enter("out")
	defer tp.Leave()
	return m.out.Apply(tp, x)
}

type toyBatch struct{ x, y *tensor.Tensor }

func (b *toyBatch) Items() int              { return b.y.Rows() }
func (b *toyBatch) Targets() *tensor.Tensor { return b.y }
func (b *toyBatch) Dump() []nn.Named        { return []nn.Named{{Path: "x", Tensor: b.x}} }

// toyData has random inputs and a target computed from them. prepare, where there is one, is called before each batch.
type toyData struct {
	x, y    *tensor.Tensor
	prepare func(items []int) error
}

func newToyData(n int, seed uint64) *toyData {
	rng := rand.New(rand.NewPCG(seed, 0))
	d := &toyData{x: tensor.New(n, toyIn), y: tensor.New(n, 1)}
	for i := range d.x.Data() {
		d.x.Data()[i] = float32(rng.NormFloat64())
	}
	for i := range d.y.Data() {
		x := d.x.Row(i)
		d.y.Data()[i] = x[0] - 2*x[1] + x[2]*x[3]
	}
	return d
}

func (d *toyData) Len() int { return d.x.Rows() }

func (d *toyData) Prepare(items []int) (nn.Batch, error) {
	if d.prepare != nil {
		if err := d.prepare(items); err != nil {
			return nil, err
		}
	}
	b := &toyBatch{x: tensor.New(len(items), toyIn), y: tensor.New(len(items), 1)}
	for r, i := range items {
		copy(b.x.Row(r), d.x.Row(i))
		copy(b.y.Row(r), d.y.Row(i))
	}
	return b, nil
}

// toyTask has 37 training items: with batches of 8, five steps an epoch, the last of five items.
func toyTask() Task {
	return Task{
		Model: newToyModel(1), Loss: nn.L1{}, Metric: MAE{}, MoreMetrics: []Metric{RMSE{}},
		Train: newToyData(37, 1), Val: newToyData(19, 2), Test: newToyData(23, 3),
	}
}

const toySteps = 5

// toyOptions make 40 steps in 8 epochs, with everything on that has an influence on the bits.
func toyOptions(dir string) Options {
	return Options{
		Epochs: 8, BatchSize: 8, EvalBatchSize: 7, LR: 0.02, WeightDecay: 1e-3, Clip: 1,
		Schedule: optim.Cosine{Warmup: 2, Epochs: 8}, Seed: 7, Dir: dir, Config: []byte("toy: 1\n"), Schema: []byte("{\"classes\": 2}\n"),
	}
}

// bitsOf hashes a model's parameters and buffers.
func bitsOf(m nn.Module) string {
	h := sha256.New()
	for _, p := range nn.Collect(m).All() {
		fmt.Fprintf(h, "%s %v", p.Path, p.Tensor.Shape())
		for _, v := range p.Tensor.Data() {
			fmt.Fprintf(h, " %08x", math.Float32bits(v))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// fileBits hashes all tensors of a checkpoint, and its metadata but for the times.
func fileBits(t *testing.T, path string) string {
	t.Helper()
	s, err := checkpoint.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	h := sha256.New()
	for _, n := range s.Tensors {
		fmt.Fprintf(h, "%s %v", n.Name, n.Tensor.Shape())
		for _, v := range n.Tensor.Data() {
			fmt.Fprintf(h, " %08x", math.Float32bits(v))
		}
	}
	if text := s.Meta[progressKey]; text != "" {
		var p progress
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		p.Seconds, p.TrainSeconds, p.EpochSeconds = 0, 0, 0
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		s.Meta[progressKey] = string(text)
	}
	fmt.Fprint(h, s.Meta) // maps are printed in the order of their keys
	return hex.EncodeToString(h.Sum(nil))
}

// logText returns the log of a run without the times.
func logText(t *testing.T, dir string) string {
	t.Helper()
	entries, err := ReadLog(filepath.Join(dir, LogName))
	if err != nil {
		t.Fatal(err)
	}
	for i := range entries {
		entries[i].Seconds, entries[i].ItemsPerSecond = 0, 0
	}
	text, err := json.MarshalIndent(entries, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// outcome is all that two runs must agree in.
type outcome struct{ last, best, log, model, result string }

func outcomeOf(t *testing.T, dir string, m nn.Module, r *Result) outcome {
	t.Helper()
	res := *r
	res.Seconds = 0
	return outcome{
		last: fileBits(t, filepath.Join(dir, LastName)), best: fileBits(t, filepath.Join(dir, BestName)),
		log: logText(t, dir), model: bitsOf(m), result: fmt.Sprint(res),
	}
}

func (o outcome) mustEqual(t *testing.T, want outcome) {
	t.Helper()
	for _, x := range []struct{ name, got, want string }{
		{"last checkpoint", o.last, want.last}, {"best checkpoint", o.best, want.best}, {"log", o.log, want.log},
		{"model", o.model, want.model}, {"result", o.result, want.result},
	} {
		if x.got != x.want {
			t.Errorf("the %s differs:\n%s\nwant\n%s", x.name, x.got, x.want)
		}
	}
}

// whole runs the toy without a break and returns its outcome.
func whole(t *testing.T, change func(*Task, *Options)) outcome {
	t.Helper()
	task, o := toyTask(), toyOptions(t.TempDir())
	if change != nil {
		change(&task, &o)
	}
	r, err := Fit(context.Background(), task, o)
	if err != nil {
		t.Fatal(err)
	}
	return outcomeOf(t, o.Dir, task.Model, r)
}

var errHook = errors.New("enough")

// stopAfter returns a hook that ends the run after the given step.
func stopAfter(step int) Hooks {
	return Hooks{OnStep: func(s StepInfo) error {
		if s.Step == step {
			return errHook
		}
		return nil
	}}
}

// cancelAfter returns a context and a hook that cancels it at the given step; step 0 means before the first.
func cancelAfter(step int) (context.Context, Hooks) {
	ctx, cancel := context.WithCancel(context.Background())
	if step == 0 {
		cancel()
	}
	return ctx, Hooks{OnStep: func(s StepInfo) error {
		if s.Step == step {
			cancel()
		}
		return nil
	}}
}

func mustExist(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
