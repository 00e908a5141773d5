// Package settings reads the settings of a plain struct from words, as they stand after the colons of a name such as
// rope:partial=0.25:interleaved: a setting is a field in lower case, its words joined by hyphens.
//
// # Use
//
//	r := settings.Reader{Unknown: func(name string, known []string) error { return nearest.Unknown("setting", name, known) }}
//	v, err := r.Apply(RoPE{}, []string{"partial=0.25", "interleaved"}) // RoPE{Partial: 0.25, Interleaved: true}
//
// [Reader] is the main type; [Kebab] is how fields are named. Fields may be truth values, whole numbers, float64, lists of
// these joined by x, what reads itself from text, structs (their fields after a dot), and interfaces where the Reader
// knows how to find a value for one.
//
// # Errors
//
// An unknown setting gives the error of the Reader's Unknown; a value that does not fit gives one that says what is
// wanted. A v that is no struct panics.
//
// # Imports
//
// The standard library.
package settings
