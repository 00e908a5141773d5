package train

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

// ErrInterrupted is inside the error of a run whose context ended. The error of the context is inside too, so that
// errors.Is(err, context.Canceled) holds after a cancellation.
var ErrInterrupted = errors.New("interrupted")

// Fit trains the model of a task. When it returns a result the model has the weights of the best epoch, those that the
// result's scores belong to. In the run folder, if there is one, are then the log, the last checkpoint and the best one.
//
// When ctx ends, the step at hand is finished, the state saved, and an error with [ErrInterrupted] inside returned;
// [Resume] then goes on with the same bits as if nothing had happened. A folder that already holds a run is refused
// with [ErrRunExists].
func Fit(ctx context.Context, t Task, o Options) (*Result, error) {
	r, err := newRun(t, o)
	if err != nil {
		return nil, err
	}
	if o.Dir != "" {
		if r.folder, err = createFolder(o.Dir); err != nil {
			return nil, err
		}
		defer r.folder.close()
		if err := r.saveFirst(); err != nil {
			return nil, err
		}
	}
	return r.train(ctx, false)
}

// run is a training run in progress.
type run struct {
	task    Task
	opt     Options
	learner *learner
	eval    *tensor.Tape // evaluation has a tape of its own: it takes no number from the training's random stream
	folder  *folder      // nil where nothing is written
	steps   int          // per epoch
	order   []int        // of the items in the epoch at hand

	at       progress
	tally    *tally // scores of the epoch so far
	losses   outliers
	norms    outliers
	best     weights            // of epoch at.BestEpoch; nil where that is 0
	begin    []checkpoint.Named // model and optimiser when the epoch began, for Rollback
	warnings []Warning          // not yet handed to the hook

	ticked    time.Time // when the clock was last read
	saved     time.Time // when the last checkpoint was written
	savedStep int
	unsaved   bool // whether the state at hand, the one between two steps, is not in the checkpoint
}

func newRun(t Task, o Options) (*run, error) {
	if err := errors.Join(t.check(), o.check()); err != nil {
		return nil, fmt.Errorf("train: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	o = o.withDefaults()
	n := t.Train.Len()
	r := &run{
		task: t, opt: o, learner: newLearner(t, o), eval: tensor.NewTape(),
		steps: (n + o.BatchSize - 1) / o.BatchSize, order: make([]int, n),
		tally: newTally(t.Loss, t.metrics()), ticked: time.Now(),
	}
	r.saved = r.ticked
	return r, nil
}

// train goes on from where the run is to its end.
func (r *run) train(ctx context.Context, resumed bool) (*Result, error) {
	r.savedStep = r.at.Step
	res, err := r.run(ctx, resumed)
	if err != nil {
		return nil, r.halt(ctx, err)
	}
	return res, nil
}

func (r *run) run(ctx context.Context, resumed bool) (*Result, error) {
	err := r.opt.Hooks.start(StartInfo{
		Dir: r.opt.Dir, Parameters: r.learner.count(), Epochs: r.opt.Epochs, StepsPerEpoch: r.steps,
		Resumed: resumed, EpochsDone: r.at.Epoch, StepsDone: r.at.Step,
	})
	if err != nil {
		return nil, hookError("OnStart", err)
	}
	for r.at.Epoch < r.opt.Epochs {
		if err := r.epoch(ctx); err != nil {
			return nil, err
		}
	}
	res, err := r.finish(ctx)
	if err != nil {
		return nil, err
	}
	return res, hookError("OnEnd", r.opt.Hooks.end(res))
}

// halt ends the run because of err: what is done is saved, and the error says where to go on.
func (r *run) halt(ctx context.Context, err error) error {
	where := ""
	if r.folder != nil {
		if r.unsaved {
			if e := r.save(); e != nil {
				return errors.Join(err, e)
			}
		}
		where = fmt.Sprintf("; the state is saved: resume the run in %s", r.opt.Dir)
	}
	if e := ctx.Err(); e != nil && errors.Is(err, e) {
		return fmt.Errorf("train: %w after step %d (%d of %d epochs done): %w%s", ErrInterrupted, r.at.Step, r.at.Epoch, r.opt.Epochs, e, where)
	}
	return err
}

// tick adds the time since it was last called to the run's and the epoch's and returns it in seconds.
func (r *run) tick() float64 {
	now := time.Now()
	d := now.Sub(r.ticked).Seconds()
	r.ticked = now
	r.at.Seconds += number(d)
	r.at.EpochSeconds += number(d)
	return d
}

// warn hands the warnings that have come up to the hook.
func (r *run) warn() error {
	for _, w := range r.warnings {
		if err := hookError("OnWarning", r.opt.Hooks.warn(w)); err != nil {
			r.warnings = r.warnings[:0]
			return err
		}
	}
	r.warnings = r.warnings[:0]
	return nil
}

func hookError(hook string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("train: hook %s: %w", hook, err)
}
