package recipes

import (
	"fmt"
	"path"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
)

// presets are the functions that return a filled recipe, in the order of listing.
// A new one is a function in a file of its own and a word here.
func presets() []func() Recipe {
	return []func() Recipe{
		CSLGRIT, ZINCGRIT, ZINCGRIT30, PATTERNGRIT, CLUSTERGRIT, FILESGRIT,
		ESOLGRIT, FreeSolvGRIT, LipophilicityGRIT, BBBPGRIT, BACEGRIT,
		CoraGRIT, CiteSeerGRIT, BridgesGRIT, BridgesGPS,
		MUTAGGRIT, PROTEINSGRIT, EXPGRIT, SR25GRIT, PeptidesFuncGRIT, PeptidesFuncGRITSmall,
		CSLGPS, ZINCGPS, ZINCGPSSmall, PATTERNGPS, PATTERNGPSSmall, CLUSTERGPS, CLUSTERGPSSmall,
		PeptidesFuncGPS, PeptidesFuncGPSSmall, CoraGPS, CiteSeerGPS,
		TableRows, Locating2DTPE, Counting2DTPE, TabFact2DTPE, WTQ2DTPE,
		ImagesViT, ImagesCSWin, FashionViT, CIFARViT, FashionCSWin, CIFARCSWin,
		ClipsMotion4DMoT, Motion4DMoT, Motion4DMoTPaper, Bandai4DMoT, CMU4DMoT,
	}
}

// All gives every preset whose name fits the pattern, in order of listing; in
// patterns * stands for any text, ? for one character, and [a-c] for a choice. An
// empty pattern fits all. The error says that the pattern is malformed.
func All(pattern string) ([]Recipe, error) {
	var list []Recipe
	for _, build := range presets() {
		r := build()
		fits, err := path.Match(pattern, r.Name)
		if err != nil {
			return nil, fmt.Errorf("recipes: pattern %q: %w", pattern, err)
		}
		if fits || pattern == "" {
			list = append(list, r)
		}
	}
	return list, nil
}

// Names lists the names of the presets in order of listing.
func Names() []string {
	var names []string
	for _, build := range presets() {
		names = append(names, build().Name)
	}
	return names
}

// Lookup gives the preset of a name. The error of an unknown one tells the nearest.
func Lookup(name string) (Recipe, error) {
	for _, build := range presets() {
		if r := build(); r.Name == name {
			return r, nil
		}
	}
	names := Names()
	return Recipe{}, fmt.Errorf("recipes: unknown preset %q; did you mean %q? (known: %s)",
		name, nearest.To(name, names), strings.Join(names, ", "))
}

// preset begins a preset: what is made of it notes that it started from there.
func preset(name, about string) Recipe {
	r := Default()
	r.Name, r.Base, r.About = name, name, about
	return r
}
