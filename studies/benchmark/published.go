package benchmark

import (
	"math"
	"slices"

	"github.com/graft-ml/graft/datasets"
)

// Figure is a published result of a model on a data set.
type Figure struct {
	Dataset string
	// Protocol is the rule that cut the data set; figures of different ones cannot be compared.
	Protocol datasets.Protocol
	// Title names the model as its paper does.
	Title string
	// Models are those of [Models] that it is a figure of; none where there is no such model.
	Models []string
	// Metric is the name of the metric in train; accuracies are parts of one.
	Metric string
	// Value is the mean, Spread its standard deviation, 0 where the source has none.
	Value, Spread float64
	// Parameters is the budget that the figure was reached with, roughly; 0 where it is not known.
	Parameters int
	// Note says how it was measured.
	Note string
	// Source says where it stands.
	Source string
}

// Published lists the published figures of a data set under a protocol, best first; none
// where none are known. They are for orientation: each was reached with the budget and the
// features of its paper, which a grid need not have.
func Published(dataset string, protocol datasets.Protocol) []Figure {
	var found []Figure
	lower := false
	for _, t := range collected {
		if t.dataset != dataset || t.protocol != protocol {
			continue
		}
		lower = lower || t.metric == "mae" || t.metric == "rmse"
		for _, f := range t.figures {
			unit := 1.0
			if t.percent {
				unit = 100
			}
			found = append(found, Figure{
				Dataset: dataset, Protocol: protocol, Title: f.title, Models: slices.Clone(f.models), Metric: t.metric,
				Value: f.value / unit, Spread: f.spread / unit, Parameters: t.parameters, Note: t.note, Source: t.source,
			})
		}
	}
	slices.SortStableFunc(found, func(a, b Figure) int {
		switch {
		case a.Value == b.Value:
			return 0
		case (a.Value < b.Value) == lower:
			return -1
		}
		return 1
	})
	return found
}

// Published gives the published figure of the row's model, under its protocol and by its
// metric: of several the one whose budget of parameters is nearest. It is nil where none is
// known.
func (r Row) Published() *Figure {
	var nearest *Figure
	off := math.Inf(1)
	for _, f := range Published(r.Dataset, r.Protocol) {
		if f.Metric != r.Metric || !slices.Contains(f.Models, r.Model) {
			continue
		}
		d := math.MaxFloat64 // where the budget is not known
		if f.Parameters > 0 && r.Parameters > 0 {
			d = math.Abs(math.Log(float64(f.Parameters) / float64(r.Parameters)))
		}
		if d < off {
			nearest, off = &f, d
		}
	}
	return nearest
}
