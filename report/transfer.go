package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/graft-ml/graft/internal/bytesize"
)

// Transfer shows how much of a file has come or been worked on, as a bar on a terminal;
// elsewhere it shows nothing. Make one with [NewTransfer], and [Transfer.Clear] it before
// anything else is written.
type Transfer struct {
	out     io.Writer
	columns func() int // 0: no terminal
	bar     *progressbar.ProgressBar
	text    string    // what the bar is about
	total   int64     // of the bar
	since   time.Time // when it began
	first   int64     // what was there then
	shown   time.Time
}

// NewTransfer shows the bar on out, where that is a terminal.
func NewTransfer(out io.Writer) *Transfer { return &Transfer{out: out, columns: columnsOf(out)} }

// Terminal tells whether there is one, so that the bar shows.
func (t *Transfer) Terminal() bool { return t.columns() > 0 }

// Show draws the bar: text says what is being done, done and total are bytes; a total of
// 0 is not known. It is cheap to call often.
func (t *Transfer) Show(text string, done, total int64) {
	columns := t.columns()
	if columns == 0 || t.bar != nil && t.text == text && t.total == total && time.Since(t.shown) < redraw && done != total {
		return
	}
	if t.bar == nil || t.text != text || t.total != total {
		t.Clear()
		most := total
		if most <= 0 {
			most = -1
		}
		// The wrapper hides that out is a file: the bar would sync it at every drawing.
		t.bar = progressbar.NewOptions64(most, progressbar.OptionSetWriter(struct{ io.Writer }{t.out}),
			progressbar.OptionSetWidth(barWidth), progressbar.OptionSetPredictTime(false), progressbar.OptionSetElapsedTime(false),
			progressbar.OptionShowDescriptionAtLineEnd(), progressbar.OptionUseANSICodes(true), progressbar.OptionThrottle(0),
			progressbar.OptionSpinnerType(14), progressbar.OptionSetSpinnerChangeInterval(0),
			progressbar.OptionSetTheme(progressbar.Theme{Saucer: "█", SaucerPadding: "░", BarStart: "", BarEnd: ""}))
		t.text, t.total, t.since, t.first = text, total, time.Now(), done
	}
	t.shown = time.Now()
	parts := []string{text, Bytes(done)}
	if total > 0 {
		parts[1] += " of " + Bytes(total)
	}
	if passed := time.Since(t.since).Seconds(); passed > 1 && done > t.first {
		rate := float64(done-t.first) / passed
		parts = append(parts, Bytes(int64(rate))+"/s")
		if total > done {
			parts = append(parts, Duration(time.Duration(float64(total-done)/rate*float64(time.Second)))+" left")
		}
	}
	t.bar.Describe(fit(strings.Join(parts, "  "), columns-barWidth-8))
	_ = t.bar.Set64(min(done, max(total, 0))) // fails beyond the total only
}

// Clear removes the bar.
func (t *Transfer) Clear() {
	if t.bar == nil {
		return
	}
	_ = t.bar.Exit() // gives no error
	t.bar = nil
	fmt.Fprint(t.out, eraseLine)
}

// Bytes is a size for people: 999 B, 1.2 kB, 35 MB, with units of a thousand.
func Bytes(n int64) string { return bytesize.Format(n) }
