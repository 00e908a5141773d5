package vision

import (
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"

	"github.com/graft-ml/graft/studies/internal/trial"
	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/images"
)

// The files of a study's folder.
const (
	SettingsName = trial.SettingsName // all settings but encodings and seeds
	CellsName    = trial.CellsName    // a Cell for each model that was trained and tested
)

// settings are those that all cells of a folder have in common, as YAML.
func (st *study) settings() []byte {
	text, err := yaml.Marshal(struct {
		Images       string              `yaml:"images"`
		Train        int                 `yaml:"train"`
		Test         int                 `yaml:"test"`
		Size         int                 `yaml:"size"`
		Resolutions  string              `yaml:"resolutions"`
		Shifts       int                 `yaml:"shifts"`
		Steps        int                 `yaml:"steps"`
		BatchSize    int                 `yaml:"batchSize"`
		LR           float64             `yaml:"lr"`
		Warmup       int                 `yaml:"warmup"`
		WeightDecay  float64             `yaml:"weightDecay"`
		Clip         float64             `yaml:"clip"`
		Smoothing    float64             `yaml:"smoothing"`
		Augmentation images.Augmentation `yaml:"augmentation"`
		Model        vision.Config       `yaml:"model"`
	}{
		st.Set.Info.Name, st.Set.Train.Len(), st.Set.Test.Len(), st.Size, fmt.Sprint(st.Resolutions), st.Shifts, st.Steps, st.BatchSize, st.LR, st.Warmup,
		st.WeightDecay, st.Clip, st.Smoothing, *st.Augmentation, st.Model,
	})
	if err != nil {
		panic("vision: settings: " + err.Error()) // numbers and words always have a form
	}
	return text
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
		if n := len(st.Resolutions) + 1; err == nil && len(c.Scores) != n {
			err = fmt.Errorf("a result with %d scores, of a study of %d resolutions", len(c.Scores), n)
		}
		cells = append(cells, c)
		return c.Encoding, c.Setting, err
	})
	if err != nil {
		return nil, fmt.Errorf("vision: %w", err)
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
