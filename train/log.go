package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// LogName is the name of the log in a run folder: JSON Lines, an [Entry] for each epoch.
const LogName = "log.jsonl"

// Entry is a line of the log. A resumed run logs the same values as one that was never cut short, the times excepted.
type Entry struct {
	Epoch int     `json:"epoch"` // from 1
	Step  int     `json:"step"`  // steps of the run so far
	LR    float64 `json:"lr"`
	// Train holds the scores of the training split as the model went through it: with dropout, and with weights that
	// changed at each step.
	Train Scores `json:"train"`
	// LossParts holds the means of the losses of the model's own (see [nn.LossParts]), with their weights. They were
	// minimised beside the loss of Train, and each step counts in them as much as it does in that.
	LossParts Scores `json:"lossParts,omitempty"`

	Val  Scores `json:"val,omitempty"`
	Test Scores `json:"test,omitempty"` // only with Options.TestEveryEpoch
	Best bool   `json:"best"`           // whether the epoch is the best so far
	// GradNormMean and GradNormMax describe the norm of the gradient before clipping.
	GradNormMean float64 `json:"gradNormMean"`
	GradNormMax  float64 `json:"gradNormMax"`
	// LossZ and GradNormZ are the largest deviations of a step from the 128 before it, in standard deviations.
	LossZ     float64 `json:"lossZ"`
	GradNormZ float64 `json:"gradNormZ"`
	Skipped   int     `json:"skipped"` // steps left out because loss or gradient was not finite

	Seconds        float64 `json:"seconds"`        // of the epoch, evaluation included
	ItemsPerSecond float64 `json:"itemsPerSecond"` // in training
}

// ReadLog returns the entries of a log. A last line that was cut short, by a kill for instance, is passed over; another
// that cannot be read is an error that names the file and the line.
func ReadLog(path string) ([]Entry, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("train: read log: %w", err)
	}
	entries, _, err := parseLog(path, data)
	return entries, err
}

// parseLog returns the entries of whole lines and the offset behind each of them.
func parseLog(path string, data []byte) (entries []Entry, ends []int, err error) {
	for at, line := 0, 1; ; line++ {
		n := bytes.IndexByte(data[at:], '\n')
		if n < 0 {
			return entries, ends, nil
		}
		var e Entry
		if err := json.Unmarshal(data[at:at+n], &e); err != nil {
			return entries, ends, fmt.Errorf("train: %s:%d: not a line of a training log: %w", path, line, err)
		}
		at += n + 1
		entries, ends = append(entries, e), append(ends, at)
	}
}

// appendLog adds a line to the log of a run and sees that it is on disk.
func appendLog(dir string, e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(dir, LogName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Sync(), f.Close())
}

// cutLog removes the lines of epochs after the given one, and what a kill left of an unfinished line. missing tells how
// many epochs up to the given one have no line.
func cutLog(dir string, epoch int) (missing int, err error) {
	path := filepath.Join(dir, LogName)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return epoch, nil
	}
	if err != nil {
		return 0, err
	}
	entries, ends, err := parseLog(path, data)
	if err != nil {
		return 0, fmt.Errorf("%w; repair or remove the file", err)
	}
	keep, end := 0, 0
	for keep < len(entries) && entries[keep].Epoch <= epoch {
		end = ends[keep]
		keep++
	}
	if end < len(data) {
		err = os.Truncate(path, int64(end))
	}
	return max(epoch-keep, 0), err
}
