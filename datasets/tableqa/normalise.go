package tableqa

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// The patterns of the official normalize. What may not stand at the beginning there by a
// look-behind, which Go's expressions lack, is searched for from the second character on.
var (
	lateCitations  = regexp.MustCompile(`(?:\[[^\]]*\]|[•♦†‡*#+])*$`)
	earlyCitations = regexp.MustCompile(`^(?:\[[0-9]+\]|[•♦†‡*#+])(?:\[[^\]]*\]|[•♦†‡*#+])*$`)
	details        = regexp.MustCompile(`(?: \([^)]*\))*$`)
	quoted         = regexp.MustCompile(`^"([^"]*)"$`)
)

// plainMarks are the quotes and dashes that normalising makes one.
var plainMarks = strings.NewReplacer("‘", "'", "’", "'", "´", "'", "`", "'", "“", `"`, "”", `"`,
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "−", "-")

// Normalise brings a text to the form in which the evaluator of WikiTableQuestions compares
// texts (normalize of evaluator.py, v1.0.2): without diacritics, footnote marks, details in
// parentheses at the end, outermost quotes and a final dot; with plain quotes and dashes,
// single blanks and small letters.
func Normalise(s string) string {
	s = plainMarks.Replace(withoutMarks(norm.NFKD.String(strings.ToValidUTF8(s, ""))))
	for old := s + "."; s != old; {
		old = s
		s = withoutCitations(trim(s))
		s = cutLate(details, trim(s))
		s = quoted.ReplaceAllString(trim(s), "$1")
	}
	s = strings.TrimSuffix(s, ".")
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, space), " "))
}

// withoutMarks drops the combining marks of category Mn.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
}

// withoutCitations drops footnote marks at the end. At the very beginning only a number in
// brackets or a symbol is one.
func withoutCitations(s string) string {
	if earlyCitations.MatchString(s) {
		return ""
	}
	return cutLate(lateCitations, s)
}

// cutLate drops what a pattern finds at the end, searching from the second character on.
func cutLate(pattern *regexp.Regexp, s string) string {
	if s == "" {
		return s
	}
	_, size := utf8.DecodeRuneInString(s)
	if at := pattern.FindStringIndex(s[size:]); at != nil {
		return s[:size+at[0]]
	}
	return s
}

// space tells what Python takes for white space: the separators 1C to 1F of ASCII too.
func space(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func trim(s string) string { return strings.TrimFunc(s, space) }
