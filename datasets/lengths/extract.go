package lengths

import (
	"regexp"
	"strings"
)

// Extract finds the answer in a prediction, what a model wrote after the prompt, as the official code does, in the form of
// Example.Answer; "" where there is none. Of a scratchpad only what follows ". Thus, " counts. White space and digits are
// those of ASCII, where Python knows more.
func (t *Task) Extract(prediction string) string {
	if t.def.markers != nil {
		if parts := strings.SplitN(prediction, ". Thus, ", 3); len(parts) > 1 {
			prediction = parts[1]
		}
	}
	return t.def.extract(prediction)
}

// Correct reports whether the answer in a prediction, what a model wrote after the prompt, is that of the example. Any
// string is a prediction, if a wrong one.
func (t *Task) Correct(e Example, prediction string) bool {
	got, want := t.Extract(prediction), e.Answer
	if t.def.folded {
		got, want = strings.ToLower(got), strings.ToLower(want)
	}
	return got == want
}

// The official expressions. They look at one line, and there at the last answer that is followed by what they want.
var (
	numberAnswer = regexp.MustCompile(`.*The answer is\s+(-?\s?[\d.][\d\s.]*)\s*\.`)
	wordAnswer   = regexp.MustCompile(`.*The answer is\s*(.+)\s*\.`)
	listAnswer   = regexp.MustCompile(`.*The sorted list is\s*\[\s*(.*)\s*\]\s*\.?`)
	decimal      = regexp.MustCompile(`^[+-]?\d+$`)
)

// extractWhole is the metric of copy, reverse, scan, pcfg and locate: everything counts, up to a second separator.
func extractWhole(text string) string {
	text, _, _ = strings.Cut(text, separatorWord)
	return strings.TrimSpace(text)
}

// extractNumber is that of addition, poly and sum: "The answer is - 1 6." is -16. A number with a point is none.
func extractNumber(text string) string {
	m := numberAnswer.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return canonical(m[1])
}

// extractWord is that of parity and lego.
func extractWord(text string) string {
	m := wordAnswer.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return strings.TrimSpace(m[1])
}

// extractSymbols is that of sort_single.
func extractSymbols(text string) string {
	m := listAnswer.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	parts := strings.Split(m[1], ",")
	for i, part := range parts {
		parts[i] = strings.TrimSpace(part)
	}
	return strings.Join(parts, ", ")
}

// extractNumbers is that of sort_multi: one part that is no number spoils the list.
func extractNumbers(text string) string {
	m := listAnswer.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	parts := strings.Split(m[1], ",")
	for i, part := range parts {
		if parts[i] = canonical(part); parts[i] == "" {
			return ""
		}
	}
	return strings.Join(parts, ", ")
}

// canonical is the decimal of digits that blanks may separate, without plus and leading zeros; "" where it is no number.
func canonical(text string) string {
	s := strings.Join(strings.Fields(text), "")
	if !decimal.MatchString(s) {
		return ""
	}
	digits := strings.TrimLeft(s, "+-")
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0"
	}
	if s[0] == '-' {
		return "-" + digits
	}
	return digits
}
