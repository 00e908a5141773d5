package cswin

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

// list is List of numbers that Validate has seen.
func (p PerStage) list() []int {
	list, err := p.List()
	if err != nil {
		panic(fmt.Sprintf("cswin: %v", err))
	}
	return list
}
