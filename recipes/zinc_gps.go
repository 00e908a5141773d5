package recipes

import "github.com/graft-ml/graft/graphs/gps"

// ZINCGPS is the row ZINC of the GraphGPS paper's table of configurations, official file
// zinc-GPS+RWSE.yaml: published test MAE 0.070 ± 0.004.
func ZINCGPS() Recipe {
	r := gpsPreset("zinc-gps", "Penalised logP of 12,000 ZINC molecules, as in the GraphGPS paper (2,000 epochs)", "zinc", gps.ZINC())
	r.Loss, r.Metric = "l1", "mae"
	r.Schedule.Warmup = 50
	r.Train.Epochs = 2000
	return r
}

// ZINCGPSSmall is [ZINCGPS] cut down to a model of four layers of width 48, half of the
// molecules and thirty epochs.
func ZINCGPSSmall() Recipe {
	r := ZINCGPS()
	r.Name, r.Base = "zinc-gps-small", "zinc-gps-small"
	r.About = "Penalised logP learned from 5,000 molecules by a small GraphGPS; minutes on two cores"
	r.smaller(4, 48, "rwse:steps=20:width=20")
	r.Data.Train = 5000
	r.SetEpochs(30)
	return r
}
