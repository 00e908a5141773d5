package train

var _ Metric = ROCAUC{}

// ROCAUC is the area below the receiver operating characteristic: the chance that a random positive row scores above
// a random negative one, equal scores counting one half. Of several columns (tasks) it is the mean, over those that
// have both labels. Missing (NaN) labels are passed over.
type ROCAUC struct{}

// Name returns "rocauc".
func (ROCAUC) Name() string { return "rocauc" }

// HigherIsBetter returns true.
func (ROCAUC) HigherIsBetter() bool { return true }

// New returns a meter for scores and labels (0 or 1) of the same shape [rows, tasks]. It keeps all of them.
func (ROCAUC) New() Meter {
	return &rankingMeter{name: "rocauc", column: rocAUC}
}

func rocAUC(sorted []labelled, positives int) float64 {
	var twice, above int // twice the number of pairs in the right order; positives above the group at hand
	groups(sorted, func(positive, negative int) {
		twice += negative * (2*above + positive)
		above += positive
	})
	return float64(twice) / 2 / float64(positives) / float64(len(sorted)-positives)
}
