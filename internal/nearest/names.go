package nearest

import (
	"fmt"
	"slices"
	"strings"
)

// Unknown is the error of a name that is none of the known ones. what says what it was to be a name of.
func Unknown(what, name string, known []string) error {
	return fmt.Errorf("unknown %s %q; did you mean %q? (known: %s)", what, name, To(name, known), strings.Join(known, ", "))
}

// Index is the number of a name in a list of names; the error of one that is not there is that of [Unknown].
func Index(what, name string, names []string) (int, error) {
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	return 0, Unknown(what, name, names)
}

// Text is the name of number k of a kind as encoding.TextMarshaler wants it; the error says that it has none.
func Text(kind string, k int, names []string) ([]byte, error) {
	if k < 0 || k >= len(names) {
		return nil, fmt.Errorf("%s has no name (known: %q)", Name(kind, k, names), names)
	}
	return []byte(names[k]), nil
}

// Name is the name of number k of a kind, or the kind and the number where it has none, such as Pooling(7).
func Name(kind string, k int, names []string) string {
	if k < 0 || k >= len(names) {
		return fmt.Sprintf("%s(%d)", kind, k)
	}
	return names[k]
}
