package vision

import (
	"fmt"
	"strconv"
	"strings"
)

// PerStage is a number for every stage of a model, with commas between them: 1,2,21,1. As a text it is a setting like any
// other of a configuration file.
type PerStage string

// Limits of what a configuration may ask for.
const (
	mostStages = 16
	mostEach   = 1 << 16
)

// Stages returns the text of a list of numbers.
func Stages(numbers ...int) PerStage {
	words := make([]string, len(numbers))
	for k, n := range numbers {
		words[k] = strconv.Itoa(n)
	}
	return PerStage(strings.Join(words, ","))
}

// List returns the numbers; the error says what is no list of positive numbers.
func (p PerStage) List() ([]int, error) {
	if p == "" {
		return nil, nil
	}
	words := strings.Split(string(p), ",")
	if len(words) > mostStages {
		return nil, fmt.Errorf("%d stages: want at most %d", len(words), mostStages)
	}
	list := make([]int, len(words))
	for k, word := range words {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > mostEach {
			return nil, fmt.Errorf("%.20q is no number of a stage: want numbers from 1 to %d with commas between them, such as 1,2,21,1", word, mostEach)
		}
		list[k] = n
	}
	return list, nil
}

// Numbers is List of a text that a configuration's Validate has let pass; any other panics.
func (p PerStage) Numbers() []int {
	list, err := p.List()
	if err != nil {
		panic(fmt.Sprintf("vision: PerStage: %v", err))
	}
	return list
}

// StageSetting is a setting of a configuration that has a number for every stage.
type StageSetting struct {
	Name string
	List PerStage
}

// CheckStages returns how many stages the settings of a model are for. The error names the first that is no list of
// positive numbers, or has another number of stages than the first.
func CheckStages(settings ...StageSetting) (stages int, err error) {
	for k, s := range settings {
		list, err := s.List.List()
		switch {
		case err != nil:
			return 0, fmt.Errorf("%s: %w", s.Name, err)
		case k == 0:
			stages = len(list)
		case len(list) != stages:
			return 0, fmt.Errorf("%s %s has numbers for %d stages, and %s %s has them for %d: want as many", s.Name, s.List, len(list), settings[0].Name, settings[0].List, stages)
		}
	}
	return stages, nil
}
