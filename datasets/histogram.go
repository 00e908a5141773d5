package datasets

import "math"

// Histogram counts values in bins of one width: bin k holds the values from
// Low + k*Width up to, but without, Low + (k+1)*Width.
type Histogram struct {
	Low    float64 `json:"low"`
	Width  float64 `json:"width"`
	Counts []int   `json:"counts"`
}

// Bins that a histogram has at most: while values come, and at the end.
const (
	workingBins = 1 << 10
	finalBins   = 64
)

// bins is a histogram in the making whose range need not be known before. The
// width is a power of two and doubles when bins get too many, so that neither
// memory nor result depends on the number or order of the values.
type bins struct {
	power  int // the width is 2^power
	counts map[float64]int
}

// newBins starts with the width 2^power, the finest there will be.
func newBins(power int) *bins { return &bins{power, map[float64]int{}} }

// add counts a finite value.
func (b *bins) add(v float64) {
	b.counts[math.Floor(math.Ldexp(v, -b.power))]++
	for len(b.counts) > workingBins {
		b.double()
	}
}

func (b *bins) double() {
	wider := make(map[float64]int, len(b.counts))
	for k, n := range b.counts {
		wider[math.Floor(k/2)] += n
	}
	b.power, b.counts = b.power+1, wider
}

// histogram gives the counts in finalBins bins at most.
func (b *bins) histogram() Histogram {
	if len(b.counts) == 0 {
		return Histogram{}
	}
	for {
		low, high := math.Inf(1), math.Inf(-1)
		for k := range b.counts {
			low, high = min(low, k), max(high, k)
		}
		if high-low >= finalBins {
			b.double()
			continue
		}
		h := Histogram{Low: math.Ldexp(low, b.power), Width: math.Ldexp(1, b.power), Counts: make([]int, int(high-low)+1)}
		for k, n := range b.counts {
			h.Counts[int(k-low)] = n
		}
		return h
	}
}
