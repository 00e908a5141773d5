package recipes

import (
	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// gpsModel makes the configuration of a GraphGPS model one of a recipe.
type gpsModel gps.Config

var _ graphConfiguration = (*gpsModel)(nil)

func (m *gpsModel) config() any     { return (*gps.Config)(m) }
func (m *gpsModel) fillDefaults()   { *m = gpsModel(gps.Config(*m).WithDefaults()) }
func (m *gpsModel) validate() error { return gps.Config(*m).Validate() }
func (m *gpsModel) forget()         { *m = gpsModel{} }

func (m *gpsModel) features() features.Config { return gps.Config(*m).Features() }

func (m *gpsModel) setFeatures(f features.Config) {
	*m = gpsModel(gps.Config(*m).WithFeatures(f))
}

func (m *gpsModel) build(seed uint64) (nn.Model, error) { return gps.New(gps.Config(*m), seed) }

func (m *gpsModel) data(source datasets.Source) (train.Data, error) {
	return gps.NewData(gps.Config(*m), source)
}

// gpsPreset begins a preset with a GraphGPS model.
func gpsPreset(name, about, set string, c gps.Config) Recipe {
	r := preset(name, about)
	r.Data.Name = set
	r.Model = Model{Kind: GPS, GPS: c.WithDefaults()}
	return r
}
