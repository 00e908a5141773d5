package vision

import (
	"fmt"
	"math"
)

// Setting is a number of a configuration by its name.
type Setting struct {
	Name  string
	Value float64
}

// CheckProbabilities reports the first setting that is no probability below 1.
func CheckProbabilities(settings ...Setting) error {
	for _, s := range settings {
		if !(s.Value >= 0 && s.Value < 1) {
			return fmt.Errorf("%s is %v: want a probability below 1", s.Name, s.Value)
		}
	}
	return nil
}

// CheckPositive reports the first setting, zeros replaced by their defaults, that is not positive and finite.
func CheckPositive(settings ...Setting) error {
	for _, s := range settings {
		if !(s.Value > 0) || math.IsInf(s.Value, 0) {
			return fmt.Errorf("%s is %v: want a positive number, or 0 for the default", s.Name, s.Value)
		}
	}
	return nil
}
