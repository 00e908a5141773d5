package studies

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/studies/internal/trial"
)

// The files of a study's folder.
const (
	SettingsName = trial.SettingsName // all settings but encodings and seeds
	CellsName    = trial.CellsName    // a Cell for each model that was trained and tested
)

// settings are those that all cells of a folder have in common, as YAML.
func (st *study) settings() []byte {
	o := st.Options
	o.Train, o.Test = st.task.Lengths(lengths.Train), st.task.Lengths(lengths.Test)
	var b bytes.Buffer
	line := func(key string, value any) { fmt.Fprintf(&b, "%s: %v\n", key, value) }
	line("task", st.Task)
	line("train", o.Train)
	line("test", o.Test)
	line("symbols", o.Symbols)
	line("scratchpad", o.Scratchpad)
	line("steps", st.Steps)
	line("batchSize", st.BatchSize)
	line("lr", st.LR)
	line("warmup", st.Warmup)
	line("weightDecay", st.WeightDecay)
	line("clip", st.Clip)
	line("examples", st.Examples)
	line("validations", st.Validations)
	line("tests", st.Tests)
	b.WriteString("model:\n")
	model, err := yaml.Marshal(st.Model.WithDefaults())
	if err != nil {
		panic("studies: settings: " + err.Error()) // numbers and words always have a form
	}
	for l := range strings.Lines(string(model)) {
		b.WriteString("  " + l)
	}
	return b.Bytes()
}

// open opens the study's folder and returns the cells that it has.
func (st *study) open() (cells []Cell, err error) {
	models := map[string]string{}
	for _, s := range st.Subjects {
		models[s.Name] = s.setting()
	}
	store := trial.Store{Dir: st.Dir, Interval: st.CheckpointInterval, Settings: st.settings(), Models: models}
	st.kept, err = trial.Open(store, func(line []byte) (name, setting string, err error) {
		c, err := parseCell(line)
		cells = append(cells, c)
		return c.Encoding, c.Setting, err
	})
	if err != nil {
		return nil, fmt.Errorf("studies: %w", err)
	}
	return cells, nil
}

// parseCell reads a line of the results.
func parseCell(line []byte) (c Cell, err error) {
	if err = json.Unmarshal(line, &c); err == nil {
		err = c.check()
	}
	return c, err
}

// check reports what no result can have.
func (c *Cell) check() error {
	if c.Encoding == "" {
		return errors.New("a result without an encoding")
	}
	return trial.CheckExams("length", len(c.Scores), func(i int) trial.Exam {
		return trial.Exam{Size: c.Scores[i].Length, Right: c.Scores[i].Right, Examples: c.Scores[i].Examples}
	})
}
