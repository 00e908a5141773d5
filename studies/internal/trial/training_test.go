package trial

import (
	"context"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/optim"
	"github.com/graft-ml/graft/tensor"
)

// classes is the smallest model there is: a row of logits for each symbol.
type classes struct{ logits *nn.Embedding }

func (m *classes) Params(c *nn.Params) { c.Sub("logits", m.logits) }

func (m *classes) Forward(tp *tensor.Tape, b nn.Batch) *tensor.Var {
	return m.logits.Apply(tp, b.(*symbols).ids)
}

// symbols are symbols with the class of each.
type symbols struct {
	ids     []int32
	targets *tensor.Tensor
}

func (b *symbols) Items() int              { return len(b.ids) }
func (b *symbols) Targets() *tensor.Tensor { return b.targets }

// toy is a training of ten steps; rights are the results of its validations.
func toy(setting string, steps int, rights ...int) *Training {
	m := &classes{nn.NewEmbedding(4, 3, nn.NewInit(1))}
	done := 0
	return New(m, Plan{
		Name: "toy:a=1@b", Setting: setting, Seed: 1, Steps: steps, LR: 0.1, Schedule: optim.Constant{}, Clip: 1,
		Batch: func(step int) (nn.Batch, int, error) {
			id := int32(step % 4)
			return &symbols{[]int32{id}, tensor.FromSlice([]float32{float32(id % 3)}, 1)}, 1, nil
		},
		Validations: len(rights), MostRight: 9,
		Validate: func(context.Context) (int, error) {
			done++
			return rights[done-1], nil
		},
	})
}

// weights are the parameters of a training now.
func (t *Training) now() []float32 { return append([]float32(nil), t.params[0].Tensor.Data()...) }

// cell is what the tests of this package keep.
type cell struct {
	Loss float64
	Best int
	At   []float32
}

// do does a training in a folder.
func do(ctx context.Context, f *Folder, t *Training) (c cell, err error) {
	err = f.Do(ctx, t, func() (any, error) {
		c = cell{t.Loss(), t.BestStep(), t.now()}
		return c, ctx.Err()
	})
	return c, err
}

func TestResumedIsUninterrupted(t *testing.T) {
	rights := []int{1, 5, 5, 2}
	want, err := do(t.Context(), &Folder{interval: time.Hour}, toy("a", 10, rights...))
	if err != nil {
		t.Fatal(err)
	}
	if want.Best != 5 || want.Loss == 0 {
		t.Errorf("an uninterrupted one: %+v", want)
	}
	for stop := 1; stop <= 10; stop++ {
		var kept [][]byte
		store := Store{Dir: t.TempDir(), Interval: time.Hour, Settings: []byte("a: 1\n")}
		f, err := Open(store, func(line []byte) (name, setting string, err error) {
			kept = append(kept, line)
			return "", "", nil
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cut := toy("a", 10, rights...)
		cut.plan.OnStep = func(step int, _ float64) {
			if step == stop {
				cancel()
			}
		}
		if _, err := do(ctx, f, cut); !errors.Is(err, context.Canceled) {
			t.Fatalf("cut at step %d: %v", stop, err)
		}
		left := 4 * cut.validated / 10
		again := toy("a", 10, rights[left:]...)
		again.plan.Validations = 4
		got, err := do(t.Context(), f, again)
		if err != nil || !reflect.DeepEqual(got, want) || again.Tokens() != 10 {
			t.Errorf("cut at step %d: %+v of %d tokens, %v, want %+v", stop, got, again.Tokens(), err, want)
		}
		if err := ReadLines(f.Cells(), func(line []byte) error { kept = append(kept, line); return nil }); err != nil || len(kept) != 1 {
			t.Errorf("cut at step %d: %d cells, %v", stop, len(kept), err)
		}
		if _, err := os.Stat(f.unfinished(again).Path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("cut at step %d: the training is still there: %v", stop, err)
		}
	}
}

// TestSavedTraining damages what a training goes on from.
func TestSavedTraining(t *testing.T) {
	f := &Folder{dir: t.TempDir()}
	tr := toy("a", 10)
	if err := f.save(tr); err != nil {
		t.Fatal(err)
	}
	tr.step, tr.bestStep, tr.best, tr.weights = 3, 3, 2, [][]float32{tr.now()}
	if err := f.save(tr); err != nil {
		t.Fatal(err)
	}
	if back := toy("a", 10); f.restore(back) != nil || back.step != 3 || back.best != 2 || back.bestStep != 3 {
		t.Errorf("restored %+v", back)
	}
	for _, c := range []struct {
		name  string
		model *Training
		want  string
	}{
		{"another encoding", toy("b", 10), "was begun with the encoding a, which is now b; remove "},
		{"a step beyond the last", toy("a", 2), `step of the saved model is "3": want 0 to 2; remove `},
	} {
		if err := f.restore(c.model); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := os.WriteFile(f.unfinished(tr).File("last"), []byte("no checkpoint"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := f.restore(toy("a", 10)); err == nil || !strings.Contains(err.Error(), "; remove ") {
		t.Errorf("a damaged file: %v", err)
	}
}

func TestValidationsAreEvenlySpread(t *testing.T) {
	for _, c := range []struct{ steps, n int }{{40, 20}, {30, 7}, {5, 5}, {9, 1}, {9, 0}} {
		tr := &Training{plan: Plan{Steps: c.steps, Validations: c.n}}
		count := 0
		for tr.step = range c.steps + 1 {
			if tr.validates() {
				count++
			}
		}
		if tr.step = c.steps; count != c.n || c.n > 0 && !tr.validates() {
			t.Errorf("%d validations in %d steps, want %d and one at the end", count, c.steps, c.n)
		}
	}
}
