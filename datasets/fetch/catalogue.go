package fetch

import (
	"slices"
	"strings"
)

// catalogue lists the items in order of name.
func catalogue() []Item {
	all := slices.Concat(molecules(), peptides(), tu(), planetoid(), zinc(), pictures())
	slices.SortFunc(all, func(a, b Item) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Names lists what [Find] knows, in alphabetical order.
func Names() []string {
	var names []string
	for _, i := range catalogue() {
		names = append(names, i.Name)
	}
	return names
}

// Find gives a data set by the name that package datasets gives it, or datasets/imagesets. The error is an
// *UnknownError.
func Find(name string) (Item, error) {
	for _, i := range catalogue() {
		if i.Name == name {
			return i, nil
		}
	}
	return Item{}, &UnknownError{Name: name, Known: Names()}
}
