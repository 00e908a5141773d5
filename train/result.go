package train

import "context"

// Result is the outcome of a run: the scores of the best epoch on all splits.
type Result struct {
	BestEpoch int `json:"bestEpoch"` // from 1; 0 when the run had no epochs
	// Train holds the scores that the log has for the best epoch. Empty when the run had no epochs.
	Train Scores `json:"train,omitempty"`
	// Val and Test were measured with the weights of the best epoch. Empty where the task has no such split.
	Val     Scores  `json:"val,omitempty"`
	Test    Scores  `json:"test,omitempty"`
	Epochs  int     `json:"epochs"`  // done
	Steps   int     `json:"steps"`   // done
	Seconds float64 `json:"seconds"` // the time it all took, over all sessions of a resumed run
}

// finish gives the model its best weights and measures them on the test split. The test split is looked at here, once,
// by the same code and with the same weights as a later [Evaluate] on the file of the best epoch: so both give the same
// number, to the last bit, and a resumed run needs to remember no test score.
func (r *run) finish(ctx context.Context) (*Result, error) {
	if r.best == nil { // no epoch at all, or the best of a run that is complete got lost: the weights at hand must do
		val, err := r.measure(ctx, r.task.Val)
		if err != nil {
			return nil, err
		}
		r.at.BestEpoch, r.at.BestTrain, r.at.BestVal = r.at.Epoch, nil, val
		r.best = r.learner.copyWeights(nil)
		if r.folder != nil {
			if err := r.saveBest(); err != nil {
				return nil, err
			}
		}
	}
	r.unsaved = false // what the model has from here on is not the state that the run would go on from
	r.learner.setWeights(r.best)
	test, err := r.measure(ctx, r.task.Test)
	if err != nil {
		return nil, err
	}
	r.tick()
	return &Result{
		BestEpoch: r.at.BestEpoch, Train: r.at.BestTrain, Val: r.at.BestVal, Test: test,
		Epochs: r.at.Epoch, Steps: r.at.Step, Seconds: float64(r.at.Seconds),
	}, nil
}
