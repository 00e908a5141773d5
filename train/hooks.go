package train

// Hooks are called as training goes on, in the goroutine that trains. Any may be nil. An error ends the run: what has
// been done so far is saved first, and the error is returned.
type Hooks struct {
	// OnStart is called once before the first step, also of a resumed run.
	OnStart func(StartInfo) error
	// OnStep is called after every update.
	OnStep func(StepInfo) error
	// OnEpoch is called after every epoch, when its line is in the log and its checkpoints are on disk.
	OnEpoch func(EpochInfo) error
	// OnEnd is called once after the last epoch and the final evaluation.
	OnEnd func(*Result) error
	// OnWarning is called when something is odd that does not end the run.
	OnWarning func(Warning) error
}

// StartInfo describes a run that is about to begin or to go on.
type StartInfo struct {
	Dir           string // the run folder, "" where nothing is written
	Parameters    int    // trainable numbers of the model
	Epochs        int    // of the whole run
	StepsPerEpoch int
	Resumed       bool // whether earlier work is being continued:
	EpochsDone    int  // whole epochs of it,
	StepsDone     int  // and all its steps
}

// StepInfo describes a step that has been done.
type StepInfo struct {
	Epoch         int     // from 1
	Step          int     // from 1, over the whole run
	StepOfEpoch   int     // from 1
	StepsPerEpoch int     //
	Epochs        int     // of the whole run
	Items         int     // in this step's batch
	Loss          float64 // of this step's batch
	MeanLoss      float64 // over the epoch so far
	GradNorm      float64 // Euclidean norm of the whole gradient, before clipping
	LR            float64
	Skipped       bool    // the step was bad and nothing was updated (see OnNaN)
	EpochItems    int     // items of the epoch so far,
	EpochSeconds  float64 // and the time they took

	tally *tally
}

// Scores returns the scores of the epoch so far. They are computed when asked for, which for metrics that sort takes a
// while: ask now and then, not at every step. It is valid during the hook only.
func (s StepInfo) Scores() Scores { return s.tally.scores() }

// EpochInfo describes an epoch that has been done.
type EpochInfo struct {
	Entry             // what is in the log
	Epochs     int    // of the whole run
	BestEpoch  int    // the best so far, from 1
	BestVal    Scores // its scores on Val, empty without one
	RunSeconds float64
}

// WarningKind says what a warning is about.
type WarningKind int

// The kinds of warnings.
const (
	// LossOutlier: the loss of a step lies far from those of the 128 steps before.
	LossOutlier WarningKind = iota + 1
	// GradNormOutlier: the gradient's norm does.
	GradNormOutlier
	// StepSkipped: a loss or gradient was not finite; the batch was left out.
	StepSkipped
	// RolledBack: a loss or gradient was not finite; the batch was left out and the epoch's first state restored.
	RolledBack
	// OlderCheckpoint: the newest checkpoint could not be read; an older one is used.
	OlderCheckpoint
	// NoCheckpoint: the run to be resumed has no checkpoint yet and starts from the beginning.
	NoCheckpoint
	// LogIncomplete: lines of the log are missing.
	LogIncomplete
	// OtherKernels: the run was computed with kernels for another processor; it goes on with other bits.
	OtherKernels
	// BestLost: the best weights so far could not be had back; they are chosen anew from here on.
	BestLost
)

// Warning is something odd that does not end the run.
type Warning struct {
	Kind  WarningKind
	Epoch int // from 1, 0 before the first step of the process
	Step  int // from 1, 0 before the first step of the process
	Text  string
}

// JoinHooks returns hooks that call those given, in their order, until one returns an error.
func JoinHooks(all ...Hooks) Hooks {
	return Hooks{
		OnStart: func(i StartInfo) error {
			return first(len(all), func(k int) error { return all[k].start(i) })
		},
		OnStep: func(i StepInfo) error {
			for k := range all {
				if err := all[k].step(i); err != nil {
					return err
				}
			}
			return nil
		},
		OnEpoch: func(i EpochInfo) error {
			return first(len(all), func(k int) error { return all[k].epoch(i) })
		},
		OnEnd: func(r *Result) error {
			return first(len(all), func(k int) error { return all[k].end(r) })
		},
		OnWarning: func(w Warning) error {
			return first(len(all), func(k int) error { return all[k].warn(w) })
		},
	}
}

// first calls f for 0 to n-1 until it returns an error.
func first(n int, f func(int) error) error {
	for k := 0; k < n; k++ {
		if err := f(k); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hooks) start(i StartInfo) error {
	if h.OnStart == nil {
		return nil
	}
	return h.OnStart(i)
}

func (h *Hooks) step(i StepInfo) error {
	if h.OnStep == nil {
		return nil
	}
	return h.OnStep(i)
}

func (h *Hooks) epoch(i EpochInfo) error {
	if h.OnEpoch == nil {
		return nil
	}
	return h.OnEpoch(i)
}

func (h *Hooks) end(r *Result) error {
	if h.OnEnd == nil {
		return nil
	}
	return h.OnEnd(r)
}

func (h *Hooks) warn(w Warning) error {
	if h.OnWarning == nil {
		return nil
	}
	return h.OnWarning(w)
}
