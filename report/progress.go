package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/graft-ml/graft/train"
)

// Progress shows how a run comes along, through the hooks of train: a bar on a
// terminal, a line an epoch elsewhere. Make one with [NewProgress], hand its
// [Progress.Hooks] to the run, and [Progress.Close] it however the run ends.
type Progress struct {
	// Items is what steps are made of, for "graphs/s".
	Items string
	// Metric is the score shown beside the loss; empty: none.
	Metric string
	// Columns gives the width of the terminal; 0 means that there is none.
	Columns func() int

	out      io.Writer
	bar      *progressbar.ProgressBar
	started  time.Time
	first    int // steps that were done before this process
	total    int // steps of the whole run
	shown    time.Time
	val      float64 // of the epoch before
	hasVal   bool
	outliers int // in the epoch at hand
}

// barWidth is that of the bar itself, in characters; the rest of the line tells
// epoch, step and scores.
const barWidth = 16

// redraw is the shortest time between two drawings of the bar.
const redraw = 100 * time.Millisecond

// NewProgress shows progress on out, as a bar where that is a terminal.
func NewProgress(out io.Writer, items, metric string) *Progress {
	return &Progress{Items: items, Metric: metric, out: out, Columns: columnsOf(out)}
}

// Hooks gives the hooks that show progress.
func (p *Progress) Hooks() train.Hooks {
	return train.Hooks{OnStart: p.start, OnStep: p.step, OnEpoch: p.epoch, OnWarning: p.warning,
		OnEnd: func(*train.Result) error { p.Close(); return nil }}
}

// Close ends the line of the bar. It may be called more than once.
func (p *Progress) Close() {
	if p.bar == nil {
		return
	}
	_ = p.bar.Exit() // gives no error
	p.bar = nil
	fmt.Fprintln(p.out)
}

func (p *Progress) start(i train.StartInfo) error {
	p.started, p.first, p.total = time.Now(), i.StepsDone, i.Epochs*i.StepsPerEpoch
	if i.Resumed {
		fmt.Fprintf(p.out, "going on after %d of %d epochs, %s of %s steps\n", i.EpochsDone, i.Epochs, Count(i.StepsDone), Count(p.total))
	}
	if p.Columns() > 0 && p.total > 0 {
		// The wrapper hides that out is a file: the bar would sync it at every drawing.
		p.bar = progressbar.NewOptions(p.total, progressbar.OptionSetWriter(struct{ io.Writer }{p.out}),
			progressbar.OptionSetWidth(barWidth), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionUseANSICodes(true), progressbar.OptionThrottle(0),
			progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}))
	}
	return nil
}

func (p *Progress) step(i train.StepInfo) error {
	if p.bar == nil || time.Since(p.shown) < redraw && i.StepOfEpoch < i.StepsPerEpoch {
		return nil
	}
	p.shown = time.Now()
	parts := []string{
		fmt.Sprintf("epoch %d/%d", i.Epoch, i.Epochs),
		fmt.Sprintf("step %d/%d", i.StepOfEpoch, i.StepsPerEpoch),
		fmt.Sprintf("loss %.4g", i.MeanLoss),
	}
	if p.Metric != "" {
		parts = append(parts, fmt.Sprintf("%s %.4g", p.Metric, i.Scores().Value(p.Metric)))
	}
	if p.hasVal {
		parts = append(parts, fmt.Sprintf("val %.4g", p.val))
	}
	if i.EpochSeconds > 0 {
		parts = append(parts, fmt.Sprintf("%.0f %s/s", float64(i.EpochItems)/i.EpochSeconds, p.Items))
	}
	parts = append(parts, p.left(i.Step)+" left")
	p.bar.Describe(fit(strings.Join(parts, "  "), p.Columns()-barWidth-8)) // 100 % and blanks
	return p.bar.Set(i.Step)
}

func (p *Progress) epoch(i train.EpochInfo) error {
	name := p.Metric
	if name == "" {
		name = "loss"
	}
	p.val, p.hasVal = i.Val.Value(name), i.Val.Has(name)
	outliers := p.outliers
	p.outliers = 0
	if p.bar != nil {
		return nil
	}
	line := fmt.Sprintf("epoch %d/%d  train %s", i.Epoch, i.Epochs, i.Train)
	if len(i.LossParts) > 0 {
		line += fmt.Sprintf("  own losses %s", i.LossParts)
	}
	if len(i.Val) > 0 {
		line += fmt.Sprintf("  val %s", i.Val)
	}
	if i.Best {
		line += " (best)"
	}
	line += fmt.Sprintf("  lr %.3g  %.0f %s/s  %s left", i.LR, i.ItemsPerSecond, p.Items, p.left(i.Step))
	if outliers > 0 {
		line += fmt.Sprintf("  outliers %d", outliers)
	}
	_, err := io.WriteString(p.out, line+"\n")
	return err
}

// warning prints what happened, but for outliers, which a run has now and then: they are counted in the line of their
// epoch.
func (p *Progress) warning(w train.Warning) error {
	if w.Kind == train.LossOutlier || w.Kind == train.GradNormOutlier {
		p.outliers++
		return nil
	}
	where := ""
	if w.Step > 0 {
		where = fmt.Sprintf(" in epoch %d, step %s", w.Epoch, Count(w.Step))
	}
	clear := ""
	if p.bar != nil {
		clear = eraseLine // the bar is drawn again with the next step
	}
	_, err := fmt.Fprintf(p.out, "%swarning%s: %s\n", clear, where, w.Text)
	return err
}

// left estimates the time to the end of the run from the steps of this process.
func (p *Progress) left(step int) string {
	done := step - p.first
	if done <= 0 {
		return "?"
	}
	left := time.Duration(float64(time.Since(p.started)) / float64(done) * float64(p.total-step))
	if left < time.Second {
		return "<1s"
	}
	return Duration(left)
}
