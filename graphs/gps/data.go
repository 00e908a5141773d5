package gps

import (
	"github.com/graft-ml/graft/encodings/joined"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/graphs/features"
)

// Data makes batches of the graphs of a source, for training, evaluation and prediction: its Prepare returns a *[Batch].
// It is safe for concurrent use where the source is.
type Data = features.Data

// cacheBytes is the most that the data of a source keeps of eigenvectors and probabilities of walks. Those of all of
// ZINC take 25 MB, those of PATTERN 90.
const cacheBytes = 256 << 20

// NewData returns the data of source for models with configuration c. What Positions want of a graph is computed when it
// is first prepared and kept, up to 256 MB; source must give the same graph for a number at all times.
func NewData(c Config, source graphs.Source) (*Data, error) {
	m, err := newMaker(c, joined.NewCache(cacheBytes))
	if err != nil {
		return nil, err
	}
	return features.NewData("gps", source, func() features.Filler { return m.empty() }), nil
}
