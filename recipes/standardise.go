package recipes

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/graphs"
)

// standardise makes the targets of a named data set ones of mean 0 and deviation 1 over
// its training split, and of d a recipe that reports in the units of the data. known is
// the schema of a run that is taken up again, or nil.
func (d *graphData) standardise(known *files.Schema) error {
	s := known
	if s == nil {
		var err error
		if s, err = targetsOf(d.set); err != nil {
			return err
		}
	}
	if len(s.Targets) != d.set.Info.Targets {
		return fmt.Errorf("recipes: %s has %d targets, the schema of the run has %d: the run is of another data set", d.set.Name, d.set.Info.Targets, len(s.Targets))
	}
	set := *d.set
	set.Train, set.Val, set.Test = standardised{set.Train, s.Targets}, standardised{set.Val, s.Targets}, standardised{set.Test, s.Targets}
	d.set, d.schema = &set, s
	return nil
}

// targetsOf measures the targets of the training split, as far as Limit has left it.
func targetsOf(set *datasets.Set) (*files.Schema, error) {
	columns := make([][]float64, set.Info.Targets)
	for i := range set.Train.Len() {
		g, err := set.Train.Graph(i)
		if err != nil {
			return nil, err
		}
		for k, y := range g.Target {
			if !math.IsNaN(float64(y)) {
				columns[k] = append(columns[k], float64(y))
			}
		}
	}
	s := &files.Schema{Version: files.SchemaVersion, Task: files.Regression}
	for k, column := range columns {
		t := files.Target{Name: "y"}
		if len(columns) > 1 {
			t.Name = fmt.Sprintf("y%d", k)
		}
		if len(column) == 0 {
			return nil, errors.New("recipes: " + set.Name + ": no training graph has target " + t.Name + ", which cannot be standardised: set data.standardise to false")
		}
		t.Mean, t.SD = stat.PopMeanStdDev(column, nil)
		if !(t.SD > 0) {
			t.SD = 1 // all are the same
		}
		s.Targets = append(s.Targets, t)
	}
	return s, nil
}

// standardised hands out graphs with their targets in standard deviations from the mean.
type standardised struct {
	datasets.Source
	targets []files.Target
}

// Graph gives a copy, for what a source gives must not be changed.
func (s standardised) Graph(i int) (*graphs.Graph, error) {
	g, err := s.Source.Graph(i)
	if err != nil {
		return nil, err
	}
	c := *g
	c.Target = make([]float32, len(g.Target))
	for k, y := range g.Target {
		c.Target[k] = float32((float64(y) - s.targets[k].Mean) / s.targets[k].SD)
	}
	return &c, nil
}
