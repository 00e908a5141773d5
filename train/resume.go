package train

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/train/checkpoint"
)

// Resume goes on with the run in the folder dir, from its last checkpoint, with the same bits as if it had never been
// cut short; the weights that the model comes with do not matter, unless the run was killed before its first checkpoint:
// then it starts from the beginning. A damaged last checkpoint is passed over for the one before, with a warning.
// Resuming a complete run gives its result again.
//
// Task and options must be those of the run. What decides its bits is compared, with [Options.Config] and
// [Options.Schema], and every difference named in the error. What may differ: Dir, which is set to dir, CheckpointSteps,
// CheckpointInterval, OnNaN, TestEveryEpoch and Hooks.
func Resume(ctx context.Context, t Task, o Options, dir string) (*Result, error) {
	o.Dir = dir
	r, err := newRun(t, o)
	if err != nil {
		return nil, err
	}
	begun := exists(dir, lockName)
	if r.folder, err = openFolder(dir); err != nil {
		return nil, err
	}
	defer r.folder.close()
	found := exists(dir, LastName) || exists(dir, olderName)
	switch {
	case found:
		err = r.load()
	case begun:
		r.note(NoCheckpoint, "the run has no checkpoint yet: it starts from the beginning")
		err = r.restart()
	default:
		err = fmt.Errorf("train: resume: %s holds no run: name the folder of a run that was begun before", dir)
	}
	if err != nil {
		return nil, err
	}
	if err := r.warn(); err != nil {
		return nil, err
	}
	return r.train(ctx, found)
}

func exists(dir, name string) bool {
	_, err := os.Lstat((&folder{dir: dir}).path(name))
	return err == nil
}

// restart begins a run that was killed before it had a checkpoint.
func (r *run) restart() error {
	if err := r.folder.checkText(ConfigName, "configuration", r.opt.Config); err != nil {
		return err
	}
	if err := r.folder.checkText(SchemaName, "schema", r.opt.Schema); err != nil {
		return err
	}
	if _, err := cutLog(r.opt.Dir, 0); err != nil {
		return fmt.Errorf("train: resume: %w", err)
	}
	return r.saveFirst()
}

// load takes over the last checkpoint.
func (r *run) load() error {
	s, note, err := r.folder.checkpoints().Load(checkpoint.Last)
	if err != nil {
		return fmt.Errorf("train: resume: %w", err)
	}
	if note != "" {
		r.note(OlderCheckpoint, note)
	}
	if err := r.takeOver(s); err != nil {
		return fmt.Errorf("train: resume %s: %w", r.opt.Dir, err)
	}
	missing, err := cutLog(r.opt.Dir, r.at.Epoch)
	if err != nil {
		return fmt.Errorf("train: resume: %w", err)
	}
	if missing > 0 {
		r.note(LogIncomplete, fmt.Sprintf("%s lacks the lines of %d of the %d epochs done", r.folder.path(LogName), missing, r.at.Epoch))
	}
	return r.loadBest()
}

// takeOver sets the run to the state of a last checkpoint.
func (r *run) takeOver(s *checkpoint.State) error {
	if kind := s.Meta[kindKey]; kind != lastKind {
		return fmt.Errorf("the checkpoint is of kind %q, a run is resumed from one of kind %q", kind, lastKind)
	}
	var was []setting
	if err := json.Unmarshal([]byte(s.Meta[optionsKey]), &was); err != nil {
		return fmt.Errorf("the options in the checkpoint cannot be read: %w", err)
	}
	diff := differences(was, r.fingerprint())
	if config := s.Meta[configKey]; config != string(r.opt.Config) {
		diff = append(diff, "Config: "+firstDifference([]byte(config), r.opt.Config))
	}
	if schema := s.Meta[schemaKey]; schema != string(r.opt.Schema) {
		diff = append(diff, "Schema: "+firstDifference([]byte(schema), r.opt.Schema))
	}
	if len(diff) > 0 {
		return fmt.Errorf("the run was begun otherwise: %s: resume it as it was begun, or begin another in a folder of its own", strings.Join(diff, "; "))
	}
	var at progress
	if err := json.Unmarshal([]byte(s.Meta[progressKey]), &at); err != nil {
		return fmt.Errorf("the progress in the checkpoint cannot be read: %w", err)
	}
	if err := at.check(r.opt.Epochs, r.steps); err != nil {
		return err
	}
	if level := s.Meta[levelKey]; level != simd.Active().String() {
		r.note(OtherKernels, fmt.Sprintf("the run was computed with kernels of level %s, this process has %s: the results are as good but not the same bits", level, simd.Active()))
	}
	if err := r.learner.setState(s.Tensors); err != nil {
		return err
	}
	if err := r.takeBegin(s, at); err != nil {
		return err
	}
	return r.takeNumbers(s, at)
}

