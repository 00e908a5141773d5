package tables

import (
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/tables/decoder"
)

// The files of a study's folder.
const (
	SettingsName = trial.SettingsName // all settings but tasks, readers and seeds
	CellsName    = trial.CellsName    // a Cell for each model that was trained and tested
)

// settings are those that all cells of a folder have in common, as YAML.
func (st *study) settings() []byte {
	text, err := yaml.Marshal(struct {
		Sizes       string         `yaml:"sizes"`
		TestSizes   string         `yaml:"testSizes"`
		Steps       int            `yaml:"steps"`
		BatchTokens int            `yaml:"batchTokens"`
		Curriculum  float64        `yaml:"curriculum"`
		Focus       float64        `yaml:"focus"`
		LR          float64        `yaml:"lr"`
		Warmup      int            `yaml:"warmup"`
		Beta2       float64        `yaml:"beta2"`
		WeightDecay float64        `yaml:"weightDecay"`
		Clip        float64        `yaml:"clip"`
		Tests       int            `yaml:"tests"`
		Model       decoder.Config `yaml:"model"`
	}{
		fmt.Sprint(st.Sizes), fmt.Sprint(st.TestSizes), st.Steps, st.BatchTokens, st.Curriculum, st.Focus, st.LR, st.Warmup, st.Beta2,
		st.WeightDecay, st.Clip, st.Tests, st.Model,
	})
	if err != nil {
		panic("tables: settings: " + err.Error()) // numbers and words always have a form
	}
	return text
}

// open opens the study's folder and returns the cells that it has.
func (st *study) open() (cells []Cell, err error) {
	models := map[string]string{}
	for _, r := range st.Readers {
		models[r.Name] = r.setting()
	}
	store := trial.Store{Dir: st.Dir, Interval: st.CheckpointInterval, Settings: st.settings(), Models: models}
	st.kept, err = trial.Open(store, func(line []byte) (name, setting string, err error) {
		c, err := parseCell(line)
		cells = append(cells, c)
		return c.Reader, c.Setting, err
	})
	if err != nil {
		return nil, fmt.Errorf("tables: %w", err)
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
