package train

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

func TestUnitsAndColumns(t *testing.T) {
	pred := tensor.FromSlice([]float32{0, 1, 2, -1}, 2, 2)
	target := tensor.FromSlice([]float32{1, 1, float32(math.NaN()), 1}, 2, 2)
	units := Units{Metric: MAE{}, Mean: []float64{5, 100}, SD: []float64{2, 10}}
	for _, c := range []struct {
		metric Metric
		name   string
		want   float64
	}{
		{units, "mae", (2 + 0 + 20) / 3.0},
		{Units{Metric: RMSE{}, Mean: units.Mean, SD: units.SD}, "rmse", math.Sqrt((4 + 0 + 400) / 3.0)},
		{Column{Metric: MAE{}, Index: 1, Title: "mass"}, "mae mass", 1},
		{Column{Metric: Units{Metric: MAE{}, Mean: []float64{100}, SD: []float64{10}}, Index: 1, Title: "mass"}, "mae mass", 10},
		{Column{Metric: ROCAUC{}, Index: 0, Title: "x"}, "rocauc x", math.NaN()},
	} {
		m := c.metric.New()
		m.Add(pred, target)
		if got := m.Value(); math.Abs(got-c.want) > 1e-6 || got != got != (c.want != c.want) || c.metric.Name() != c.name {
			t.Errorf("%s is %v, want %s of %v", c.metric.Name(), got, c.name, c.want)
		}
		again := c.metric.New()
		if err := again.Restore(m.State()); err != nil {
			t.Fatal(err)
		}
		more := func(m Meter) float64 {
			m.Add(tensor.FromSlice([]float32{3, 3}, 1, 2), tensor.FromSlice([]float32{0, 1}, 1, 2))
			return m.Value()
		}
		if a, b := more(m), more(again); a != b && a == a {
			t.Errorf("%s: %v, after Restore %v", c.name, a, b)
		}
		if (c.metric.HigherIsBetter()) != (c.name == "rocauc x") {
			t.Errorf("%s: the wrong direction", c.name)
		}
	}
}

func TestUnitsPanic(t *testing.T) {
	one, two := tensor.New(3, 1), tensor.New(3, 2)
	for want, f := range map[string]func(){
		"train: Units: predictions of shape [3 1] and targets of shape [3 1], expected 2 columns": func() { Units{Metric: MAE{}, Mean: []float64{0, 0}, SD: []float64{1, 1}}.New().Add(one, one) },
		"train: Column: column 2 of predictions of shape [3 2]":                                   func() { Column{Metric: MAE{}, Index: 2}.New().Add(two, two) },
		"train: Column: predictions of shape [3 1] do not fit targets of shape [3 2]":             func() { Column{Metric: MAE{}}.New().Add(one, two) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %s", got, want)
				}
			}()
			f()
		}()
	}
}
