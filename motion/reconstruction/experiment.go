package reconstruction

import (
	"context"
	"errors"
	"fmt"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// Experiment is the training of a tokenizer on some clips, and what became of it on others.
type Experiment struct {
	Config tokenizer.Config // the zero value is the published size
	Seed   uint64           // of the weights
	// Train are learned from, in windows; Val, where there are some, select the best epoch, whole; Held are measured at
	// the end.
	Train, Val, Held []*motion.Clip
	Data             tokenizer.DataOptions // of the windows of Train
}

// Grounded is how clips of different places are brought together before a tokenizer learns them: each is moved as a whole,
// so that the figure begins above the origin and its lowest place is at height 0. Distances within a clip, and so all
// errors, stay what they are. Without it the codes have to say how far from the camera a clip was taken.
func Grounded() motion.Preparation {
	return motion.Preparation{Centre: motion.CentreFirst, Floor: true}
}

// Task makes a new model, standardised by the training clips, and its train.Task: the loss is the mean absolute error of
// standardised places beside the model's commitment loss, the metric MPJPE. The error says which clip does not fit.
func (e Experiment) Task() (*tokenizer.Model, train.Task, error) {
	var task train.Task
	if len(e.Train) == 0 {
		return nil, task, errors.New("reconstruction: no clips to train on")
	}
	m, err := tokenizer.New(e.Config, e.Seed)
	if err != nil {
		return nil, task, err
	}
	for _, c := range e.Train {
		if c.Joints() != m.Config.Joints {
			return nil, task, &motion.ClipError{Clip: c.Name, Frame: -1, Reason: fmt.Sprintf("it has %d joints, and the model %d", c.Joints(), m.Config.Joints)}
		}
	}
	frames := e.Data.Frames
	if frames == 0 {
		frames = tokenizer.DefaultFrames
	}
	if err := m.SetMoments(tokenizer.MomentsOf(e.Train, m.Config.Reference, frames)); err != nil {
		return nil, task, err
	}
	metric, err := MPJPEOf(m, append(append(append([]*motion.Clip(nil), e.Train...), e.Val...), e.Held...))
	if err != nil {
		return nil, task, err
	}
	task = train.Task{Model: m, Loss: nn.L1{}, Metric: metric}
	windows, err := tokenizer.NewData(m, e.Train, e.Data)
	if err != nil {
		return nil, task, err
	}
	task.Train = windows
	for _, split := range []struct {
		clips []*motion.Clip
		into  *train.Data
	}{{e.Val, &task.Val}, {e.Held, &task.Test}} {
		if len(split.clips) == 0 {
			continue
		}
		data, err := tokenizer.NewData(m, split.clips, tokenizer.DataOptions{Whole: true})
		if err != nil {
			return nil, task, err
		}
		*split.into = data
	}
	return m, task, nil
}

// Options are those of the official training, AdamW with β 0.9 and 0.99, weight decay 1e-4 and rate 2e-4, but for the
// batches: 8 windows for two processor cores instead of 32. The official rate is for 500,000 steps; runs of minutes want
// five to ten times as much, falling along a cosine.
func (e Experiment) Options(epochs int) train.Options {
	return train.Options{Epochs: epochs, BatchSize: 8, EvalBatchSize: 1, LR: 2e-4, Beta1: 0.9, Beta2: 0.99, WeightDecay: 1e-4, Seed: e.Seed}
}

// Fit trains a new model and measures it on the clips trained on and held, in this order. Each epoch sees every window
// once. The error is that of [Experiment.Task] or of train.Fit.
func (e Experiment) Fit(ctx context.Context, o train.Options) (*tokenizer.Model, *Report, error) {
	m, task, err := e.Task()
	if err != nil {
		return nil, nil, err
	}
	if _, err := train.Fit(ctx, task, o); err != nil {
		return m, nil, err
	}
	r, err := Measure(m, append(append(append([]*motion.Clip(nil), e.Train...), e.Val...), e.Held...))
	return m, r, err
}
