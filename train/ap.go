package train

var _ Metric = AveragePrecision{}

// AveragePrecision is the area below the steps of the precision-recall curve: the sum over thresholds of precision
// times the recall gained, where scores that are equal pass a threshold together. Of several columns (tasks) it is the
// mean, over those that have both labels. Missing (NaN) labels are passed over. This is the measure of Peptides-func.
type AveragePrecision struct{}

// Name returns "ap".
func (AveragePrecision) Name() string { return "ap" }

// HigherIsBetter returns true.
func (AveragePrecision) HigherIsBetter() bool { return true }

// New returns a meter for scores and labels (0 or 1) of the same shape [rows, tasks]. It keeps all of them.
func (AveragePrecision) New() Meter {
	return &rankingMeter{name: "ap", column: averagePrecision}
}

func averagePrecision(sorted []labelled, positives int) float64 {
	var sum float64
	right, taken := 0, 0
	groups(sorted, func(positive, negative int) {
		right += positive
		taken += positive + negative
		sum += float64(positive) / float64(positives) * float64(right) / float64(taken)
	})
	return sum
}
