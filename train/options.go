package train

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/optim"
)

// What [Options] mean where they are 0.
const (
	DefaultLR                 = 1e-3            // PyTorch's for AdamW
	DefaultCheckpointInterval = 5 * time.Minute // between checkpoints within an epoch
)

// Options say how to train. BatchSize has no default; the zero value of every other field means what its comment says.
type Options struct {
	// Epochs is the number of passes over the training data; 0 only evaluates.
	Epochs int
	// BatchSize is the number of items per step. The last batch of an epoch may be smaller.
	BatchSize int
	// EvalBatchSize is the number of items per batch of an evaluation; 0 means BatchSize.
	EvalBatchSize int

	// LR is the learning rate that the schedule scales; 0 means DefaultLR.
	LR float64
	// Beta1, Beta2 and Eps are those of AdamW; 0 means optim's defaults.
	Beta1, Beta2, Eps float64
	// WeightDecay is the decoupled decay; 0 means none.
	WeightDecay float64
	// Clip is the largest Euclidean norm of the whole gradient that is let through; longer ones are scaled down to it.
	// 0 means no limit.
	Clip float64
	// Schedule gives the factor of the learning rate for each epoch, counted from 0; nil means 1 throughout.
	Schedule optim.Schedule
	// EveryStep moves the rate at every step rather than once an epoch: in a straight line from the factor of an epoch to
	// that of the next, which it would reach with the first step of that one. It is for trainings of few epochs.
	EveryStep bool

	// Seed decides the order of the data and the dropout, not the initial weights: those come with the model.
	Seed uint64

	// Dir is the run folder; with "" nothing is written.
	Dir string
	// CheckpointSteps is the number of steps between checkpoints within an epoch; 0 means no such checkpoints. There is
	// always one at the end of an epoch.
	CheckpointSteps int
	// CheckpointInterval is the time between checkpoints within an epoch; 0 means DefaultCheckpointInterval, less than
	// 0 none.
	CheckpointInterval time.Duration

	// OnNaN says what happens at a step whose loss or gradient is not finite.
	OnNaN OnNaN
	// TestEveryEpoch also logs the test scores of every epoch. They never select anything.
	TestEveryEpoch bool
	// Hooks are called as training goes on.
	Hooks Hooks
	// Config is the full configuration of the run as text. It is written to config.yaml and into every checkpoint; a
	// run can be resumed with the same configuration only.
	Config []byte
	// Schema is what was read off the training data before training, as text: vocabularies, means, names of classes. It
	// is written to schema.json and into every checkpoint, and a run can be resumed with the same one only.
	Schema []byte
}

// OnNaN says what happens at a step whose loss or gradient is not finite. The zero value is [Stop].
type OnNaN int

// What may happen at a bad step. Each time the step is first done again under watch, to find the operation that made
// the first bad value, and its batch is written to the folder crash of the run. More than 3 bad steps in 100 end the
// run in any case.
const (
	// Stop ends the run before the step, with a *NonFiniteError.
	Stop OnNaN = iota
	// Skip leaves the batch out and goes on: the model is as it was before the step.
	Skip
	// Rollback leaves the batch out and goes on with the model and the optimiser as they were when the epoch began.
	// It helps where weights that are still finite have become too large to go on from.
	Rollback
)

var onNaNNames = []string{"stop", "skip", "rollback"}

// OnNaNNames returns the names that [ParseOnNaN] knows.
func OnNaNNames() []string { return append([]string(nil), onNaNNames...) }

// ParseOnNaN returns the choice with the given name. The error of an unknown name tells the nearest known one.
func ParseOnNaN(name string) (OnNaN, error) {
	for i, known := range onNaNNames {
		if known == name {
			return OnNaN(i), nil
		}
	}
	return 0, fmt.Errorf("unknown choice %q for what to do on NaN; did you mean %q? (known: %s)",
		name, nearest.To(name, onNaNNames), strings.Join(onNaNNames, ", "))
}

// String returns the name, as [ParseOnNaN] reads it.
func (n OnNaN) String() string {
	if n < 0 || int(n) >= len(onNaNNames) {
		return fmt.Sprintf("OnNaN(%d)", int(n))
	}
	return onNaNNames[n]
}

// MarshalText writes the name, for configuration files.
func (n OnNaN) MarshalText() ([]byte, error) {
	if n < 0 || int(n) >= len(onNaNNames) {
		return nil, fmt.Errorf("choice %d for what to do on NaN has no name", int(n))
	}
	return []byte(onNaNNames[n]), nil
}

// UnmarshalText reads a name, as [ParseOnNaN] does.
func (n *OnNaN) UnmarshalText(text []byte) error {
	parsed, err := ParseOnNaN(string(text))
	if err == nil {
		*n = parsed
	}
	return err
}

// check returns everything that is wrong with the options, in one error.
func (o *Options) check() error {
	var errs []error
	complain := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if o.Epochs < 0 {
		complain("Epochs is %d: choose the number of passes over the training data, 0 to evaluate only", o.Epochs)
	}
	if o.BatchSize <= 0 {
		complain("BatchSize is %d: choose how many items make a step, 32 for instance", o.BatchSize)
	}
	if o.EvalBatchSize < 0 {
		complain("EvalBatchSize is %d: choose how many items to evaluate at a time, or 0 for BatchSize", o.EvalBatchSize)
	}
	if o.CheckpointSteps < 0 {
		complain("CheckpointSteps is %d: choose the steps between checkpoints, or 0 for those by time only", o.CheckpointSteps)
	}
	for _, x := range []struct {
		name  string
		value float64
		zero  string
	}{
		{"LR", o.LR, "the default"}, {"Eps", o.Eps, "the default"},
		{"WeightDecay", o.WeightDecay, "none"}, {"Clip", o.Clip, "no limit"},
	} {
		if !(x.value >= 0) || math.IsInf(x.value, 0) {
			complain("%s is %v: choose a finite number above 0, or 0 for %s", x.name, x.value, x.zero)
		}
	}
	for _, x := range []struct {
		name  string
		value float64
	}{{"Beta1", o.Beta1}, {"Beta2", o.Beta2}} {
		if !(x.value >= 0 && x.value < 1) {
			complain("%s is %v: choose a number from 0, which means the default, to below 1", x.name, x.value)
		}
	}
	if o.OnNaN < Stop || o.OnNaN > Rollback {
		complain("OnNaN is %d: choose Stop, Skip or Rollback", int(o.OnNaN))
	}
	return errors.Join(errs...)
}

// withDefaults returns the options with defaults filled in.
func (o Options) withDefaults() Options {
	if o.LR == 0 {
		o.LR = DefaultLR
	}
	if o.EvalBatchSize == 0 {
		o.EvalBatchSize = o.BatchSize
	}
	if o.CheckpointInterval == 0 {
		o.CheckpointInterval = DefaultCheckpointInterval
	}
	return o
}

// factor returns the schedule's factor for a step of an epoch, both counted from 0.
func (o *Options) factor(epoch, step, steps int) float64 {
	switch {
	case o.Schedule == nil:
		return 1
	case !o.EveryStep || step == 0:
		return o.Schedule.Factor(epoch)
	}
	from, to := o.Schedule.Factor(epoch), o.Schedule.Factor(epoch+1)
	return from + (to-from)*float64(step)/float64(steps)
}
