package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
	"github.com/graft-ml/graft/tensor"
)

// batch is a call of Meter.Add: rows of predictions and of targets.
type batch struct {
	pred, target []float32
	cols         int // of the predictions; the targets have as many, or one
	classes      bool
}

func (b batch) tensors() (pred, target *tensor.Tensor) {
	rows := len(b.pred) / b.cols
	if b.classes {
		return tensor.FromSlice(b.pred, rows, b.cols), tensor.FromSlice(b.target, rows)
	}
	return tensor.FromSlice(b.pred, rows, b.cols), tensor.FromSlice(b.target, rows, b.cols)
}

var nan32 = float32(math.NaN())

func TestMetrics(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name    string
		metric  Metric
		batches []batch
		want    float64
	}{
		// The mean of the batch means would be (1 + 4) / 2.
		{"MAE, short last batch", MAE{}, []batch{{[]float32{1, 2, 3}, []float32{2, 2, 5}, 1, false}, {[]float32{0}, []float32{-4}, 1, false}}, 7.0 / 4},
		{"MAE, columns and a missing target", MAE{}, []batch{{[]float32{1, 2, 3, 4}, []float32{1, nan32, 5, 5}, 2, false}}, 1},
		{"MAE of nothing", MAE{}, nil, nan},
		{"RMSE", RMSE{}, []batch{{[]float32{1, 2, 3}, []float32{2, 2, 5}, 1, false}, {[]float32{0}, []float32{-4}, 1, false}}, math.Sqrt(21.0 / 4)},
		{"accuracy, the first of equals", Accuracy{}, []batch{{[]float32{1, 3, 2, 5, 5, 1, 0, 0, 9, nan32, 1, 0}, []float32{1, 0, 1, 1}, 3, true}}, 0.5},
		{"accuracy, one logit", Accuracy{}, []batch{{[]float32{0.1, -0.1, 0, nan32, 7}, []float32{1, 0, 1, 0, nan32}, 1, true}}, 0.5},
		{"accuracy, shares", Accuracy{}, []batch{{[]float32{1, 3, 2, 5, 5, 1, 0, 0, 9, 3, 1, 0}, []float32{0, 0.6, 0.4, 0.5, 0, 0.5, 0.9, 0, 0.1, 1, nan32, 0}, 3, false}}, 2.0 / 3},
		{"accuracy of nothing", Accuracy{}, nil, nan},
		// Class 0: 2 of 3, class 2: 1 of 1; class 1 is only predicted, class 3 does not occur.
		{"weighted accuracy", WeightedAccuracy{}, []batch{{[]float32{9, 0, 0, 0, 0, 9, 0, 0, 9, 0, 0, 0, 0, 0, 9, 0}, []float32{0, 0, 0, 2}, 4, true}}, (2.0/3 + 1) / 3},
		{"weighted accuracy over batches", WeightedAccuracy{}, []batch{{[]float32{1, -1}, []float32{1, 1}, 1, true}, {[]float32{-1, -1, 1}, []float32{0, 0, 0}, 1, true}}, (1.0/2 + 2.0/3) / 2},
		{"weighted accuracy of nothing", WeightedAccuracy{}, nil, nan},
		// Thresholds 3 (precision 1, recall 1/3) and 1 (precision 3/5, recall 1).
		{"AP with ties", AveragePrecision{}, []batch{{[]float32{1, 3, 1}, []float32{1, 1, 0}, 1, false}, {[]float32{1, 1}, []float32{1, 0}, 1, false}}, 1.0/3 + 2.0/3*3/5},
		{"AP without ties", AveragePrecision{}, []batch{{[]float32{4, 3, 2, 1}, []float32{1, 0, 1, 0}, 1, false}}, 0.5 + 0.5*2/3},
		{"AP of all alike", AveragePrecision{}, []batch{{[]float32{2, 2, 2, 2}, []float32{1, 0, 0, 0}, 1, false}}, 0.25},
		// Column 0: 1. Column 1 has one kind of label only. Column 2: 1/2.
		{"AP, mean of the columns with both labels", AveragePrecision{}, []batch{
			{[]float32{1, 1, 9, 0, 0, 5}, []float32{1, 1, 0, 0, nan32, 1}, 3, false}}, (1 + 0.5) / 2},
		{"AP of one kind of label", AveragePrecision{}, []batch{{[]float32{1, 2}, []float32{1, 1}, 1, false}}, nan},
		{"AP of NaN", AveragePrecision{}, []batch{{[]float32{nan32, 2}, []float32{1, 0}, 1, false}}, nan},
		{"AP of nothing", AveragePrecision{}, nil, nan},
		// Pairs (positive, negative): 3-1 3-1 1-1 1-1 1-1 1-1 and the same score counts one half.
		{"ROC-AUC with ties", ROCAUC{}, []batch{{[]float32{1, 3, 1, 1, 1}, []float32{1, 1, 0, 1, 0}, 1, false}}, (2 + 4*0.5) / 6},
		{"ROC-AUC without ties", ROCAUC{}, []batch{{[]float32{4, 3, 2, 1}, []float32{1, 0, 1, 0}, 1, false}}, 0.75},
		{"ROC-AUC the wrong way round", ROCAUC{}, []batch{{[]float32{4, 3}, []float32{0, 1}, 1, false}}, 0},
		{"ROC-AUC of nothing", ROCAUC{}, nil, nan},
	} {
		m := c.metric.New()
		for _, b := range c.batches {
			m.Add(b.tensors())
		}
		if got := m.Value(); math.Abs(got-c.want) > 1e-15 || (got != got) != (c.want != c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// TestGoldenAccuracy compares with the official accuracy of PATTERN and CLUSTER.
func TestGoldenAccuracy(t *testing.T) {
	for _, c := range golden.Files(t, "grit", "losses") {
		for _, name := range c.Names() {
			prefix, ok := strings.CutSuffix(name, ".value")
			if !ok || !strings.HasPrefix(name, "acc_") {
				if !strings.HasPrefix(name, "acc_") {
					c.Ignore(name, "a loss, which belongs to package nn")
				}
				continue
			}
			pred, target := c.Ints(prefix+".pred"), c.Ints(prefix+".true")
			scores, ids := tensor.New(len(pred), int(slices.Max(pred))+1), tensor.New(len(target))
			for i := range pred {
				scores.Set(1, i, int(pred[i]))
				ids.Set(float32(target[i]), i)
			}
			m := WeightedAccuracy{}.New()
			m.Add(scores, ids)
			c.CompareFloat64s(t, name, []float64{m.Value()}, 1e-12)
		}
	}
}

// randomBatch makes a batch that suits the metric: few different scores, so that there are ties.
func randomBatch(m Metric, rng *rand.Rand, rows int) (pred, target *tensor.Tensor) {
	cols := 3
	pred, target = tensor.New(rows, cols), tensor.New(rows, cols)
	switch m.(type) {
	case Accuracy, WeightedAccuracy:
		target = tensor.New(rows)
	}
	for i := range pred.Data() {
		pred.Data()[i] = float32(rng.IntN(6)) / 3
	}
	for i := range target.Data() {
		target.Data()[i] = float32(rng.IntN(2))
		if rng.IntN(10) == 0 {
			target.Data()[i] = nan32
		}
	}
	return pred, target
}

// TestMeterState: a meter restored in the middle goes on as if nothing had happened, and its state survives a file.
func TestMeterState(t *testing.T) {
	for _, metric := range allMetrics() {
		rng := rand.New(rand.NewPCG(5, 5))
		straight, broken := metric.New(), metric.New()
		for i := 0; i < 20; i++ {
			p, y := randomBatch(metric, rng, rng.IntN(9))
			straight.Add(p, y)
			state := unpackFloats(packFloats(broken.State()))
			broken = metric.New()
			if err := broken.Restore(state); err != nil {
				t.Fatalf("%s: %v", metric.Name(), err)
			}
			broken.Add(p, y)
			if a, b := straight.Value(), broken.Value(); a != b && a == a {
				t.Fatalf("%s: %v, restored after each batch %v", metric.Name(), a, b)
			}
		}
		bad := [][]float64{{1, 2, 3, 4, 5}, {-1}, {math.NaN()}, {math.Inf(1)}, {2, 3, 1, 1}, {1}}
		if _, ok := straight.(*rankingMeter); ok {
			bad = append(bad, nil, []float64{1, 1e300}, []float64{1, 0.5}, []float64{0.5, 0})
		}
		for _, bad := range bad {
			if err := metric.New().Restore(bad); err == nil || !strings.Contains(err.Error(), metric.Name()) {
				t.Errorf("%s: the state %v is taken (%v)", metric.Name(), bad, err)
			}
		}
	}
}

// TestRankingAgainstPairs compares with the definitions, written out over pairs and thresholds.
func TestRankingAgainstPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for trial := 0; trial < 200; trial++ {
		n := 2 + rng.IntN(30)
		scores, labels := make([]float32, n), make([]float32, n)
		var positives int
		for i := range scores {
			scores[i] = float32(rng.IntN(8))
			labels[i] = float32(rng.IntN(2))
			positives += int(labels[i])
		}
		if positives == 0 || positives == n {
			continue
		}
		var auc, ap float64
		for i := range scores {
			if labels[i] != 1 {
				continue
			}
			var above, right float64 // rows with at least this score, and the positive ones among them
			for j := range scores {
				if scores[j] >= scores[i] {
					above++
					right += float64(labels[j])
				}
				if labels[j] == 0 && scores[i] > scores[j] {
					auc++
				}
				if labels[j] == 0 && scores[i] == scores[j] {
					auc += 0.5
				}
			}
			ap += right / above / float64(positives)
		}
		auc /= float64(positives * (n - positives))
		for want, metric := range map[float64]Metric{ap: AveragePrecision{}, auc: ROCAUC{}} {
			m := metric.New()
			m.Add(tensor.FromSlice(scores, n, 1), tensor.FromSlice(labels, n, 1))
			if got := m.Value(); math.Abs(got-want) > 1e-12 {
				t.Fatalf("%s: %v, by definition %v", metric.Name(), got, want)
			}
		}
	}
}

func TestParseMetric(t *testing.T) {
	for _, name := range MetricNames() {
		if m, err := ParseMetric(name); err != nil || m.Name() != name {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	if _, err := ParseMetric("acuracy"); err == nil || !strings.Contains(err.Error(), `did you mean "accuracy"?`) {
		t.Errorf("error %v", err)
	}
}

func TestMetricPanics(t *testing.T) {
	of := func(shape ...int) *tensor.Tensor { return tensor.New(shape...) }
	filled := func(v float32, shape ...int) *tensor.Tensor {
		x := tensor.New(shape...)
		x.Fill(v)
		return x
	}
	for _, c := range []struct {
		metric       Metric
		pred, target *tensor.Tensor
		want         string
	}{
		{MAE{}, of(3, 1), of(4, 1), "train: mae: predictions of shape [3 1] do not fit targets of shape [4 1]"},
		{RMSE{}, of(3, 2), of(3), "train: rmse: predictions of shape [3 2] do not fit targets of shape [3]"},
		{Accuracy{}, of(3, 2), of(3, 3), "train: accuracy: predictions of shape [3 2] need one class id per row, the targets have shape [3 3]"},
		{Accuracy{}, of(3, 2), filled(0.5, 3), "train: accuracy: target 0.5 of row 0 is no class id"},
		{WeightedAccuracy{}, of(3, 2), filled(-1, 3), "train: accuracy-SBM: target -1 of row 0 is no class id"},
		{WeightedAccuracy{}, of(3, 2), filled(float32(math.Inf(1)), 3), "train: accuracy-SBM: target +Inf of row 0 is no class id"},
		{AveragePrecision{}, of(3, 2), filled(2, 3, 2), "train: ap: target 2 of row 0, column 0 is no label"},
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, c.want) {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.metric.New().Add(c.pred, c.target)
		}()
	}
}
