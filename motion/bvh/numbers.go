package bvh

import (
	"errors"
	"strconv"
	"strings"
)

// Why a word is no number.
var (
	errNoNumber  = errors.New("is no number")
	errNotFinite = errors.New("is not a finite number")
)

// parseNumber reads a decimal number. Hexadecimal ones and underscores, which Go would
// take, are none.
func parseNumber(word []byte) (float64, error) {
	for _, c := range word {
		if !('0' <= c && c <= '9' || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E') {
			return 0, notFinite(word)
		}
	}
	v, err := strconv.ParseFloat(string(word), 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return 0, errNotFinite
	case err != nil:
		return 0, errNoNumber
	}
	return v, nil
}

// notFinite tells words for no number and infinity, as C and Python print them, from
// words that mean nothing.
func notFinite(word []byte) error {
	s := strings.TrimLeft(strings.ToLower(string(word)), "+-")
	for _, begin := range []string{"nan", "inf", "1.#"} {
		if strings.HasPrefix(s, begin) {
			return errNotFinite
		}
	}
	return errNoNumber
}

// float reads a number that stands for what is named.
func (w *words) float(what string) (float64, error) {
	if !w.read() {
		return 0, w.end(what)
	}
	v, err := parseNumber(w.word)
	if err != nil {
		return 0, w.fail("%s: %q %v", what, w.text(), err)
	}
	return v, nil
}

// count reads a whole number from 0 to most.
func (w *words) count(what string, most int) (int, error) {
	if !w.read() {
		return 0, w.end(what)
	}
	n, err := strconv.Atoi(string(w.word))
	if err != nil || n < 0 || n > most {
		return 0, w.fail("%s: %q, expected a whole number from 0 to %d", what, w.text(), most)
	}
	return n, nil
}
