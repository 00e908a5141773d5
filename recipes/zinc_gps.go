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

// ZINCGPSSmall is [ZINCGPS] cut down to a model of four layers of width 48, a quarter of
// the molecules and ten epochs.
func ZINCGPSSmall() Recipe {
	r := ZINCGPS()
	r.Name, r.Base = "zinc-gps-small", "zinc-gps-small"
	r.About = "Penalised logP learned from 2,500 molecules by a small GraphGPS; minutes on two cores"
	c := &r.Model.GPS
	c.Layers, c.Width, c.AttentionDropout, c.Positions = 4, 48, 0.2, "rwse:steps=20:width=20"
	r.Data.Train = 2500
	r.SetEpochs(20)
	return r
}