// takeBegin takes over the state in which the epoch began, if the checkpoint has it.
func (r *run) takeBegin(s *checkpoint.State, at progress) error {
	var begin []checkpoint.Named
	for _, n := range s.Tensors {
		if name, ok := strings.CutPrefix(n.Name, beginPrefix); ok {
			begin = append(begin, checkpoint.Named{Name: name, Tensor: n.Tensor})
		}
	}
	if len(begin) == 0 || at.Batch == 0 {
		return nil
	}
	now := r.learner.copyState()
	if err := r.learner.setState(begin); err != nil {
		return fmt.Errorf("the state at the epoch's beginning: %w", err)
	}
	r.begin = r.learner.copyState()
	return r.learner.setState(now)
}

// takeNumbers takes over the sums of the epoch at hand.
func (r *run) takeNumbers(s *checkpoint.State, at progress) error {
	get := func(name string) ([]float64, error) {
		t := s.Tensor(name)
		if t == nil || t.Cols() != 2 {
			return nil, fmt.Errorf("the checkpoint lacks %s", name)
		}
		return unpackFloats(t), nil
	}
	r.tally.loss, r.tally.count, r.tally.parts = float64(at.Loss), float64(at.Targets), at.Parts
	for i, m := range r.tally.meters {
		x, err := get(meterPrefix + r.tally.names[i])
		if err == nil {
			err = m.Restore(x)
		}
		if err != nil {
			return err
		}
	}
	for name, o := range map[string]*outliers{lossesName: &r.losses, normsName: &r.norms} {
		x, err := get(name)
		if err != nil {
			return err
		}
		if !o.restore(x) {
			return fmt.Errorf("%s in the checkpoint is no window of %d steps", name, outlierWindow)
		}
	}
	r.at = at
	return nil
}

// loadBest takes over the weights of the best epoch so far.
func (r *run) loadBest() error {
	if r.at.BestEpoch == 0 {
		return nil
	}
	s, _, err := r.folder.checkpoints().Load(checkpoint.Best)
	var sum *Summary
	if err == nil {
		sum, err = summaryOf(s)
	}
	if err == nil && sum.Epoch != r.at.BestEpoch {
		err = fmt.Errorf("%s is of epoch %d", r.folder.path(BestName), sum.Epoch)
	}
	if r.at.BestEpoch == r.at.Epoch && r.at.Batch == 0 {
		// The epoch that has just ended is the best: its weights are those of the last checkpoint. A kill between the
		// writing of the two files leaves an older best one, or none.
		r.best = r.learner.copyWeights(nil)
		if err == nil {
			return nil
		}
		return r.saveBest()
	}
	if err == nil {
		return r.takeBest(s)
	}
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("train: resume: %w", err)
	}
	if sum != nil && sum.Epoch > r.at.BestEpoch {
		return nil // an older last checkpoint had to be taken: the epoch of the file will be reached again
	}
	r.note(BestLost, fmt.Sprintf("the weights of the best epoch so far, %d, are lost (%v): the best of the epochs from here on will be kept", r.at.BestEpoch, err))
	r.at.BestEpoch, r.at.BestTrain, r.at.BestVal = 0, nil, nil
	return nil
}

// takeBest copies the weights of the best checkpoint.
func (r *run) takeBest(s *checkpoint.State) error {
	now := r.learner.copyWeights(nil)
	if err := checkpoint.Assign(prefixed("", r.learner.tensors()), s, modelPrefix); err != nil {
		return fmt.Errorf("train: resume: %s: %w", r.folder.path(BestName), err)
	}
	r.best = r.learner.copyWeights(nil)
	r.learner.setWeights(now)
	return nil
}

func (r *run) note(kind WarningKind, text string) {
	r.warnings = append(r.warnings, Warning{Kind: kind, Text: text})
}
