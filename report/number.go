package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Number is a figure for people: six significant digits, and no exponent between
// a hundred thousandth and a million. Programs get all digits; see [Table].
func Number(v float64) string {
	if a := math.Abs(v); a >= 1e-5 && a < 1e6 {
		digits := 5 - int(math.Floor(math.Log10(a)))
		s := strconv.FormatFloat(v, 'f', max(0, digits), 64)
		if strings.Contains(s, ".") {
			s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
		}
		return s
	}
	return strconv.FormatFloat(v, 'g', 6, 64)
}

// Duration is a time for people, two units at most: 1.2s, 3m05s, 2h07m, 4d03h.
func Duration(d time.Duration) string {
	seconds := int64(d.Round(time.Second) / time.Second)
	switch {
	case d < 0:
		return "-" + Duration(-d)
	case d < time.Second:
		return fmt.Sprintf("%dms", d.Round(time.Millisecond)/time.Millisecond)
	case seconds < 10:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm%02ds", seconds/60, seconds%60)
	case seconds < 86400:
		return fmt.Sprintf("%dh%02dm", seconds/3600, seconds/60%60)
	}
	return fmt.Sprintf("%dd%02dh", seconds/86400, seconds/3600%24)
}

// Count is a whole number for people, with commas between thousands.
func Count(n int) string {
	s := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func join(words []string) string { return strings.Join(words, ", ") }
