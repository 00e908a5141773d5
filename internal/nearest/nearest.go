// Package nearest finds the known name that a mistyped one was meant to be, for
// messages such as: unknown data set "zink"; did you mean "zinc"?
//
// # Use
//
//	nearest.To("zink", []string{"csl", "zinc"}) // "zinc"
//
// [To] is what the package is about. [Unknown] is the error that most callers make of
// it, [Index] and [Name] lead from the names of an enumeration to its numbers and back.
// There are no types, and no state.
//
// # Errors
//
// [Unknown] and [Index] give them; they have no prefix of their own. With no known
// names the nearest is empty.
//
// # Imports
//
// The standard library only.
package nearest

import "strings"

// To gives the known name with the fewest edits (inserted, deleted, replaced or
// swapped neighbouring bytes, regardless of case) from name; of equally near
// ones the first. It gives "" if nothing is known.
func To(name string, known []string) string {
	best, fewest := "", 0
	for _, k := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(k)); best == "" || d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// longest bounds the work on a name that nobody typed.
const longest = 256

// distance is the optimal string alignment distance: Levenshtein's, with a swap
// of neighbours as one edit because that is how fingers err.
func distance(a, b string) int {
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			change := 0
			if a[i-1] != b[j-1] {
				change = 1
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
