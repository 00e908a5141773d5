package baseline

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/optimize"
)

// matrix is rows of features, most of which are 0.
type matrix struct {
	ends  []int32 // of the rows, in index and value
	index []int32
	value []float32
}

// add sets a feature of the row that is being made.
func (m *matrix) add(index int, value float64) {
	if value != 0 {
		m.index, m.value = append(m.index, int32(index)), append(m.value, float32(value))
	}
}

// end ends a row.
func (m *matrix) end() { m.ends = append(m.ends, int32(len(m.index))) }

func (m *matrix) rows() int { return len(m.ends) }

// row gives where row k begins and ends.
func (m *matrix) row(k int) (from, to int32) {
	if k > 0 {
		from = m.ends[k-1]
	}
	return from, m.ends[k]
}

// dot is the product of row k with weights.
func (m *matrix) dot(k int, w []float64) float64 {
	sum := 0.0
	from, to := m.row(k)
	for i := from; i < to; i++ {
		sum += float64(m.value[i]) * w[m.index[i]]
	}
	return sum
}

// accumulate adds a multiple of row k to w.
func (m *matrix) accumulate(k int, w []float64, factor float64) {
	from, to := m.row(k)
	for i := from; i < to; i++ {
		w[m.index[i]] += factor * float64(m.value[i])
	}
}

// loss is what a fit makes small: it gives the mean loss of the examples under weights w and
// adds its gradient to grad, which is zero before.
type loss func(w, grad []float64) float64

// minimise finds the weights of least loss plus l2/2 times their squares, by L-BFGS from zero:
// the problem is convex, so that nothing need be drawn at random. ctx can end it.
func minimise(ctx context.Context, size int, f loss, l2 float64) ([]float64, error) {
	grad, last := make([]float64, size), make([]float64, size)
	value := math.NaN()
	at := func(w []float64) float64 {
		if floats.Equal(w, last) && !math.IsNaN(value) {
			return value
		}
		clear(grad)
		copy(last, w)
		value = f(w, grad) + l2/2*floats.Dot(w, w)
		floats.AddScaled(grad, l2, w)
		return value
	}
	problem := optimize.Problem{
		Func: at,
		Grad: func(into, w []float64) {
			at(w)
			copy(into, grad)
		},
		Status: func() (optimize.Status, error) {
			if err := ctx.Err(); err != nil {
				return optimize.Failure, err
			}
			return optimize.NotTerminated, nil
		},
	}
	settings := &optimize.Settings{GradientThreshold: 1e-4, MajorIterations: 100}
	result, err := optimize.Minimize(problem, make([]float64, size), settings, &optimize.LBFGS{})
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case result == nil, math.IsNaN(result.F), err != nil && floats.Norm(result.X, 2) == 0:
		return nil, fmt.Errorf("baseline: the fit of %d weights failed: %w", size, err)
	}
	// A line search that finds no better point where the gradient is almost nil has arrived.
	return result.X, nil
}
