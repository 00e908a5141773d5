package train_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

// points is a data set of numbers: the item x has the target 3x - 2.
type points []float32

func (p points) Len() int { return len(p) }

func (p points) Prepare(items []int) (nn.Batch, error) {
	b := pointBatch{tensor.New(len(items), 1), tensor.New(len(items), 1)}
	for r, i := range items {
		b.x.Set(p[i], r, 0)
		b.y.Set(3*p[i]-2, r, 0)
	}
	return b, nil
}

type pointBatch struct{ x, y *tensor.Tensor }

func (b pointBatch) Items() int              { return b.x.Rows() }
func (b pointBatch) Targets() *tensor.Tensor { return b.y }

// line is the model y = wx + b.
type line struct{ *nn.Linear }

func (l line) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	return l.Apply(tp, tp.Const(b.(pointBatch).x))
}

func newLine() line { return line{nn.NewLinear(1, 1, nn.NewInit(1))} }

func lineTask(m line) train.Task {
	return train.Task{
		Model: m, Loss: nn.MSE{}, Metric: train.MAE{},
		Train: points{-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2}, Val: points{-0.7, 0.3, 1.1}, Test: points{-1.2, 0.8},
	}
}

// A line is fitted to points.
func ExampleFit() {
	m := newLine()
	result, err := train.Fit(context.Background(), lineTask(m), train.Options{
		Epochs: 200, BatchSize: 4, LR: 0.05, Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d epochs of %d steps, test error below 0.01: %v\n", result.Epochs, result.Steps/result.Epochs, result.Test.Value("mae") < 0.01)
	fmt.Printf("slope %.1f, intercept %.1f\n", m.Weight.At(0, 0), m.Bias.At(0))
	// Output:
	// 200 epochs of 3 steps, test error below 0.01: true
	// slope 3.0, intercept -2.0
}

// A run that was interrupted in its fifth epoch goes on and ends with the weights of one that was not.
func ExampleResume() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	options := train.Options{Epochs: 8, BatchSize: 4, LR: 0.05, Seed: 1}
	whole := newLine()
	if _, err := train.Fit(context.Background(), lineTask(whole), options); err != nil {
		fmt.Println(err)
		return
	}

	ctx, cancel := context.WithCancel(context.Background())
	interrupted := options
	interrupted.Dir = filepath.Join(dir, "run")
	interrupted.Hooks.OnStep = func(s train.StepInfo) error {
		if s.Epoch == 5 {
			cancel() // as Ctrl-C would
		}
		return nil
	}
	_, err = train.Fit(ctx, lineTask(newLine()), interrupted)
	fmt.Println("interrupted:", errors.Is(err, train.ErrInterrupted))

	m := newLine()
	if _, err := train.Resume(context.Background(), lineTask(m), options, interrupted.Dir); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("the same bits:", m.Weight.At(0, 0) == whole.Weight.At(0, 0) && m.Bias.At(0) == whole.Bias.At(0))
	// Output:
	// interrupted: true
	// the same bits: true
}

func ExampleEvaluate() {
	m := newLine()
	m.Weight.Fill(3)
	m.Bias.Fill(-1.5) // half a unit too high
	scores, err := train.Evaluate(context.Background(), m, points{1, 2, 3}, nn.MSE{}, []train.Metric{train.MAE{}}, 2)
	fmt.Println(scores, err)
	// Output: loss 0.25, mae 0.5 <nil>
}

func ExamplePredict() {
	m := newLine()
	m.Weight.Fill(3)
	m.Bias.Fill(-2)
	err := train.Predict(context.Background(), m, points{1, 2, 3}, 2, func(first int, b nn.Batch, pred *tensor.Tensor) error {
		for i := 0; i < b.Items(); i++ {
			fmt.Println("item", first+i, "is", pred.At(i, 0))
		}
		return nil
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// item 0 is 1
	// item 1 is 4
	// item 2 is 7
}
