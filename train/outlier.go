package train

import "math"

const (
	outlierWindow = 128 // steps that a new value is compared with
	outlierAt     = 6   // standard deviations from which a value is worth a warning
)

// outliers tells how far values lie from those before them. The zero value has seen none.
type outliers struct {
	values [outlierWindow]float64 // a ring: the n-th value ever added is at n mod outlierWindow
	n      int
	worst  float64 // the largest deviation since the epoch began, with its sign
}

// add takes the value of a step and returns its distance from the mean of the 128 before in units of their standard
// deviation, 0 as long as there are fewer or where they are all equal.
func (o *outliers) add(x float64) float64 {
	z := 0.0
	if o.n >= outlierWindow {
		z = o.score(x)
	}
	o.values[o.n%outlierWindow] = x
	o.n++
	if math.Abs(z) > math.Abs(o.worst) {
		o.worst = z
	}
	return z
}

func (o *outliers) score(x float64) float64 {
	var sum, squares float64
	for _, v := range o.values {
		sum += v
	}
	mean := sum / outlierWindow
	for _, v := range o.values {
		squares += (v - mean) * (v - mean)
	}
	if squares == 0 {
		return 0
	}
	return (x - mean) / math.Sqrt(squares/outlierWindow)
}

// state returns all that outliers knows as numbers: for checkpoints.
func (o *outliers) state() []float64 {
	return append([]float64{float64(o.n), o.worst}, o.values[:]...)
}

// restore undoes state and tells whether the numbers can be a state.
func (o *outliers) restore(state []float64) bool {
	if len(state) != 2+outlierWindow || !(state[0] >= 0) || state[0] > 1<<53 {
		return false
	}
	o.n, o.worst = int(state[0]), state[1]
	copy(o.values[:], state[2:])
	return true
}
