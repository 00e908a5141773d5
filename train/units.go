package train

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

var (
	_ Metric = Units{}
	_ Metric = Column{}
)

// Units measures in the units that targets had before they were standardised: what a model predicts and is compared with
// is (y-Mean)/SD, column by column; the metric is of y.
type Units struct {
	Metric   Metric
	Mean, SD []float64 // [columns]
}

// Name returns the metric's.
func (u Units) Name() string { return u.Metric.Name() }

// HigherIsBetter returns the metric's.
func (u Units) HigherIsBetter() bool { return u.Metric.HigherIsBetter() }

// New returns a meter for predictions and targets with a column for each of Mean and SD.
func (u Units) New() Meter { return &unitsMeter{Meter: u.Metric.New(), units: u} }

type unitsMeter struct {
	Meter
	units        Units
	pred, target *tensor.Tensor
}

// Add takes the values back to their units and hands them on.
func (m *unitsMeter) Add(pred, target *tensor.Tensor) {
	if n := len(m.units.Mean); len(m.units.SD) != n || pred.Cols() != n || target.Cols() != n {
		panic(fmt.Sprintf("train: Units: predictions of shape %v and targets of shape %v, expected %d columns", pred.Shape(), target.Shape(), n))
	}
	m.pred, m.target = m.units.back(m.pred, pred), m.units.back(m.target, target)
	m.Meter.Add(m.pred, m.target)
}

// back writes x*SD+Mean into a tensor that is used again if it fits.
func (u Units) back(into, x *tensor.Tensor) *tensor.Tensor {
	into = sameSize(into, x.Rows(), x.Cols())
	cols := x.Cols()
	for i, v := range x.Data() {
		into.Data()[i] = float32(float64(v)*u.SD[i%cols] + u.Mean[i%cols])
	}
	return into
}

// sameSize returns a tensor of rows and columns, t if it is one.
func sameSize(t *tensor.Tensor, rows, cols int) *tensor.Tensor {
	if t == nil || t.Rows() != rows || t.Cols() != cols {
		return tensor.New(rows, cols)
	}
	return t
}

// Column is a metric of one column of predictions and targets.
type Column struct {
	Metric Metric
	Index  int    // from 0
	Title  string // of the column, for the name
}

// Name returns the metric's and the column's, "rmse solubility".
func (c Column) Name() string { return c.Metric.Name() + " " + c.Title }

// HigherIsBetter returns the metric's.
func (c Column) HigherIsBetter() bool { return c.Metric.HigherIsBetter() }

// New returns a meter for predictions and targets that have the column.
func (c Column) New() Meter { return &columnMeter{Meter: c.Metric.New(), index: c.Index} }

type columnMeter struct {
	Meter
	index        int
	pred, target *tensor.Tensor
}

// Add hands the column on.
func (m *columnMeter) Add(pred, target *tensor.Tensor) {
	if rows, cols := pairShapes("Column", pred, target); rows > 0 && m.index >= cols {
		panic(fmt.Sprintf("train: Column: column %d of predictions of shape %v", m.index, pred.Shape()))
	}
	m.pred, m.target = m.take(m.pred, pred), m.take(m.target, target)
	m.Meter.Add(m.pred, m.target)
}

func (m *columnMeter) take(into, x *tensor.Tensor) *tensor.Tensor {
	into = sameSize(into, x.Rows(), 1)
	for r := range x.Rows() {
		into.Data()[r] = x.Row(r)[m.index]
	}
	return into
}
