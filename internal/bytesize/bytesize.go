// Package bytesize reads and writes amounts of memory as people do: 500MiB, 6 GB.
//
// # Use
//
//	limit, err := bytesize.Parse("1.5GiB")  // 1610612736
//	text := bytesize.Format(limit)          // "1.6 GB"
//
// [Parse] and [Format] are all there is. Units of a thousand (kB, MB, GB, TB) and of 1,024 (KiB, MiB, GiB, TiB) are told
// apart, as the standard IEC 80000-13 has them.
//
// # Errors
//
// Text that is no amount is refused with what came and what is wanted; the error has no prefix.
//
// # Imports
//
// The standard library.
package bytesize

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// units are the known ones; upper and lower case are one.
var units = map[string]float64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
	"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}

// Parse returns the number of bytes that text says: a number above 0, which may have a fraction, and a unit, with a blank
// between them or not. Without a unit it is bytes.
func Parse(text string) (int64, error) {
	trimmed := strings.TrimSpace(text)
	end := strings.LastIndexAny(trimmed, "0123456789.") + 1
	unit, known := units[strings.ToLower(strings.TrimSpace(trimmed[end:]))]
	number, err := strconv.ParseFloat(trimmed[:end], 64)
	switch {
	case err != nil || strings.Trim(trimmed[:end], "0123456789.") != "":
		return 0, fmt.Errorf("%.20q is no amount of memory: want a number and a unit, such as 6GB or 500MiB", text)
	case !known:
		return 0, fmt.Errorf("%.20q: unknown unit %.20q: want B, kB, MB, GB or TB, or KiB, MiB, GiB or TiB", text, trimmed[end:])
	case !(number*unit >= 1):
		return 0, fmt.Errorf("%.20q is less than a byte: want a number above 0", text)
	case number*unit >= math.MaxInt64:
		return 0, fmt.Errorf("%.20q is more than any machine has", text)
	}
	return int64(math.Round(number * unit)), nil
}

// Format is an amount for people: 999 B, 1.2 kB, 35 MB, with units of a thousand.
func Format(n int64) string {
	names := [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
	v, u := float64(n), 0
	for v >= 999.5 && u < len(names)-1 {
		v, u = v/1000, u+1
	}
	if u > 0 && v < 9.95 {
		return fmt.Sprintf("%.1f %s", v, names[u])
	}
	return fmt.Sprintf("%.0f %s", v, names[u])
}
