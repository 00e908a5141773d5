package train

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/graft-ml/graft/tensor"
)

// epoch does the rest of the epoch at hand.
func (r *run) epoch(ctx context.Context) error {
	lr, err := r.rate()
	if err != nil {
		return err
	}
	if r.opt.OnNaN == Rollback && (r.at.Batch == 0 || r.begin == nil) {
		r.begin = r.learner.copyState()
	}
	shuffle(r.order, r.opt.Seed, r.at.Epoch)
	f := startFeed(dataOf(r.task.Train, r.at.Epoch), r.order, r.opt.BatchSize, r.at.Batch)
	defer f.stop()
	for r.at.Batch < r.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, err := f.next(ctx)
		if err != nil {
			return fmt.Errorf("train: epoch %d, step %d: %w", r.at.Epoch+1, r.at.Step+1, err)
		}
		if lr, err = r.rate(); err != nil {
			return err
		}
		if err := r.step(p, lr); err != nil {
			return err
		}
		p.release()
		if r.due() {
			if err := r.save(); err != nil {
				return err
			}
		}
	}
	f.stop()
	return r.endEpoch(ctx, lr)
}

// rate returns the learning rate of the step at hand, or the last of its epoch.
func (r *run) rate() (float64, error) {
	lr := r.opt.LR * r.opt.factor(r.at.Epoch, min(r.at.Batch, r.steps-1), r.steps)
	if !(lr >= 0) || math.IsInf(lr, 0) {
		return 0, fmt.Errorf("train: epoch %d: the learning rate is %v: check the schedule", r.at.Epoch+1, lr)
	}
	return lr, nil
}

// step does one step on a batch.
func (r *run) step(p prepared, lr float64) error {
	pass := tensor.Pass{Train: true, Grad: true, Seed: r.opt.Seed, Step: uint64(r.at.Step)}
	g, err := r.learner.gradients(p.batch, pass)
	if err != nil {
		r.learner.undoBuffers() // the state is that before the step again
		return fmt.Errorf("train: epoch %d, step %d: %w", r.at.Epoch+1, r.at.Step+1, err)
	}
	good := g.finite()
	if !good {
		if err := r.badStep(p, pass, g); err != nil {
			return err
		}
	} else {
		r.learner.update(g, lr, r.opt.Clip)
		r.tally.addParts(g.parts, r.tally.add(g.loss, g.pred, p.batch.Targets()))
		r.observe(g)
	}
	r.at.Batch++
	r.at.Step++
	r.at.Items += p.batch.Items()
	r.at.TrainSeconds += number(r.tick())
	r.unsaved = true
	if err := r.warn(); err != nil {
		return err
	}
	return hookError("OnStep", r.opt.Hooks.step(StepInfo{
		Epoch: r.at.Epoch + 1, Step: r.at.Step, StepOfEpoch: r.at.Batch, StepsPerEpoch: r.steps, Epochs: r.opt.Epochs,
		Items: p.batch.Items(), Loss: g.loss, MeanLoss: r.tally.meanLoss(), GradNorm: g.norm, LR: lr, Skipped: !good,
		EpochItems: r.at.Items, EpochSeconds: float64(r.at.TrainSeconds), tally: r.tally,
	}))
}

// observe keeps the figures of a good step.
func (r *run) observe(g gradient) {
	r.at.NormSum += number(g.norm)
	r.at.NormMax = max(r.at.NormMax, number(g.norm))
	r.at.Norms++
	for _, x := range []struct {
		kind  WarningKind
		name  string
		value float64
		z     float64
	}{
		{LossOutlier, "loss", g.loss, r.losses.add(g.loss)},
		{GradNormOutlier, "gradient norm", g.norm, r.norms.add(g.norm)},
	} {
		if math.Abs(x.z) > outlierAt {
			r.warnings = append(r.warnings, Warning{Kind: x.kind, Epoch: r.at.Epoch + 1, Step: r.at.Step + 1,
				Text: fmt.Sprintf("%s %.4g is %.1f standard deviations from the mean of the %d steps before", x.name, x.value, x.z, outlierWindow)})
		}
	}
}

// endEpoch evaluates, logs and saves after the last step of an epoch, in an order that leaves a state to go on from
// wherever the process is killed: until the checkpoint is written the epoch counts as not ended, and will be ended again
// with the same numbers.
func (r *run) endEpoch(ctx context.Context, lr float64) error {
	e := Entry{
		Epoch: r.at.Epoch + 1, Step: r.at.Step, LR: lr, Train: r.tally.scores(), LossParts: r.tally.meanParts(), GradNormMax: float64(r.at.NormMax),
		LossZ: r.losses.worst, GradNormZ: r.norms.worst, Skipped: r.at.Skipped,
	}
	if r.at.Norms > 0 {
		e.GradNormMean = float64(r.at.NormSum) / float64(r.at.Norms)
	}
	if r.at.TrainSeconds > 0 {
		e.ItemsPerSecond = float64(r.at.Items) / float64(r.at.TrainSeconds)
	}
	var err error
	if e.Val, err = r.measure(ctx, r.task.Val); err != nil {
		return err
	}
	if r.opt.TestEveryEpoch {
		if e.Test, err = r.measure(ctx, r.task.Test); err != nil {
			return err
		}
	}
	name := r.task.selector()
	e.Best = r.task.Val == nil || r.at.BestEpoch == 0 || r.task.better(e.Val.Value(name), r.at.BestVal.Value(name))
	r.tick()
	e.Seconds = float64(r.at.EpochSeconds)
	if r.folder != nil {
		if err := appendLog(r.opt.Dir, e); err != nil {
			return fmt.Errorf("train: write %s: %w", r.folder.path(LogName), err)
		}
	}
	if e.Best {
		r.at.BestEpoch, r.at.BestTrain, r.at.BestVal = e.Epoch, e.Train, e.Val
		r.best = r.learner.copyWeights(r.best)
	}
	r.at.nextEpoch()
	r.tally = newTally(r.task.Loss, r.task.metrics())
	r.losses.worst, r.norms.worst = 0, 0
	r.unsaved = true
	if r.folder != nil {
		if err := r.save(); err != nil {
			return err
		}
		if e.Best {
			if err := r.saveBest(); err != nil {
				return err
			}
		}
	}
	return hookError("OnEpoch", r.opt.Hooks.epoch(EpochInfo{
		Entry: e, Epochs: r.opt.Epochs, BestEpoch: r.at.BestEpoch, BestVal: r.at.BestVal, RunSeconds: float64(r.at.Seconds),
	}))
}

// measure evaluates the model as it is on a split, if there is one.
func (r *run) measure(ctx context.Context, d Data) (Scores, error) {
	if d == nil {
		return nil, nil
	}
	return evaluate(ctx, r.eval, r.task.Model, d, r.task.Loss, r.task.metrics(), r.opt.EvalBatchSize)
}

// due tells whether a checkpoint within the epoch is to be written now. The one of the last step comes with the end of
// the epoch.
func (r *run) due() bool {
	if r.folder == nil || r.at.Batch == r.steps {
		return false
	}
	every, interval := r.opt.CheckpointSteps, r.opt.CheckpointInterval
	return every > 0 && r.at.Step-r.savedStep >= every || interval > 0 && time.Since(r.saved) >= interval
}
