package expressivity

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
)

// hotelling is mean' pinv(S) mean for the rows of values [rows, width], S being their unbiased covariance: Hotelling's
// T^2 without the number of rows in front, as BREC has it.
//
// The pseudo-inverse leaves directions out in which the rows hardly spread, those whose variance is below width times
// the rounding of float32 as a part of the largest, as torch.linalg.pinv does. Where rows do not differ at all, so that
// nothing would be left, the distance is the largest number there is unless the mean is 0. It is NaN where a value is
// not finite.
func hotelling(values []float64, width int) float64 {
	rows := mat.NewDense(len(values)/width, width, values)
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return math.NaN()
		}
	}
	mean := make([]float64, width)
	for c := range mean {
		mean[c] = stat.Mean(mat.Col(nil, c, rows), nil)
	}
	var s mat.SymDense
	stat.CovarianceMatrix(&s, rows, nil)
	var e mat.EigenSym
	if !e.Factorize(&s, true) {
		return math.NaN() // not seen of finite values
	}
	variances := e.Values(nil) // ascending
	var directions mat.Dense
	e.VectorsTo(&directions)
	most := variances[width-1]
	if !(most > 0) {
		if mat.Norm(mat.NewVecDense(width, mean), math.Inf(1)) == 0 {
			return 0
		}
		return math.MaxFloat64
	}
	const rounding = 0x1p-23
	sum := 0.0
	for k, v := range variances {
		if v > float64(width)*rounding*most {
			along := mat.Dot(directions.ColView(k), mat.NewVecDense(width, mean))
			sum += along * along / v
		}
	}
	return sum
}
