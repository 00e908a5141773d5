package train

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

const (
	badWindow  = 100 // steps over which bad ones are counted
	badAllowed = 3   // bad steps among them that a run survives
)

// NonFiniteError says that a run ended because the loss or the gradient of a step was not finite. The state before the
// step is in the run folder, and the model has it.
type NonFiniteError struct {
	Epoch, Step    int // from 1
	Loss, GradNorm float64
	Items          []int            // numbers of the batch's items in the training data
	Cause          *tensor.BadValue // the first bad value; nil where none arose when the step was done again
	CrashFile      string           // what was written about the step; empty where nothing was
	Repeated       bool             // bad steps are left out in this run, but they became too many
}

// Error says what happened where, and what to do.
func (e *NonFiniteError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "train: step %d (epoch %d): loss %v, gradient norm %v: %s; items of the batch: %s",
		e.Step, e.Epoch, e.Loss, e.GradNorm, causeText(e.Cause), itemList(e.Items))
	if e.CrashFile != "" {
		fmt.Fprintf(&b, "; the step is kept in %s", e.CrashFile)
	}
	if e.Repeated {
		fmt.Fprintf(&b, ": this is bad step number %d within %d: lower the learning rate, or set a smaller Clip", badAllowed+1, badWindow)
	} else {
		b.WriteString(": look for bad values in those items, lower the learning rate, set a smaller Clip, or resume with OnNaN skip or rollback")
	}
	return b.String()
}

func causeText(c *tensor.BadValue) string {
	if c == nil {
		return "done again, the step made no bad value: memory may be damaged, or the model is not deterministic"
	}
	return c.String()
}

// Dumper may be implemented by batches to show what they hold: the tensors go into the files of the folder crash, below
// the name batch.
type Dumper interface {
	Dump() []nn.Named
}

// badStep deals with a step that has no finite gradient. A nil error means that the batch is left out.
func (r *run) badStep(p prepared, pass tensor.Pass, g gradient) error {
	l := r.learner
	l.undoBuffers()
	cause := l.findCause(p.batch, pass)
	if cause == nil {
		cause = l.badTensor()
	}
	e := &NonFiniteError{
		Epoch: r.at.Epoch + 1, Step: r.at.Step + 1, Loss: g.loss, GradNorm: g.norm,
		Items: append([]int(nil), p.items...), Cause: cause,
	}
	if r.folder != nil {
		path := filepath.Join(r.folder.path(CrashDir), "step-"+strconv.Itoa(e.Step)+".safetensors")
		if err := l.writeCrash(path, p.batch, pass, g, e, r.opt.Config); err != nil {
			return fmt.Errorf("%w (and the crash file could not be written: %w)", e, err)
		}
		e.CrashFile = path
	}
	if r.opt.OnNaN == Stop {
		return e
	}
	bad := append(recent(r.at.Bad, r.at.Step-badWindow), r.at.Step)
	if len(bad) > badAllowed {
		e.Repeated = true
		return e
	}
	r.at.Bad = bad
	w := Warning{Kind: StepSkipped, Epoch: e.Epoch, Step: e.Step}
	what := "the batch is left out"
	if r.opt.OnNaN == Rollback {
		w.Kind, what = RolledBack, "the batch is left out and the state in which the epoch began restored"
		if err := l.setState(r.begin); err != nil {
			return err
		}
	}
	w.Text = fmt.Sprintf("loss %v, gradient norm %v: %s; %s", e.Loss, e.GradNorm, causeText(e.Cause), what)
	r.at.Skipped++
	r.warnings = append(r.warnings, w)
	return nil
}

// recent returns the steps after the given one.
func recent(steps []int, after int) []int {
	for len(steps) > 0 && steps[0] <= after {
		steps = steps[1:]
	}
	return steps
}

// findCause does the step again on a tape that looks at every value.
func (l *learner) findCause(b nn.Batch, pass tensor.Pass) *tensor.BadValue {
	tp := tensor.NewTape()
	tp.Watch(true)
	tp.Begin(pass)
	tp.Backward(l.loss.Loss(tp, l.model.Forward(tp, b), b.Targets()))
	l.undoBuffers()
	return tp.FirstBad()
}

// badTensor looks for a parameter or buffer that is not finite.
func (l *learner) badTensor() *tensor.BadValue {
	for _, p := range l.tensors() {
		for i, v := range p.Tensor.Data() {
			if f := float64(v); math.IsNaN(f) || math.IsInf(f, 0) {
				return &tensor.BadValue{Op: "Leaf", Path: p.Path, Row: i / max(p.Tensor.Cols(), 1), Value: v}
			}
		}
	}
	return nil
}

// writeCrash writes what is needed to look at a bad step: the model before it, the gradients, the predictions, the
// targets, the numbers of the items and what the batch tells of itself.
func (l *learner) writeCrash(path string, b nn.Batch, pass tensor.Pass, g gradient, e *NonFiniteError, config []byte) error {
	var all []safetensors.Tensor
	add := func(name string, shape []int, data []float32) {
		all = append(all, safetensors.Tensor{Name: name, DType: safetensors.F32, Shape: shape, Float32: data})
	}
	for _, p := range l.tensors() {
		add("model."+p.Path, p.Tensor.Shape(), p.Tensor.Data())
	}
	for _, p := range l.params {
		if grad := l.grads(p.Tensor); grad != nil {
			add("grad."+p.Path, p.Tensor.Shape(), grad)
		}
	}
	add("predictions", g.pred.Shape(), g.pred.Data())
	add("targets", b.Targets().Shape(), b.Targets().Data())
	items := make([]int64, len(e.Items))
	for i, x := range e.Items {
		items[i] = int64(x)
	}
	all = append(all, safetensors.Tensor{Name: "items", DType: safetensors.I64, Shape: []int{len(items)}, Int64: items})
	if d, ok := b.(Dumper); ok {
		for _, t := range d.Dump() {
			add("batch."+t.Path, t.Tensor.Shape(), t.Tensor.Data())
		}
	}
	meta := map[string]string{
		"epoch": strconv.Itoa(e.Epoch), "step": strconv.Itoa(e.Step),
		"loss": fmt.Sprint(e.Loss), "gradNorm": fmt.Sprint(e.GradNorm),
		"passSeed": strconv.FormatUint(pass.Seed, 10), "passStep": strconv.FormatUint(pass.Step, 10),
		"cause": causeText(e.Cause),
	}
	if len(config) > 0 {
		meta["config"] = string(config)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return checkpoint.WriteFile(path, func(w io.Writer) error { return safetensors.WriteChecked(w, all, meta) })
}
