package recipes

import (
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/graft-ml/graft/internal/nearest"
)

// Limits of what Parse reads: bytes, and openings of nested structure. A full
// configuration has less than 3,000 bytes and no lists. The YAML parser takes time
// in the square of the nesting and would overflow the stack on a hostile file.
const (
	maxFile     = 64 << 10
	maxOpenings = 1000
)

// Parse reads a recipe from YAML. Settings that the text does not give are those
// of the preset that its key "base" names, or those of [Default]. name is that of
// the file, for messages and as the recipe's name where the text gives none.
//
// An unknown key is refused with the nearest known one, a value of the wrong type
// with what the setting takes, both as a *[ParseError] with line and column.
// Whether a run can be made of it says [Recipe.Validate].
func Parse(r io.Reader, name string) (Recipe, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Recipe{}, fmt.Errorf("recipes: %s: %w", name, err)
	}
	recipe, bad := parse(data)
	if bad != nil {
		bad.File = name
		return Recipe{}, bad
	}
	if recipe.Name == "" {
		file := filepath.Base(name)
		recipe.Name = strings.TrimSuffix(file, filepath.Ext(file))
	}
	return recipe, nil
}

func parse(data []byte) (Recipe, *ParseError) {
	if len(data) > maxFile {
		return Recipe{}, &ParseError{Reason: fmt.Sprintf("more than %d bytes", maxFile), Hint: "this is not a configuration file"}
	}
	entries, bad := topLevel(data)
	if bad != nil {
		return Recipe{}, bad
	}
	r := Default()
	if i := slices.IndexFunc(entries, func(e entry) bool { return e.key == "base" }); i >= 0 {
		name, _, bad := scalar(entries[i].value)
		if bad != nil {
			return r, bad
		}
		if name != "" {
			base, err := Lookup(name)
			if err != nil {
				return r, wrong(entries[i].value, strings.TrimPrefix(err.Error(), "recipes: "), "")
			}
			r = base
			r.Name = ""
		}
	}
	bad = fill(reflect.ValueOf(&r).Elem(), entries, "the configuration")
	if bad == nil {
		r.settle()
	}
	return r, bad
}

// fill sets the fields of a section from the entries of a mapping.
func fill(section reflect.Value, entries []entry, what string) *ParseError {
	switch section.Addr().Interface().(type) {
	case *Model, *Data:
		// The kind decides which other keys there are.
		slices.SortStableFunc(entries, func(a, b entry) int { return -compareBool(a.key == "kind", b.key == "kind") })
	}
	for _, e := range entries {
		fields := fieldsOf(section)
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == e.key })
		if other := otherKind(section, e.key); other != "" {
			return wrong(e.node, fmt.Sprintf("the key %q in %s: %s", e.key, what, other), "")
		}
		if i < 0 {
			var known []string
			for _, f := range fields {
				known = append(known, f.key)
			}
			return wrong(e.node, fmt.Sprintf("unknown key %q in %s", clip(e.key), what),
				fmt.Sprintf("did you mean %q? (known: %s)", nearest.To(e.key, known), strings.Join(known, ", ")))
		}
		var bad *ParseError
		if f := fields[i]; f.section() {
			bad = fillSection(f, e)
		} else {
			bad = fillValue(f, e.value)
		}
		if bad != nil {
			return bad
		}
	}
	return nil
}

func fillSection(f field, e entry) *ParseError {
	var keys []string
	for _, sub := range fieldsOf(f.value) {
		keys = append(keys, sub.key)
	}
	m, ok := e.value.(ast.MapNode)
	if !ok {
		return wrong(e.node, fmt.Sprintf("%s is a section, %s was found", f.key, kindOf(e.value)),
			"write its settings indented below it: "+strings.Join(keys, ", "))
	}
	entries, bad := entriesOf(m)
	if bad != nil {
		return bad
	}
	return fill(f.value, entries, f.key)
}

func fillValue(f field, node ast.Node) *ParseError {
	value, quoted, bad := scalar(node)
	if bad != nil {
		bad.Reason = f.key + ": " + bad.Reason
		return bad
	}
	if quoted && !takesText(f.value) {
		return wrong(node, fmt.Sprintf("%s: %q is text", f.key, clip(value)), "leave the quotes out")
	}
	if err := assign(f.value, value); err != nil {
		return wrong(node, f.key+": "+err.Error(), "")
	}
	return nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// clip shortens text from a file for a message.
func clip(s string) string {
	if len(s) > 60 {
		return s[:57] + "..."
	}
	return s
}
