package recipes

import (
	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/train"
)

// gritModel makes the configuration of a GRIT model one of a recipe.
type gritModel grit.Config

var _ graphConfiguration = (*gritModel)(nil)

func (m *gritModel) config() any     { return (*grit.Config)(m) }
func (m *gritModel) fillDefaults()   { *m = gritModel(grit.Config(*m).WithDefaults()) }
func (m *gritModel) validate() error { return grit.Config(*m).Validate() }
func (m *gritModel) forget()         { *m = gritModel{} }

func (m *gritModel) features() features.Config { return grit.Config(*m).Features() }

func (m *gritModel) setFeatures(f features.Config) {
	*m = gritModel(grit.Config(*m).WithFeatures(f))
}

func (m *gritModel) build(seed uint64) (nn.Model, error) { return grit.New(grit.Config(*m), seed) }

func (m *gritModel) data(source datasets.Source) (train.Data, error) {
	return grit.NewData(grit.Config(*m), source)
}
