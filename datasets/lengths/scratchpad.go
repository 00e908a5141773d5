package lengths

import (
	"fmt"
	"strings"
)

// Scratchpad says which components of each step a target spells out before the answer. The zero value is no scratchpad;
// [FullScratchpad] and [MinimalScratchpad] are the two of the paper, which leaves out one component in others.
type Scratchpad struct {
	Input       bool // what the step works on
	Computation bool
	Output      bool
	Variables   bool // what is carried on; sort and lego carry nothing, so the component is not there
	Remaining   bool // what is left to do
	// Verbose takes the long markers that the official code has by default ("We have:"), rather than the short ones of the
	// published runs ("comp").
	Verbose bool
}

// FullScratchpad has all components.
func FullScratchpad() Scratchpad {
	return Scratchpad{Input: true, Computation: true, Output: true, Variables: true, Remaining: true}
}

// MinimalScratchpad has computation and output.
func MinimalScratchpad() Scratchpad { return Scratchpad{Computation: true, Output: true} }

// String is "none" or the official name of the configuration, such as "i1_c1_o1_v0_r1", with "_verbose" after it for long
// markers.
func (s Scratchpad) String() string {
	if s == (Scratchpad{}) {
		return "none"
	}
	var b strings.Builder
	for i, on := range s.components() {
		if i > 0 {
			b.WriteByte('_')
		}
		b.WriteByte("icovr"[i])
		if *on {
			b.WriteByte('1')
		} else {
			b.WriteByte('0')
		}
	}
	if s.Verbose {
		b.WriteString("_verbose")
	}
	return b.String()
}

func (s *Scratchpad) components() [5]*bool {
	return [...]*bool{&s.Input, &s.Computation, &s.Output, &s.Variables, &s.Remaining}
}

// ParseScratchpad reads what String writes, and "full" and "minimal".
func ParseScratchpad(text string) (Scratchpad, error) {
	switch text {
	case "none":
		return Scratchpad{}, nil
	case "full":
		return FullScratchpad(), nil
	case "minimal":
		return MinimalScratchpad(), nil
	}
	var s Scratchpad
	var short string
	short, s.Verbose = strings.CutSuffix(text, "_verbose")
	parts := strings.Split(short, "_")
	ok := len(parts) == len(s.components())
	for i, on := range s.components() {
		if ok = ok && len(parts[i]) == 2 && parts[i][0] == "icovr"[i] && strings.Contains("01", parts[i][1:]); ok {
			*on = parts[i][1] == '1'
		}
	}
	if !ok {
		return Scratchpad{}, fmt.Errorf("lengths: scratchpad %q: want none, minimal, full, or five components with 1 or 0 such as i1_c1_o1_v0_r1", text)
	}
	return s, nil
}

// step is one step of a scratchpad.
type step struct{ input, computation, output, variables, remaining string }

// markers stand before the components of steps and between steps.
type markers struct{ separator, input, computation, output, variables, variablesEnd, remaining string }

// shortMarkers are those of the published runs.
func shortMarkers() *markers { return &markers{" # ", "in", "comp", "out", "[", "]", "re"} }

// verboseMarkers are the official defaults; tasks differ in how they speak of input, output and rest.
func verboseMarkers(input, output, remaining string) *markers {
	return &markers{" ; Next, ", input, "We have:", output, ". and currently,", ".", remaining}
}

// text spells out the steps, from "Thinking step by step" to "Thus". Each component is followed by a blank, and empty ones
// leave two: the official strings to the last blank.
func (s Scratchpad) text(steps []step, d *definition) string {
	m := shortMarkers()
	if s.Verbose {
		m = d.markers
	}
	var b strings.Builder
	component := func(on bool, parts ...string) {
		if !on {
			return
		}
		for _, part := range parts {
			b.WriteString(part)
			b.WriteByte(' ')
		}
	}
	b.WriteString("Thinking step by step:  ")
	for i, step := range steps {
		if i > 0 {
			b.WriteString(m.separator)
		}
		component(s.Input, m.input, step.input)
		component(s.Computation, m.computation, step.computation)
		component(s.Output, m.output, step.output)
		component(s.Variables && d.variables, m.variables, step.variables, m.variablesEnd)
		component(s.Remaining, m.remaining, step.remaining)
	}
	b.WriteString(" . Thus,  ")
	return b.String()
}
