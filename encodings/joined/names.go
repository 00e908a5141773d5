package joined

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/internal/settings"
)

// Known is an encoding with the name by which commands and configurations call for it.
type Known struct {
	Name     string
	About    string // in a few words
	Encoding Encoding
}

// List returns all encodings with their defaults.
func List() []Known {
	return []Known{
		{"rwse", "return probabilities of random walks", RWSE{}},
		{"lappe", "eigenvectors of the Laplacian, a network over frequencies", LapPE{}},
		{"signnet", "eigenvectors of the Laplacian, whatever their signs", SignNet{}},
		{"degree", "a learned vector for the number of edges in and out", Degree{}},
		{"degree-profile", "the degrees of a node and its neighbours", DegreeProfile{}},
		{"heat-kernel", "the heat left at a node after some times", HeatKernel{}},
		{"electrostatic", "potentials between a node and the others", Electrostatic{}},
	}
}

// Names returns the names of [List].
func Names() []string {
	var names []string
	for _, k := range List() {
		names = append(names, k.Name)
	}
	return names
}

// ByName returns the encoding of a name, with its settings, if there are any, after colons, or of several names joined by
// plus signs:
//
//	rwse
//	lappe:width=16:frequencies=10:laplacian=sym
//	lappe+rwse:times=1x2x4x8
//
// A setting is a field of the encoding's struct in lower case, its words joined by hyphens, the fields of what it embeds
// among them; a truth value without = is true. The error of an unknown name or setting tells the nearest known one.
// Whether settings fit each other, New says.
func ByName(text string) (Encoding, error) {
	words := strings.Split(text, "+")
	if len(words) == 1 {
		return byName(text)
	}
	var all Combined
	for _, word := range words {
		e, err := byName(word)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func byName(text string) (Encoding, error) {
	name, rest, more := strings.Cut(text, ":")
	list := List()
	i := slices.IndexFunc(list, func(k Known) bool { return k.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("joined: %w", nearest.Unknown("encoding", name, Names()))
	}
	if !more {
		return list[i].Encoding, nil
	}
	reader := settings.Reader{Unknown: func(name string, known []string) error { return nearest.Unknown("setting", name, known) }}
	e, err := reader.Apply(list[i].Encoding, strings.Split(rest, ":"))
	if err != nil {
		return nil, fmt.Errorf("joined: %s: %w", text, err)
	}
	return e.(Encoding), nil
}
