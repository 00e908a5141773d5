package studies

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

// Prefixes of the tensors in the file of a model that is being trained; those of the optimiser have its own.
const (
	modelPrefix = "model."
	bestPrefix  = "best."
)

// unfinished is the folder of a model that is being trained.
func (f *folder) unfinished(t *training) checkpoint.Dir {
	name := strings.NewReplacer(":", "_", "=", "_", "@", "_").Replace(t.subject.Name) // which no file system minds
	return checkpoint.Dir{Path: filepath.Join(f.dir, "unfinished", fmt.Sprintf("%s-%d", name, t.seed)), Keep: 1}
}

// save keeps the training as it is.
func (f *folder) save(t *training) error {
	if f.dir == "" {
		return nil
	}
	s := &checkpoint.State{Meta: map[string]string{
		"setting": t.subject.setting(),
		"step":    strconv.Itoa(t.step), "validated": strconv.Itoa(t.validated),
		"best": strconv.Itoa(t.best), "bestStep": strconv.Itoa(t.bestStep),
		"loss": exact(t.loss), "seconds": exact(t.seconds),
	}}
	for _, p := range t.state {
		s.Tensors = append(s.Tensors, checkpoint.Named{Name: modelPrefix + p.Path, Tensor: p.Tensor})
	}
	for _, p := range t.opt.State() {
		s.Tensors = append(s.Tensors, checkpoint.Named{Name: p.Path, Tensor: p.Tensor})
	}
	if t.bestStep > 0 {
		for i, p := range t.state {
			s.Tensors = append(s.Tensors, checkpoint.Named{Name: bestPrefix + p.Path, Tensor: tensor.FromSlice(t.weights[i], p.Tensor.Shape()...)})
		}
	}
	dir := f.unfinished(t)
	if err := os.MkdirAll(dir.Path, 0o777); err != nil {
		return err
	}
	return dir.Save(checkpoint.Last, s)
}

// exact writes a number so that it is read back with the same bits.
func exact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// restore goes on with what save kept; without it the training stays at its beginning.
func (f *folder) restore(t *training) error {
	if f.dir == "" {
		return nil
	}
	dir := f.unfinished(t)
	s, _, err := dir.Load(checkpoint.Last)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = t.resume(s)
	}
	if err != nil {
		return fmt.Errorf("%w; remove %s to train the model from the beginning", err, dir.Path)
	}
	return nil
}

// resume takes over a state.
func (t *training) resume(s *checkpoint.State) error {
	if got, want := s.Meta["setting"], t.subject.setting(); got != want {
		return fmt.Errorf("the model was begun with the encoding %s, which is now %s", got, want)
	}
	var bad error
	whole := func(key string, most int) int {
		n, err := strconv.Atoi(s.Meta[key])
		if err != nil || n < 0 || n > most {
			bad = fmt.Errorf("%s of the saved model is %q: want 0 to %d", key, s.Meta[key], most)
		}
		return n
	}
	number := func(key string) float64 {
		v, err := strconv.ParseFloat(s.Meta[key], 64)
		if err != nil {
			bad = fmt.Errorf("%s of the saved model is %q: want a number", key, s.Meta[key])
		}
		return v
	}
	r := t.study.task.Lengths(lengths.Val)
	step := whole("step", t.study.Steps)
	validated, bestStep := whole("validated", step), whole("bestStep", step)
	best := whole("best", t.study.Tests*(r.Max-r.Min+1))
	loss, seconds := number("loss"), number("seconds")
	if bad != nil {
		return bad
	}
	var into, bestInto []checkpoint.Named
	weights := make([][]float32, len(t.state))
	for i, p := range t.state {
		into = append(into, checkpoint.Named{Name: p.Path, Tensor: p.Tensor})
		copied := tensor.New(p.Tensor.Shape()...)
		weights[i] = copied.Data()
		bestInto = append(bestInto, checkpoint.Named{Name: p.Path, Tensor: copied})
	}
	var moments []nn.Named
	for _, p := range t.opt.State() {
		if saved := s.Tensor(p.Path); saved != nil {
			moments = append(moments, nn.Named{Path: p.Path, Tensor: saved})
		}
	}
	if bestStep > 0 {
		if err := checkpoint.Assign(bestInto, s, bestPrefix); err != nil {
			return err
		}
		t.weights = weights
	}
	if err := t.opt.Restore(moments); err != nil {
		return err
	}
	if err := checkpoint.Assign(into, s, modelPrefix); err != nil {
		return err
	}
	t.step, t.validated, t.best, t.bestStep, t.loss, t.seconds = step, validated, best, bestStep, loss, seconds
	return nil
}
