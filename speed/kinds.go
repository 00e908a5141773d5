package speed

import (
	"fmt"
	"runtime"

	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/internal/simd"
)

// Names that other figures refer to, and units.
const (
	peakName    = "fma_peak"
	trainName   = "grit_zinc_train_step"
	flopsUnit   = "GFLOP/s"
	bytesUnit   = "GB/s"
	partUnit    = "fraction"
	tokensUnit  = "tokens/s"
	imagesUnit  = "images/s"
	megabyte    = 1e6
	millisecond = 1e3 // a second
)

// kinds returns all figures: first those that are timed, then those of processes of their own.
func kinds() []kind {
	where := fmt.Sprintf("%d processors, %s", runtime.GOMAXPROCS(0), simd.Active())
	list := []kind{
		{Entry: Entry{peakName, flopsUnit, "multiply-adds in registers, on all processors: the machine's peak"}, sample: fmaPeak, note: where},
		{Entry: Entry{"stream_triad", bytesUnit, "a = b + s*c over arrays that no cache holds"}, sample: triad, note: "3 arrays of 64 MiB"},
	}
	list = append(list, gemmKinds()...)
	list = append(list, kernelKinds()...)
	list = append(list, attentionKinds()...)
	list = append(list,
		kind{Entry: Entry{trainName, "ms", "GRIT on ZINC: a training step on 32 molecules"},
			sample: func(w *workshop) (func() float64, error) { return w.gritSteps(grit.ZINC(), (*trainer).train) }},
		kind{Entry: Entry{"grit_zinc_train_fraction_of_peak", partUnit, "its matrix products per second over fma_peak"},
			needs: []string{trainName, peakName}, derive: fractionOfPeak},
		kind{Entry: Entry{"grit_zinc_forward", "ms", "GRIT on ZINC: an evaluation pass over 32 molecules"},
			sample: func(w *workshop) (func() float64, error) { return w.gritSteps(grit.ZINC(), (*trainer).evaluate) }},
		kind{Entry: Entry{"gps_zinc_train_step", "ms", "GraphGPS on ZINC: a training step on 32 molecules"},
			sample: func(*workshop) (func() float64, error) { return gpsSteps(gps.ZINC(), (*trainer).train) }},
		kind{Entry: Entry{"gps_zinc_forward", "ms", "GraphGPS on ZINC: an evaluation pass over 32 molecules"},
			sample: func(*workshop) (func() float64, error) { return gpsSteps(gps.ZINC(), (*trainer).evaluate) }},
		kind{Entry: Entry{"rrwp_zinc12k", "s", "random-walk encodings of 12,000 molecules, batch by batch"}, sample: walks},
	)
	list = append(list, tableKinds()...)
	list = append(list, imageKinds()...)
	return append(list, soloKinds()...)
}
