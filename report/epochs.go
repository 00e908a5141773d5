package report

import (
	"fmt"

	"github.com/graft-ml/graft/train"
)

// LearningCurves gives the panels of a run's picture from its log: the loss of the
// training and validation splits, then each metric, then the losses of the model's own. The best epoch is marked.
func LearningCurves(title string, log []train.Entry) []Panel {
	if len(log) == 0 {
		return nil
	}
	best := 0
	for _, e := range log {
		if e.Best {
			best = e.Epoch
		}
	}
	var panels []Panel
	for _, score := range log[0].Train {
		panel := Panel{Title: title, XLabel: "epoch", YLabel: score.Name, LogY: score.Name == "loss",
			Mark: float64(best), MarkLabel: fmt.Sprintf("best epoch %d", best)}
		for _, split := range []struct {
			name   string
			scores func(train.Entry) train.Scores
		}{
			{"train", func(e train.Entry) train.Scores { return e.Train }},
			{"val", func(e train.Entry) train.Scores { return e.Val }},
			{"test", func(e train.Entry) train.Scores { return e.Test }},
		} {
			line := Line{Name: split.name}
			for _, e := range log {
				if s := split.scores(e); s.Has(score.Name) {
					line.Points = append(line.Points, Point{float64(e.Epoch), s.Value(score.Name)})
				}
			}
			if len(line.Points) > 0 {
				panel.Lines = append(panel.Lines, line)
			}
		}
		panels = append(panels, panel)
		title = "" // above the first panel only
	}
	return append(panels, ownLosses(log)...)
}

// ownLosses gives a panel for each loss of the model's own that the log has.
func ownLosses(log []train.Entry) []Panel {
	var panels []Panel
	at := map[string]int{}
	for _, e := range log {
		for _, s := range e.LossParts {
			k, ok := at[s.Name]
			if !ok {
				k = len(panels)
				at[s.Name] = k
				panels = append(panels, Panel{XLabel: "epoch", YLabel: "loss of " + s.Name, Lines: []Line{{Name: "train"}}})
			}
			line := &panels[k].Lines[0]
			line.Points = append(line.Points, Point{float64(e.Epoch), s.Value})
		}
	}
	return panels
}
