package report

import (
	"bytes"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/graft-ml/graft/train"
)

// play lets a run of two epochs of three steps pass by.
func play(t *testing.T, p *Progress, resumed bool) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	h := p.Hooks()
	start := train.StartInfo{Epochs: 2, StepsPerEpoch: 3}
	if resumed {
		start.Resumed, start.EpochsDone, start.StepsDone = true, 1, 3
	}
	must(h.OnStart(start))
	for step := start.StepsDone + 1; step <= 6; step++ {
		epoch := (step-1)/3 + 1
		if p.Metric == "" { // without a tally there are no scores to ask for
			must(h.OnStep(train.StepInfo{Epoch: epoch, Epochs: 2, Step: step, StepOfEpoch: (step-1)%3 + 1, StepsPerEpoch: 3,
				MeanLoss: 1 / float64(step), EpochItems: 8 * step, EpochSeconds: 0.5}))
		}
		if step == 5 {
			must(h.OnWarning(train.Warning{Kind: train.StepSkipped, Epoch: 2, Step: 5, Text: "the batch is left out"}))
			must(h.OnWarning(train.Warning{Kind: train.LossOutlier, Epoch: 2, Step: 5, Text: "loss 9 is far off"}))
			must(h.OnWarning(train.Warning{Kind: train.GradNormOutlier, Epoch: 2, Step: 5, Text: "norm 9 is far off"}))
		}
		if step%3 == 0 {
			must(h.OnEpoch(train.EpochInfo{Epochs: 2, Entry: train.Entry{Epoch: epoch, Step: step, LR: 1e-3, Best: epoch == 1, ItemsPerSecond: 48.4,
				Train: train.Scores{{Name: "loss", Value: 0.5}, {Name: "mae", Value: 0.25}},
				Val:   train.Scores{{Name: "loss", Value: 0.75}, {Name: "mae", Value: 0.5}}}}))
		}
	}
	must(h.OnEnd(nil))
	p.Close()
}

func TestProgressLines(t *testing.T) {
	var b bytes.Buffer
	play(t, NewProgress(&b, "graphs", "mae"), true)
	got := b.String()
	want := "going on after 1 of 2 epochs, 3 of 6 steps\n" +
		"warning in epoch 2, step 5: the batch is left out\n" +
		"epoch 2/2  train loss 0.5, mae 0.25  val loss 0.75, mae 0.5  lr 0.001  48 graphs/s  <1s left  outliers 2\n"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestProgressBar(t *testing.T) {
	for _, columns := range []int{120, 40, 5} {
		var b bytes.Buffer
		p := NewProgress(&b, "graphs", "")
		p.Columns = func() int { return columns }
		play(t, p, false)
		escapes := regexp.MustCompile(`\x1b\[[0-9]*[A-Za-z]`)
		for _, line := range regexp.MustCompile(`[\r\n]`).Split(escapes.ReplaceAllString(b.String(), ""), -1) {
			if n := len([]rune(strings.TrimRight(line, " "))); n > max(columns, barWidth+10) && !strings.HasPrefix(line, "warning") {
				t.Errorf("%d columns: a line of %d characters: %s", columns, n, line)
			}
		}
		if !strings.HasSuffix(b.String(), "\n") || strings.Count(b.String(), "warning in epoch 2, step 5: the batch is left out\n") != 1 {
			t.Errorf("%d columns: %q", columns, b.String())
		}
		if want := "epoch 2/2  step 3/3  loss 0.1667  val 0.75  96 graphs/s  <1s left"; columns == 120 && !strings.Contains(b.String(), want) {
			t.Errorf("no %q in %q", want, b.String())
		}
	}
}

func TestProgressWriterFails(t *testing.T) {
	p := NewProgress(broken{}, "graphs", "")
	if err := p.Hooks().OnEpoch(train.EpochInfo{}); err != errBroken {
		t.Errorf("got %v", err)
	}
}

func TestProgressKnowsTerminals(t *testing.T) {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if p := NewProgress(f, "graphs", ""); p.Columns() != 0 {
		t.Errorf("%s is taken for a terminal", os.DevNull)
	}
}

func TestLearningCurves(t *testing.T) {
	if panels := LearningCurves("x", nil); panels != nil {
		t.Errorf("panels of an empty log: %v", panels)
	}
	log := []train.Entry{
		{Epoch: 1, Best: true, Train: train.Scores{{Name: "loss", Value: 2}, {Name: "mae", Value: 1}}, Val: train.Scores{{Name: "loss", Value: 3}, {Name: "mae", Value: 2}}},
		{Epoch: 2, Best: true, Train: train.Scores{{Name: "loss", Value: 1}, {Name: "mae", Value: math.NaN()}}, Val: train.Scores{{Name: "loss", Value: 2}, {Name: "mae", Value: 1}}},
		{Epoch: 3, Train: train.Scores{{Name: "loss", Value: 0.5}, {Name: "mae", Value: 0.5}}},
	}
	panels := LearningCurves("zinc", log)
	if len(panels) != 2 || panels[0].Title != "zinc" || panels[1].Title != "" || panels[1].YLabel != "mae" || panels[0].Mark != 2 {
		t.Fatalf("got %+v", panels)
	}
	log[1].LossParts = train.Scores{{Name: "two-order", Value: 0.25}}
	if own := LearningCurves("zinc", log); len(own) != 3 || own[2].YLabel != "loss of two-order" || len(own[2].Lines) != 1 || own[2].Lines[0].Points[0] != (Point{2, 0.25}) {
		t.Errorf("got %+v, want a panel of the model's own loss", own)
	}
	if lines := panels[0].Lines; len(lines) != 2 || len(lines[0].Points) != 3 || len(lines[1].Points) != 2 || lines[1].Points[1] != (Point{2, 2}) {
		t.Errorf("lines %+v", lines)
	}
}
