package train

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train/checkpoint"
)

// Summary says what a file of weights is: the model at the end of an epoch.
type Summary struct {
	Epoch  int    // from 1; 0 is the untrained model
	Train  Scores // as the log has them for the epoch
	Val    Scores // measured at the end of the epoch
	Config []byte // the configuration of the run, if it had one
	Schema []byte // its schema, if it had one
}

type storedSummary struct {
	Epoch int    `json:"epoch"`
	Train Scores `json:"train"`
	Val   Scores `json:"val"`
}

// saveBest writes the weights of the best epoch.
func (r *run) saveBest() error {
	text, err := json.Marshal(storedSummary{r.at.BestEpoch, r.at.BestTrain, r.at.BestVal})
	if err != nil {
		return fmt.Errorf("train: save: %w", err)
	}
	s := &checkpoint.State{Meta: r.meta(bestKind)}
	s.Meta[summaryKey] = string(text)
	for i, n := range prefixed(modelPrefix, r.learner.tensors()) {
		t := n.Tensor.Clone()
		copy(t.Data(), r.best[i])
		s.Tensors = append(s.Tensors, checkpoint.Named{Name: n.Name, Tensor: t})
	}
	if err := r.folder.checkpoints().Save(checkpoint.Best, s); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	return nil
}

// LoadWeights sets a model's parameters and buffers to those of a checkpoint, the best or the last of a run. The model
// must have exactly the tensors of the file; otherwise it is unchanged and the error lists all that differ.
func LoadWeights(path string, m nn.Module) (*Summary, error) {
	s, err := checkpoint.Read(path)
	if err != nil {
		return nil, fmt.Errorf("train: load weights: %w", err)
	}
	sum, err := summaryOf(s)
	if err == nil {
		err = checkpoint.Assign(prefixed("", nn.Collect(m).All()), s, modelPrefix)
	}
	if err != nil {
		return nil, fmt.Errorf("train: load weights: %s: %w", path, err)
	}
	return sum, nil
}

// summaryOf describes the weights of a checkpoint.
func summaryOf(s *checkpoint.State) (*Summary, error) {
	sum := &Summary{}
	if c, ok := s.Meta[configKey]; ok {
		sum.Config = []byte(c)
	}
	if s, ok := s.Meta[schemaKey]; ok {
		sum.Schema = []byte(s)
	}
	var err error
	switch s.Meta[kindKey] {
	case bestKind:
		var stored storedSummary
		err = json.Unmarshal([]byte(s.Meta[summaryKey]), &stored)
		sum.Epoch, sum.Train, sum.Val = stored.Epoch, stored.Train, stored.Val
	case lastKind:
		var at progress
		err = json.Unmarshal([]byte(s.Meta[progressKey]), &at)
		sum.Epoch = at.Epoch
		if at.BestEpoch == at.Epoch && at.Batch == 0 {
			sum.Train, sum.Val = at.BestTrain, at.BestVal
		}
	default:
		err = errors.New("the file is no checkpoint of a training run: name best.safetensors or last.safetensors of a run folder")
	}
	if err != nil {
		return nil, err
	}
	return sum, nil
}
