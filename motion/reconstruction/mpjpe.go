package reconstruction

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train"
)

var _ train.Metric = MPJPE{}

// MPJPE is the mean per joint position error as a metric of training: the mean, over frames and joints, of the distance
// between where a joint is and where it came back, in millimetres where the unit of the clips is known. Predictions and
// targets are standardised places [frames * joints, 3]; a joint without a target (NaN) does not count.
type MPJPE struct {
	Moments motion.Moments // that places are standardised by
	// Unit is the metres of the clips' unit of length; 0 means that nobody knows, and distances are in that unit.
	Unit float64
}

// MPJPEOf is the metric of a model on clips, which must agree in their unit of length. The error names one that does not.
func MPJPEOf(m *tokenizer.Model, clips []*motion.Clip) (MPJPE, error) {
	metric := MPJPE{Moments: m.Moments()}
	for k, c := range clips {
		if k == 0 {
			metric.Unit = c.Unit
		}
		if c.Unit != metric.Unit {
			return metric, &motion.ClipError{Clip: c.Name, Frame: -1, Reason: fmt.Sprintf("its unit is %g metres, and that of clip %q is %g", c.Unit, clips[0].Name, metric.Unit),
				Hint: "bring all clips to one unit"}
		}
	}
	return metric, nil
}

// Name returns "mpjpe mm", or "mpjpe" where the unit is not known.
func (m MPJPE) Name() string {
	if m.Unit > 0 {
		return "mpjpe mm"
	}
	return "mpjpe"
}

// HigherIsBetter returns false.
func (MPJPE) HigherIsBetter() bool { return false }

// New returns a meter for predictions and targets [frames * joints, 3].
func (m MPJPE) New() train.Meter { return &meter{metric: m, scale: millimetres(m.Unit)} }

// millimetres is what lengths of a unit are multiplied by.
func millimetres(unit float64) float64 {
	if unit > 0 {
		return 1000 * unit
	}
	return 1
}

// meter sums distances joint after joint.
type meter struct {
	metric     MPJPE
	scale      float64
	sum, count float64
}

// Add takes a batch.
func (m *meter) Add(pred, target *tensor.Tensor) {
	std := m.metric.Moments.Std
	if pred.Cols() != 3 || target.Cols() != 3 || pred.Rows() != target.Rows() || pred.Rows()%m.metric.Moments.Joints() != 0 {
		panic(fmt.Sprintf("reconstruction: MPJPE: predictions %v and targets %v, want [frames * %d, 3] both", pred.Shape(), target.Shape(), m.metric.Moments.Joints()))
	}
	for r := range target.Rows() {
		if noTarget(target.Row(r)) {
			continue
		}
		at, square := r*3%len(std), 0.0
		for i, t := range target.Row(r) {
			d := (float64(pred.Row(r)[i]) - float64(t)) * float64(std[at+i])
			square += d * d
		}
		m.sum += math.Sqrt(square) * m.scale
		m.count++
	}
}

// noTarget tells a place that is missing.
func noTarget(target []float32) bool {
	for _, t := range target {
		if t != t {
			return true
		}
	}
	return false
}

// Value is the mean distance.
func (m *meter) Value() float64 { return m.sum / m.count }

// State is the sum and the number of joints.
func (m *meter) State() []float64 { return []float64{m.sum, m.count} }

// Restore takes a state back.
func (m *meter) Restore(state []float64) error {
	if len(state) != 2 {
		return fmt.Errorf("reconstruction: a state of %d numbers is none of MPJPE, which has 2", len(state))
	}
	m.sum, m.count = state[0], state[1]
	return nil
}
